import Basis

/// A value made of settings: properties declared with ``Setting``, slots declared with ``Slot``, and groups of these.
///
/// Declare a structure whose properties all have defaults, and an `init()`. All else comes from the declarations.
public protocol SettingGroup: Decodable, Sendable, Equatable {
    /// All settings at their defaults.
    init()

    /// Rules between settings that are not kept; each names the setting, by its name in this group.
    func conflicts() -> [SettingConflict]
}

extension SettingGroup {
    public func conflicts() -> [SettingConflict] { [] }

    /// Equal in all settings.
    public static func == (a: Self, b: Self) -> Bool {
        a.flattened().map { [$0.key, $0.value.description] } == b.flattened().map { [$0.key, $0.value.description] }
    }

    /// Settings, slots and groups in the order of their declaration.
    var members: [(name: String, property: String, member: SettingMember)] {
        Mirror(reflecting: self).children.compactMap { label, value in
            // The storage of a wrapped property has its name behind an underscore.
            let property = String((label ?? "").drop { $0 == "_" })
            let member: SettingMember
            switch value {
            case let setting as any AnySetting: member = .setting(setting)
            case let slot as any AnySlot: member = .slot(slot)
            case let group as any SettingGroup: member = .group(group)
            default: preconditionFailure("\(Self.self).\(property) is neither a setting nor a slot nor a group")
            }
            return (property.snakeCased, property, member)
        }
    }
}

/// What a group is made of.
enum SettingMember {
    case setting(any AnySetting)
    case slot(any AnySlot)
    case group(any SettingGroup)
}

/// Settings that are impossible together.
public struct SettingConflict: Sendable, Equatable {
    /// The name of the setting in its group.
    let name: String
    let rule: String

    /// - Parameters:
    ///   - name: of the setting to change, in snake case
    ///   - rule: completes "it must be ..."
    public init(_ name: String, mustBe rule: String) {
        self.name = name
        self.rule = rule
    }
}
