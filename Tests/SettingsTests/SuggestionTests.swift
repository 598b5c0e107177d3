import Settings
import Testing

@Suite("Unknown settings")
struct SuggestionTests {
    @Test(
        "A misspelt key, or one without its group, names the one that was probably meant",
        arguments: [
            ("serving.gests", "serving.guests"), ("servign.guests", "serving.guests"), ("guests", "serving.guests"),
            ("geusts", "serving.guests"), ("Serving.Guests", "serving.guests"), ("cook.guests", "serving.guests"),
            ("degrees", "heat.degrees"), ("height", "heat.height"), ("serving.plate.widht", "serving.plate.width"),
            ("is_warm", "serving.plate.is_warm"),
        ])
    func nearest(key: String, meant: String) throws {
        #expect(
            try Meal().problems("\(key)=1") == [.unknownKey(key, suggestion: meant, origin: "--set")])
    }

    @Test("A word that is near nothing has no suggestion", arguments: ["zzzzzz", "serving.zzzzzzzzzzzz", "a.b.c", "."])
    func far(key: String) throws {
        #expect(try Meal().problems("\(key)=1") == [.unknownKey(key, suggestion: nil, origin: "--set")])
    }

    @Test(
        "A misspelt kind names the nearest, a far one the kinds there are",
        arguments: [("flam", "flame"), ("ovne", "oven"), ("Flame", "flame"), ("microwave", nil)] as [(String, String?)])
    func kind(name: String, meant: String?) throws {
        #expect(
            try Meal().problems("heat=\(name)") == [
                .value(key: "heat", value: name, rule: "one of oven, flame", suggestion: meant, origin: "--set")
            ])
    }

    @Test("A setting of another kind says which kind has it, also within a group")
    func otherKind() throws {
        #expect(
            try Meal().problems("heat.height=1") == [
                .otherKind(key: "heat.height", slot: "heat", kind: "oven", kinds: ["flame"], origin: "--set")
            ])
        #expect(
            try Meal().problems("heat=flame", "heat.hours=1").map(\.description) == [
                "heat.hours (--set) is a setting of oven, but heat is flame; choose heat=oven, or leave it out"
            ])
        let nested = #expect(throws: SettingsError.self) {
            try Party().applying([Assignment("dinner.heat.height", .integer(1), from: "--set")])
        }
        #expect(
            nested?.problems == [
                .otherKind(
                    key: "dinner.heat.height", slot: "dinner.heat", kind: "oven", kinds: ["flame"], origin: "--set")
            ])
    }

    @Test("Where the kind itself is unknown, its settings are not blamed, but words that no kind has are")
    func undecided() throws {
        #expect(try Meal().problems("heat=flam", "heat.height=1").map(\.key) == ["heat"])
        #expect(try Meal().problems("heat=flam", "heat.colour=1").map(\.key) == ["heat", "heat.colour"])
    }

    @Test("A message says what is wrong, who said it and what to do")
    func text() throws {
        let problems = try Meal().problems("serving.gests=1", "heat=flam", "zzzzzz=1", "serving.guests=0")
        #expect(
            Set(problems.map(\.description)) == [
                "there is no setting 'serving.gests' (--set); did you mean 'serving.guests'?",
                "heat is 'flam' (--set), but it must be one of oven, flame; did you mean 'flame'?",
                "there is no setting 'zzzzzz' (--set); `flowmatch settings` lists them",
                "serving.guests is '0' (--set), but it must be an integer of 1 or more",
            ])
        #expect(SettingsError([problems[0]]).description == problems[0].description)
    }
}

/// A slot below two groups.
private struct Party: SettingGroup {
    var dinner = Meal()

    init() {}
}
