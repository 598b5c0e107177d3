/// One kind of a slot, such as the linear path: its name, a sentence, and its own settings.
public protocol SettingKind: SettingGroup {
    /// As it is written in files and on command lines, such as `linear`.
    static var name: String { get }
    /// As it is written in a report, such as "DiT".
    static var title: String { get }
    /// One sentence, for the manual.
    static var summary: String { get }
}

extension SettingKind {
    public static var title: String { name }

    /// ``name``, of a kind whose type is not known.
    public var kindName: String { Self.name }

    /// ``title``, of a kind whose type is not known.
    public var kindTitle: String { Self.title }
}

/// The kinds that a slot can hold. Adding one is its file and its place in this list.
public struct Registry<Member: Sendable>: Sendable {
    /// What the slot decides; one sentence.
    public let summary: String
    /// Each kind with all settings at their defaults.
    public let members: [Member]

    /// - Parameter members: values of types that are ``SettingKind``s, of different names, at their defaults
    public init(_ summary: String, _ members: [Member]) {
        self.summary = summary
        self.members = members
        precondition(Set(names).count == names.count, "two kinds of one name among \(names)")
    }

    public var kinds: [any SettingKind] { members.map(Registry.kind) }

    public var names: [String] { kinds.map(\.kindName) }

    /// The kind of a name, at its defaults.
    public subscript(_ name: String) -> Member? {
        names.firstIndex(of: name).map { members[$0] }
    }

    static func kind(_ member: Member) -> any SettingKind {
        guard let kind = member as? any SettingKind else { preconditionFailure("\(member) is no kind of a slot") }
        return kind
    }
}

/// Declares a slot of a ``SettingGroup``: a place for one of several kinds.
///
///     @Slot(ProbabilityPaths.registry) public var path: any ProbabilityPath = LinearPath()
@propertyWrapper
public struct Slot<Member: Sendable>: Sendable {
    public var wrappedValue: Member
    let registry: Registry<Member>
    let role: SettingRole

    /// - Parameters:
    ///   - wrappedValue: the default
    ///   - role: of the choice; a recording one may change when a run is resumed
    public init(wrappedValue: Member, _ registry: Registry<Member>, role: SettingRole = .science) {
        self.wrappedValue = wrappedValue
        self.registry = registry
        self.role = role
    }
}

/// A slot whose members' type is not known.
protocol AnySlot {
    var kind: any SettingKind { get }
    var kinds: [any SettingKind] { get }
    var declaration: SettingDeclaration { get }
    func replaced(by kind: any SettingKind) -> any AnySlot
}

extension AnySlot {
    var kindName: String { kind.kindName }
    var kindNames: [String] { kinds.map(\.kindName) }
}

extension Slot: AnySlot {
    var kind: any SettingKind { Registry.kind(wrappedValue) }
    var kinds: [any SettingKind] { registry.kinds }

    var declaration: SettingDeclaration {
        SettingDeclaration(
            summary: registry.summary, unit: "", form: .choice, choices: registry.names,
            rule: "one of \(registry.names.joined(separator: ", "))", role: role,
            mayChangeOnResume: role == .recording)
    }

    func replaced(by kind: any SettingKind) -> any AnySlot {
        guard let member = kind as? Member else { preconditionFailure("\(kind) is of another slot") }
        var slot = self
        slot.wrappedValue = member
        return slot
    }
}

extension Slot: Decodable {
    /// A slot cannot be read by itself: ``SettingGroup/applying(_:)`` is what reads.
    public init(from decoder: any Decoder) throws { throw ReadByItself.error(decoder) }
}
