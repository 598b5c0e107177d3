import Foundation
import Settings
import Testing

@Suite("Configuration files")
struct FileTests {
    private func read(_ text: String, headerKeys: Set<String> = []) throws -> SettingsFile {
        try SettingsFile(Data(text.utf8), path: "meal.json", headerKeys: headerKeys)
    }

    private func meal(_ text: String) throws -> Meal { try Meal().applying(read(text).assignments) }

    @Test("Every type is read from JSON")
    func types() throws {
        let meal = try meal(
            #"""
            {"heat": {"kind": "oven", "degrees": 200.0, "hours": 3, "trays": [1, 5]},
             "serving": {"guests": 2, "seed": 18446744073709551615, "cook": "Ada", "sauce": "green", "salted": false,
                         "plate": {"kind": "plate", "width": 10, "is_warm": false}}}
            """#)
        let oven = try #require(meal.heat as? Oven)
        #expect(oven.degrees == 200 && oven.hours == 3 && oven.trays == [1, 5])
        #expect(meal.serving.guests == 2 && meal.serving.seed == .max && meal.serving.cook == "Ada")
        #expect(meal.serving.sauce == .green && !meal.serving.salted)
        #expect(meal.serving.plate.width == 10 && !meal.serving.plate.isWarm)
    }

    @Test("A slot may be the mere name of its kind, and an empty file is the defaults")
    func shortForms() throws {
        #expect(try meal(#"{"heat": "flame"}"#).heat is Flame)
        #expect((try meal(#"{"heat": {"kind": "flame", "height": 2}}"#).heat as? Flame)?.height == 2)
        #expect(try meal("{}") == Meal())
    }

    @Test(
        "JSON has types: text is no number, a number no text, a number no flag",
        arguments: [
            #"{"heat": {"degrees": "200"}}"#, #"{"heat": {"hours": "2"}}"#, #"{"heat": {"trays": "1,2"}}"#,
            #"{"heat": {"trays": [1.5]}}"#, #"{"heat": {"trays": [true]}}"#, #"{"heat": {"degrees": [200]}}"#,
            #"{"heat": {"degrees": true}}"#, #"{"heat": 3}"#, #"{"serving": {"salted": 1}}"#,
            #"{"serving": {"salted": "true"}}"#, #"{"serving": {"cook": 3}}"#, #"{"serving": {"sauce": false}}"#,
            #"{"serving": {"seed": -1}}"#, #"{"serving": {"seed": 1.5}}"#, #"{"serving": {"seed": "1"}}"#,
        ])
    func wrongTypes(text: String) throws {
        let error = try #require(throws: SettingsError.self) { try meal(text) }
        guard case .value(_, _, _, _, origin: "meal.json") = error.problems.first, error.problems.count == 1 else {
            Issue.record("\(error.problems)")
            return
        }
    }

    @Test("Keys that are no settings are told with the file's path", arguments: ["serving.gests", "gests", "serving"])
    func unknownKeys(key: String) throws {
        let parts = key.split(separator: ".")
        let text = parts.reversed().reduce("1") { inner, part in "{\"\(part)\": \(inner)}" }
        let error = try #require(throws: SettingsError.self) { try meal(text) }
        #expect(error.problems.count == 1 && error.description.contains("'\(key)' (meal.json)"))
    }

    @Test(
        "A file that is no object of settings says so",
        arguments: [
            "", "[]", "{", "3", "null", #"{"heat": null}"#, #"{"heat": {"degrees": null}}"#, "{\"a\": }", "\u{0}",
        ])
    func malformed(text: String) throws {
        let error = try #require(throws: SettingsFileError.self) { try read(text) }
        #expect(error.description.hasPrefix("meal.json is no configuration: it must be a JSON object"))
    }

    @Test("What is written is read: the file of a group gives the group back")
    func roundTrip() throws {
        let meal = try Meal().applying(
            "heat=flame", "heat.height=0.1", "serving.seed=9223372036854775808", "serving.cook=a \"b\" \\ ü",
            "serving.salted=false")
        let data = try meal.json()
        #expect(try Meal().applying(SettingsFile(data, path: "meal.json").assignments) == meal)
        #expect(try Meal().applying(SettingsFile(Meal().json(), path: "meal.json").assignments) == Meal())
        #expect(try meal.json() == data)
    }

    @Test("The form of the file is nested objects with sorted keys, a slot's kind inside")
    func form() throws {
        let text = String(decoding: try Meal().json(header: ["format": .integer(2)]), as: UTF8.self)
        #expect(
            text == """
                {
                  "format" : 2,
                  "heat" : {
                    "degrees" : 180,
                    "hours" : 1.5,
                    "kind" : "oven",
                    "trays" : [
                      2,
                      4
                    ]
                  },
                  "serving" : {
                    "cook" : "nobody",
                    "guests" : 4,
                    "plate" : {
                      "is_warm" : true,
                      "kind" : "plate",
                      "width" : 240
                    },
                    "salted" : true,
                    "sauce" : "red",
                    "seed" : 0
                  }
                }

                """)
    }

    @Test("The header is apart from the settings")
    func header() throws {
        let data = try Meal().json(header: ["format": .integer(2), "program": .text("cooking 1")])
        let file = try SettingsFile(data, path: "meal.json", headerKeys: ["format", "program"])
        #expect(file.header == ["format": .integer(2), "program": .text("cooking 1")])
        #expect(try Meal().applying(file.assignments) == Meal())
        #expect(throws: SettingsError.self) { try Meal().applying(SettingsFile(data, path: "meal.json").assignments) }
    }
}
