import Foundation
import Settings
import Testing

@Suite("Manual")
struct ManualTests {
    private let manual = SettingsManual(Meal())

    @Test("A slot is a section with all its kinds, a group one with its knobs")
    func sections() throws {
        #expect(manual.sections.map(\.name) == ["heat", "serving"])
        let heat = try manual.section("heat")
        #expect(heat.choice?.defaultValue == .text("oven") && heat.choice?.rule == "one of oven, flame")
        #expect(heat.summary == "What makes it hot." && heat.knobs.isEmpty)
        #expect(
            heat.kinds.map(\.name) == ["oven", "flame"] && heat.kinds.map(\.summary) == ["All around.", "From below."])
        #expect(heat.kinds[1].knobs.map(\.key) == ["heat.degrees", "heat.height"])
        let serving = try manual.section("serving")
        #expect(serving.choice == nil && serving.kinds.isEmpty && serving.knobs.count == 8)
        #expect(
            manual.knob("serving.cook")?.role == "recording" && manual.knob("serving.cook")?.mayChangeOnResume == true)
        #expect(manual.knob("heat.height")?.defaultValue == .number(0.25))
        #expect(manual.knob("heat.degrees")?.defaultValue == .integer(180))
        #expect(manual.knob("heat.colour") == nil)
    }

    @Test("Each knob says what form its value has, and the words it can be")
    func forms() throws {
        let serving = try manual.section("serving").knobs
        #expect(serving.map(\.form) == [.integer, .integer, .text, .choice, .boolean, .choice, .integer, .boolean])
        #expect(manual.knob("heat.hours")?.form == .number && manual.knob("heat.trays")?.form == .integers)
        #expect(manual.knob("serving.sauce")?.choices == ["none", "red", "green"])
        #expect(manual.knob("heat")?.form == .choice && manual.knob("heat")?.choices == ["oven", "flame"])
        #expect(manual.knob("heat.hours")?.choices == [])
    }

    @Test("A section that does not exist is an error with the nearest name")
    func unknownSection() throws {
        let error = try #require(throws: SettingsError.self) { try manual.section("haet") }
        #expect(error.description == "the group is 'haet', but it must be one of heat, serving; did you mean 'heat'?")
    }

    @Test("For people: key, default, unit, sentence and rule; a slot with its default kind, or each kind in full")
    func text() throws {
        let heat = try manual.section("heat")
        #expect(
            heat.text(withKinds: false) == """
                heat: What makes it hot.
                  heat = oven
                      One of oven, flame.
                  heat.degrees = 180 degrees
                      How hot. An integer from 20 to 300.
                  heat.hours = 1.5
                      Hours without a look. A number above 0.
                  heat.trays = 2,4
                      Heights of the trays. A list of 1 to 3 integers from 1 to 5.
                """)
        let all = heat.text(withKinds: true)
        #expect(all.contains("\n\nheat=flame: From below.\n  heat.degrees = 600 degrees\n"))
        let serving = try manual.section("serving").text(withKinds: true)
        #expect(serving.hasPrefix("serving\n  serving.guests = 4 people\n"))
        #expect(serving.contains("An integer of 1 or more. May change when a run is resumed."))
        #expect(manual.text == heat.text(withKinds: false) + "\n\n" + serving)
    }

    @Test("For tools: JSON that gives the manual back")
    func json() throws {
        let text = try manual.json()
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        #expect(try decoder.decode(SettingsManual.self, from: Data(text.utf8)) == manual)
        #expect(text.contains(#""may_change_on_resume" : true"#) && text.contains(#""default_value" : "oven""#))
    }
}
