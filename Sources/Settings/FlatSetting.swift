/// One setting of a group with its full key, such as `path.beta_max`.
public struct FlatSetting: Sendable, Equatable {
    /// The full key, such as `optimizer.learning_rate`.
    public let key: String
    /// What it is set to.
    public let value: SettingValue
    /// What was declared of it.
    public let declaration: SettingDeclaration
    /// Whether the value is the kind of a slot.
    public let isKind: Bool
    /// Its slot or group, the first word of the key.
    public var group: String { FlatSetting.group(ofKey: key) }

    /// The first word of a full key: `optimizer` of `optimizer.learning_rate`.
    static func group(ofKey key: String) -> String { String(key.prefix { $0 != "." }) }
}

extension SettingGroup {
    /// All settings in the order of their declaration; a slot comes before its kind's own.
    ///
    /// - Parameter prefix: of the keys
    public func flattened(prefix: String = "") -> [FlatSetting] {
        members.flatMap { name, _, member -> [FlatSetting] in
            let key = prefix + name
            switch member {
            case .setting(let setting):
                return [
                    FlatSetting(key: key, value: setting.value, declaration: setting.declaration, isKind: false)
                ]
            case .slot(let slot):
                let kind = FlatSetting(
                    key: key, value: .text(slot.kindName), declaration: slot.declaration, isKind: true)
                return [kind] + slot.settings(of: slot.kind, prefix: key + ".")
            case .group(let group): return group.flattened(prefix: key + ".")
            }
        }
    }

    /// The value of a setting by its full key, or the name of a slot's kind; nil where there is no such key.
    public func value(of key: String) -> SettingValue? { flattened().first { $0.key == key }?.value }

    /// The settings in which this group differs from another, in the order of their declaration.
    ///
    /// Where a slot holds two kinds, they alone are named: their settings cannot be compared.
    public func differences(from other: Self) -> [SettingDifference] {
        let theirs = Dictionary(uniqueKeysWithValues: other.flattened().map { ($0.key, $0) })
        var otherKinds: [String] = []
        return flattened().compactMap { mine in
            guard let other = theirs[mine.key], other.value != mine.value,
                !otherKinds.contains(where: { mine.key.hasPrefix($0) })
            else { return nil }
            if mine.isKind { otherKinds.append(mine.key + ".") }
            return SettingDifference(
                key: mine.key, value: mine.value, otherValue: other.value, declaration: mine.declaration)
        }
    }
}

extension AnySlot {
    /// A kind's own settings; in a slot that is recording, they are too.
    func settings(of kind: any SettingKind, prefix: String) -> [FlatSetting] {
        let settings = kind.flattened(prefix: prefix)
        guard declaration.role == .recording else { return settings }
        return settings.map {
            FlatSetting(key: $0.key, value: $0.value, declaration: $0.declaration.asRecording, isKind: $0.isKind)
        }
    }
}

/// A setting in which two groups differ.
public struct SettingDifference: Sendable, Equatable, CustomStringConvertible {
    /// The full key.
    public let key: String
    /// Here.
    public let value: SettingValue
    /// There.
    public let otherValue: SettingValue
    /// What was declared of it.
    public let declaration: SettingDeclaration

    /// `training.seed: 0, not 1`
    public var description: String { "\(key): \(value), not \(otherValue)" }
}
