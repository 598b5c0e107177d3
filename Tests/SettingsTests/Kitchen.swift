import Settings

/// A kind of heat: what the tests' slot holds.
protocol Heat: SettingKind {}

struct Oven: Heat {
    static let name = "oven"
    static let summary = "All around."

    @Setting("How hot.", unit: "degrees", .from(20, through: 300)) var degrees = 180
    @Setting("Hours without a look.", .above(0)) var hours = 1.5
    @Setting("Heights of the trays.", .list(of: 1...3, each: 1...5)) var trays = [2, 4]

    init() {}

    func conflicts() -> [SettingConflict] {
        degrees > 250 && hours > 2 ? [SettingConflict("hours", mustBe: "at most 2 above 250 degrees")] : []
    }
}

struct Flame: Heat {
    static let name = "flame"
    static let title = "Open flame"
    static let summary = "From below."

    @Setting("How hot.", unit: "degrees", .from(20, below: 1000)) var degrees = 600
    @Setting("How high.", .atLeast(0)) var height = 0.25

    init() {}
}

enum Sauce: String, SettingChoice {
    case none, red, green
}

enum Heats {
    static let registry = Registry<any Heat>("What makes it hot.", [Oven(), Flame()])
}

/// How it looks: a recording slot, since the taste stays.
struct Plate: SettingKind {
    static let name = "plate"
    static let summary = "Round."

    @Setting("Across.", unit: "mm", .atLeast(1)) var width = 240
    @Setting("Whether it is warm.") var isWarm = true

    init() {}
}

struct Serving: SettingGroup {
    @Setting("How many.", unit: "people", .atLeast(1), mayChangeOnResume: true) var guests = 4
    @Setting("Draws the seats.") var seed: UInt64 = 0
    @Setting("Who cooks.", role: .recording) var cook = "nobody"
    @Setting("What goes over it.") var sauce = Sauce.red
    @Setting("Whether there is salt.") var salted = true
    @Slot(Registry<Plate>("What it lies on.", [Plate()]), role: .recording) var plate = Plate()

    init() {}

    func conflicts() -> [SettingConflict] {
        !salted && sauce == .none ? [SettingConflict("sauce", mustBe: "red or green where there is no salt")] : []
    }
}

/// A slot and a group that holds every type of setting and a slot of its own.
struct Meal: SettingGroup {
    @Slot(Heats.registry) var heat: any Heat = Oven()
    var serving = Serving()

    init() {}

    /// With assignments as they are typed.
    func applying(_ texts: String...) throws(SettingsError) -> Meal {
        var assignments: [Assignment] = []
        for text in texts { assignments.append(try Assignment(text: text, from: "--set")) }
        return try applying(assignments)
    }

    /// What is wrong with assignments as they are typed.
    func problems(_ texts: String...) throws -> [SettingProblem] {
        do {
            _ = try applying(texts.map { try Assignment(text: $0, from: "--set") })
            return []
        } catch let error as SettingsError {
            return error.problems
        }
    }
}
