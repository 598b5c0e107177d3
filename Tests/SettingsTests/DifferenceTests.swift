import Settings
import Testing

@Suite("Differences and roles")
struct DifferenceTests {
    @Test("Two groups differ in the settings that have other values, in the order of declaration")
    func values() throws {
        let meal = try Meal().applying("serving.guests=2", "heat.hours=2")
        let differences = meal.differences(from: Meal())
        #expect(differences.map(\.description) == ["heat.hours: 2, not 1.5", "serving.guests: 2, not 4"])
        #expect(differences.map(\.declaration.mayChangeOnResume) == [false, true])
        #expect(Meal().differences(from: Meal()).isEmpty)
        #expect(Meal() != meal)
    }

    @Test("Where two slots hold different kinds, their own settings are not compared")
    func kinds() throws {
        let flame = try Meal().applying("heat=flame", "serving.guests=2")
        #expect(
            flame.differences(from: Meal()).map(\.description) == ["heat: flame, not oven", "serving.guests: 2, not 4"])
        #expect(Meal().differences(from: flame).map(\.key) == ["heat", "serving.guests"])
    }

    @Test("A recording slot makes its kinds' settings recording, and they may change on resume")
    func recording() throws {
        let settings = Dictionary(uniqueKeysWithValues: Meal().flattened().map { ($0.key, $0) })
        for key in ["serving.plate", "serving.plate.width", "serving.plate.is_warm", "serving.cook"] {
            let declaration = try #require(settings[key]).declaration
            #expect(declaration.role == .recording && declaration.mayChangeOnResume, "\(key)")
        }
        for key in ["heat", "heat.degrees", "serving.seed"] {
            let declaration = try #require(settings[key]).declaration
            #expect(declaration.role == .science && !declaration.mayChangeOnResume, "\(key)")
        }
        let width = try #require(settings["serving.plate.width"]).declaration
        #expect(width.summary == "Across." && width.unit == "mm" && width.rule == "an integer of 1 or more")
        #expect(settings["serving.plate"]?.isKind == true && settings["serving.plate.width"]?.isKind == false)
    }

    @Test("A registry finds its kinds by name")
    func registry() throws {
        #expect(Heats.registry.names == ["oven", "flame"])
        #expect(Heats.registry["flame"] is Flame && Heats.registry["Open flame"] == nil)
        #expect(Flame.title == "Open flame" && Oven.title == "oven")
    }

    @Test("Two kinds of one name are a programmer's mistake")
    func twice() async {
        await #expect(processExitsWith: .failure) { _ = Registry<any Heat>("Twice.", [Oven(), Flame(), Oven()]) }
    }
}
