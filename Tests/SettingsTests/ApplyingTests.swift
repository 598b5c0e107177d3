import Settings
import Testing

@Suite("Assignments")
struct ApplyingTests {
    @Test("What is left out has the default that its declaration states")
    func defaults() throws {
        let meal = Meal()
        let values = meal.flattened().map { "\($0.key)=\($0.value)" }
        #expect(
            values == [
                "heat=oven", "heat.degrees=180", "heat.hours=1.5", "heat.trays=2,4", "serving.guests=4",
                "serving.seed=0", "serving.cook=nobody", "serving.sauce=red", "serving.salted=true",
                "serving.plate=plate", "serving.plate.width=240", "serving.plate.is_warm=true",
            ])
        #expect(try meal.applying() == meal)
        #expect(throws: Never.self) { try meal.validate() }
    }

    @Test("Every type is read as it is typed")
    func typed() throws {
        let meal = try Meal().applying(
            "heat.degrees=200", "heat.hours=3", "heat.trays=[1, 3,5]", "serving.guests=1e2",
            "serving.seed=18446744073709551615", "serving.cook=a=b", "serving.sauce=green", "serving.salted=false",
            "serving.plate.width=1")
        let oven = try #require(meal.heat as? Oven)
        #expect(oven.degrees == 200 && oven.hours == 3 && oven.trays == [1, 3, 5])
        #expect(meal.serving.guests == 100 && meal.serving.seed == .max && meal.serving.cook == "a=b")
        #expect(meal.serving.sauce == .green && !meal.serving.salted && meal.serving.plate.width == 1)
        #expect(try Meal().applying("serving.cook=").serving.cook == "")
        #expect((try Meal().applying("heat.trays=3").heat as? Oven)?.trays == [3])
    }

    @Test(
        "A value of another type or out of range names its key, value and rule",
        arguments: [
            ("heat.degrees=19", "an integer from 20 to 300"), ("heat.degrees=301", "an integer from 20 to 300"),
            ("heat.degrees=warm", "an integer from 20 to 300"), ("heat.degrees=20.5", "an integer from 20 to 300"),
            ("heat.degrees=", "an integer from 20 to 300"), ("heat.hours=0", "a number above 0"),
            ("heat.hours=nan", "a number above 0"), ("heat.hours=inf", "a number above 0"),
            ("heat.hours=1,5", "a number above 0"), ("heat.trays=", "a list of 1 to 3 integers from 1 to 5"),
            ("heat.trays=1,2,3,4", "a list of 1 to 3 integers from 1 to 5"),
            ("heat.trays=1,,2", "a list of 1 to 3 integers from 1 to 5"),
            ("heat.trays=[1", "a list of 1 to 3 integers from 1 to 5"),
            ("heat.trays=6", "a list of 1 to 3 integers from 1 to 5"), ("serving.guests=0", "an integer of 1 or more"),
            ("serving.guests=1e30", "an integer of 1 or more"), ("serving.seed=-1", "an integer of 0 or more"),
            ("serving.seed=18446744073709551616", "an integer of 0 or more"),
            ("serving.sauce=blue", "one of none, red, green"), ("serving.salted=yes", "true or false"),
        ])
    func ranges(text: String, rule: String) throws {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        #expect(
            try Meal().problems(text) == [
                .value(key: parts[0], value: parts[1], rule: rule, suggestion: nil, origin: "--set")
            ])
    }

    @Test("A bound that is excluded is, one that is included is not")
    func bounds() throws {
        #expect((try Meal().applying("heat.degrees=300").heat as? Oven)?.degrees == 300)
        #expect((try Meal().applying("heat=flame", "heat.degrees=999").heat as? Flame)?.degrees == 999)
        #expect(
            try Meal().problems("heat=flame", "heat.degrees=1000") == [
                .value(
                    key: "heat.degrees", value: "1000", rule: "an integer of 20 or more and below 1000",
                    suggestion: nil,
                    origin: "--set")
            ])
        #expect((try Meal().applying("heat=flame", "heat.height=0").heat as? Flame)?.height == 0)
    }

    @Test("Another kind begins with its defaults, the kind that is there keeps its values")
    func kinds() throws {
        let hot = try Meal().applying("heat.degrees=240", "heat.hours=4")
        let same = try #require(try hot.applying("heat=oven", "heat.hours=3").heat as? Oven)
        #expect(same.degrees == 240 && same.hours == 3)
        let flame = try hot.applying("heat.height=1", "heat=flame")
        #expect((flame.heat as? Flame)?.degrees == 600 && (flame.heat as? Flame)?.height == 1)
        #expect((try flame.applying("heat=oven").heat as? Oven) == Oven())
    }

    @Test("A later assignment wins, whatever the earlier one was")
    func later() throws {
        #expect(try Meal().applying("serving.guests=many", "serving.guests=3", "serving.guests=5").serving.guests == 5)
        #expect(try Meal().applying("heat=flame", "heat=oven") == Meal())
        #expect(try Meal().problems("serving.guests=3", "serving.guests=many").count == 1)
    }

    @Test("Everything that is wrong is said at once, and nothing is changed by halves")
    func all() throws {
        let problems = try Meal().problems(
            "heat.degrees=0", "serving.gests=2", "serving.salted=perhaps", "nonsense=1", "heat.height=2")
        #expect(problems.count == 5)
        let text = SettingsError(problems).description
        #expect(text.hasPrefix("5 settings are wrong:\n"))
        for part in ["heat.degrees", "serving.gests", "serving.salted", "nonsense", "heat.height"] {
            #expect(text.contains(part), "\(part)")
        }
    }

    @Test("Conflicts are told after ranges, with the setting that should change")
    func conflicts() throws {
        let hours = SettingProblem.value(
            key: "heat.hours", value: "3", rule: "at most 2 above 250 degrees", suggestion: nil, origin: nil)
        #expect(try Meal().problems("heat.degrees=260", "heat.hours=3") == [hours])
        let sauce = try Meal().problems("serving.salted=false", "serving.sauce=none")
        #expect(
            sauce == [
                .value(
                    key: "serving.sauce", value: "none", rule: "red or green where there is no salt", suggestion: nil,
                    origin: nil)
            ])
        #expect(
            try Meal().problems("heat.degrees=260", "heat.hours=3", "serving.guests=0").map(\.key) == ["serving.guests"]
        )
        #expect(
            try Meal().problems("heat.degrees=260", "heat.hours=3", "serving.salted=false", "serving.sauce=none").count
                == 2)
    }

    @Test("Values that were set in Swift are checked by the same rules")
    func validated() throws {
        var meal = Meal()
        meal.serving.guests = 0
        meal.serving.plate.width = 0
        var oven = Oven()
        oven.hours = .nan
        meal.heat = oven
        let error = try #require(throws: SettingsError.self) { try meal.validate() }
        #expect(error.problems.map(\.key) == ["heat.hours", "serving.guests", "serving.plate.width"])
    }

    @Test("What is wrong with the form of assignments is told with what is wrong with their values")
    func texts() throws {
        var texts = AssignmentTexts([Assignment("serving.guests", .integer(2), from: "file")])
        texts.add("serving.cook=Ada", from: "--set")
        let meal = try texts.resolved { try Meal().applying($0) }
        #expect(meal.serving.guests == 2 && meal.serving.cook == "Ada")
        texts.add("hot", from: "--set")
        let form = #expect(throws: SettingsError.self) { try texts.resolved { try Meal().applying($0) } }
        #expect(form?.problems == [.malformed("hot", origin: "--set")])
        texts.add("serving.guests=0", from: "--set")
        let both = #expect(throws: SettingsError.self) { try texts.resolved { try Meal().applying($0) } }
        #expect(both?.problems.map(\.key) == ["hot", "serving.guests"])
    }

    @Test("Text without a key or a value is no assignment", arguments: ["depth", "=4", "", "="])
    func malformed(text: String) {
        let error = #expect(throws: SettingsError.self) { try Assignment(text: text, from: "--set") }
        #expect(error?.problems == [.malformed(text, origin: "--set")])
        #expect(error?.description.contains("'\(text)' (--set) is no setting; write KEY=VALUE") == true)
    }
}

extension SettingProblem {
    /// The setting that a problem is about.
    var key: String {
        switch self {
        case .unknownKey(let key, _, _), .otherKind(let key, _, _, _, _), .value(let key, _, _, _, _): key
        case .malformed(let text, _): text
        }
    }
}
