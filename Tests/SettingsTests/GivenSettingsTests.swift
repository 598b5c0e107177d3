import Settings
import Testing

@Suite("Settings that somebody gave")
struct GivenSettingsTests {
    @Test("Nothing is given until it is, in Swift or by an assignment, were it to the default")
    func given() throws {
        #expect(Meal().givenKeys.isEmpty)
        let meal = try Meal().applying("heat.degrees=180", "serving.guests=2", "serving.plate.width=9")
        #expect(meal.givenKeys == ["heat.degrees", "serving.guests", "serving.plate.width"])
        #expect(try meal.applying("serving.seed=0").givenKeys == meal.givenKeys.union(["serving.seed"]))
        var other = Meal()
        other.serving.guests = 4
        #expect(other.givenKeys == ["serving.guests"])
        #expect(other == Meal())
    }

    @Test("A slot's new kind begins with nothing given, and a whole file gives everything")
    func kindsAndFiles() throws {
        let flame = try Meal().applying("heat.degrees=200").applying("heat=flame")
        #expect(flame.givenKeys.isEmpty)
        let file = try SettingsFile(Meal().json(), path: "meal.json")
        let settings = Meal().flattened().filter { !$0.isKind }.map(\.key)
        #expect(try Meal().applying(file.assignments).givenKeys == Set(settings))
    }
}
