/// Whether a setting decides the numbers of a run.
public enum SettingRole: String, Sendable {
    /// It decides the result: two runs that differ in it are two experiments.
    case science
    /// It decides what is written down, where things are, or how the work is done; the numbers stay.
    case recording
}

/// Declares one knob of a ``SettingGroup``: everything that is known of it stands here, and its value beside it.
///
/// The property's name in snake case is the knob's; its first value is the default.
///
///     @Setting("Images a step, drawn without repeats.", unit: "images", .atLeast(1)) public var batchSize = 250
@propertyWrapper
public struct Setting<Value: SettingType>: Sendable {
    /// The value; the default until somebody gives one.
    public var wrappedValue: Value { didSet { isGiven = true } }
    private(set) var isGiven = false
    let summary: String
    let unit: String
    let range: SettingRange<Value>
    let role: SettingRole
    let mayChangeOnResume: Bool

    /// - Parameters:
    ///   - wrappedValue: the default
    ///   - summary: one sentence
    ///   - unit: of the value, where it has one
    ///   - range: what values are possible
    ///   - role: whether it decides the result or only what is recorded
    ///   - mayChangeOnResume: whether a run may go on with another value; left out, only where the setting is
    ///     recording
    public init(
        wrappedValue: Value, _ summary: String, unit: String = "", _ range: SettingRange<Value> = .any,
        role: SettingRole = .science, mayChangeOnResume: Bool? = nil
    ) {
        self.wrappedValue = wrappedValue
        self.summary = summary
        self.unit = unit
        self.range = range
        self.role = role
        self.mayChangeOnResume = mayChangeOnResume ?? (role == .recording)
    }
}

/// A setting whose type is not known: what a walk over a group meets.
protocol AnySetting {
    var value: SettingValue { get }
    var declaration: SettingDeclaration { get }
    /// Whether somebody set the value, were it to the default.
    var isGiven: Bool { get }
    /// The same declaration with another value; nil where the value is not possible.
    func replaced(by value: SettingValue) -> (any AnySetting)?
}

extension Setting: AnySetting {
    var value: SettingValue { wrappedValue.settingValue }

    var declaration: SettingDeclaration {
        SettingDeclaration(
            summary: summary, unit: unit, form: Value.form, choices: Value.choices, rule: range.rule, role: role,
            mayChangeOnResume: mayChangeOnResume)
    }

    func replaced(by value: SettingValue) -> (any AnySetting)? {
        guard let new = Value(value), range.contains(new) else { return nil }
        var setting = self
        setting.wrappedValue = new
        return setting
    }
}

extension Setting: Decodable {
    /// A declaration cannot be read from a file: ``SettingGroup/applying(_:)`` is what reads.
    public init(from decoder: any Decoder) throws { throw ReadByItself.error(decoder) }
}

/// What is known of a setting besides its name and value.
public struct SettingDeclaration: Sendable, Equatable {
    /// One sentence.
    public let summary: String
    /// Its unit, such as "steps"; empty where it has none.
    public let unit: String
    /// What kind of value it is.
    public let form: SettingForm
    /// The words that the value can be, where it is one of a few.
    public let choices: [String]
    /// Completes "it must be ...".
    public let rule: String
    /// Whether it decides the result or only what is recorded.
    public private(set) var role: SettingRole
    /// Whether a run may be resumed with another value.
    public private(set) var mayChangeOnResume: Bool

    /// As it is within a slot that is recording.
    var asRecording: SettingDeclaration {
        var declaration = self
        declaration.role = .recording
        declaration.mayChangeOnResume = true
        return declaration
    }
}
