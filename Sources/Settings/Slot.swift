import Synchronization

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

/// The kinds that a slot can hold. Adding one to this package is its file and its place in this list; a program that uses
/// the package adds its own by ``register(_:)``.
public final class Registry<Member: Sendable>: Sendable {
    /// What the slot decides; one sentence.
    public let summary: String
    private let registered: Mutex<[Member]>

    /// - Parameters:
    ///   - summary: what the slot decides, in a sentence
    ///   - members: values of types that are ``SettingKind``s, of different names, at their defaults
    public init(_ summary: String, _ members: [Member]) {
        self.summary = summary
        registered = Mutex([])
        for member in members { register(member) }
    }

    /// Each kind with all settings at their defaults.
    public var members: [Member] { registered.withLock { $0 } }

    /// Adds a kind of a program's own, which then has its name in configurations, flags, manual and reports. To be
    /// called before anything is read.
    ///
    /// - Parameter member: a ``SettingKind`` of a name that no other has, at its defaults
    public func register(_ member: Member) {
        let name = Registry.kind(member).kindName
        registered.withLock { members in
            precondition(!members.contains { Registry.kind($0).kindName == name }, "two kinds are named \(name)")
            members.append(member)
        }
    }

    /// Each kind, at its defaults, in the order of registration.
    public var kinds: [any SettingKind] { members.map(Registry.kind) }

    /// The kinds' names, in the order of registration.
    public var names: [String] { kinds.map(\.kindName) }

    /// The kind of a name, at its defaults.
    public subscript(_ name: String) -> Member? {
        members.first { Registry.kind($0).kindName == name }
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
    /// The kind that is chosen, with its settings.
    public var wrappedValue: Member
    let registry: Registry<Member>
    let role: SettingRole

    /// - Parameters:
    ///   - wrappedValue: the default
    ///   - registry: the kinds that there are
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
