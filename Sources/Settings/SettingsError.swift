/// Everything that is wrong with a configuration, all at once.
public struct SettingsError: Error, Equatable, CustomStringConvertible {
    /// At least one, in the order in which they were found.
    public let problems: [SettingProblem]

    /// - Parameter problems: at least one
    public init(_ problems: [SettingProblem]) { self.problems = problems }

    public var description: String {
        guard problems.count > 1 else { return problems.map(\.description).joined() }
        return "\(problems.count) settings are wrong:\n" + problems.map { "  \($0)" }.joined(separator: "\n")
    }
}

/// One thing that is wrong with a configuration.
public enum SettingProblem: Error, Equatable, Sendable, CustomStringConvertible {
    /// A key that no setting has; the nearest that one has, and who gave it.
    case unknownKey(String, suggestion: String?, origin: String?)
    /// A setting of another kind than the slot holds.
    case otherKind(key: String, slot: String, kind: String, kinds: [String], origin: String?)
    /// A value that is out of range or of another type.
    case value(key: String, value: String, rule: String, suggestion: String?, origin: String?)
    /// Not of the form `KEY=VALUE`.
    case malformed(String, origin: String)

    /// The key that it is about; nil where there is none.
    public var key: String? {
        switch self {
        case .unknownKey(let key, _, _), .otherKind(let key, _, _, _, _), .value(let key, _, _, _, _): key
        case .malformed: nil
        }
    }

    public var description: String {
        switch self {
        case .unknownKey(let key, let suggestion, let origin):
            "there is no setting '\(key)'\(Self.given(origin)); "
                + (suggestion.map { "did you mean '\($0)'?" } ?? "`flowmatch settings` lists them")
        case .otherKind(let key, let slot, let kind, let kinds, let origin):
            "\(key)\(Self.given(origin)) is a setting of \(kinds.joined(separator: ", ")), but \(slot) is \(kind); "
                + "choose \(slot)=\(kinds[0]), or leave it out"
        case .value(let key, let value, let rule, let suggestion, let origin):
            "\(key) is '\(value)'\(Self.given(origin)), but it must be \(rule)"
                + (suggestion.map { "; did you mean '\($0)'?" } ?? "")
        case .malformed(let text, let origin):
            "'\(text)'\(Self.given(origin)) is no setting; write KEY=VALUE, such as training.batch_size=64"
        }
    }

    private static func given(_ origin: String?) -> String { origin.map { " (\($0))" } ?? "" }
}
