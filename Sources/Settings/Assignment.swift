import Basis

/// A value for a setting, and who gave it.
public struct Assignment: Sendable, Equatable {
    /// The setting's full key, such as `optimizer.learning_rate`, or a slot's name for its kind.
    public let key: String
    /// Its slot or group, the first word of the key.
    public var group: String { FlatSetting.group(ofKey: key) }
    /// What it is to be; as text where a person typed it.
    public let value: SettingValue
    /// Who gave it, for errors: an option's name, a file's path.
    public let origin: String

    /// - Parameters:
    ///   - key: such as `training.batch_size`
    ///   - value: what it is to be
    ///   - origin: who says so, for messages: a flag's name or a file's
    public init(_ key: String, _ value: SettingValue, from origin: String) {
        self.key = key
        self.value = value
        self.origin = origin
    }

    /// Reads `KEY=VALUE`.
    ///
    /// - Throws: ``SettingsError`` where there is no `=` or nothing before it.
    public init(text: String, from origin: String) throws(SettingsError) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, !parts[0].isEmpty else {
            throw SettingsError([.malformed(text, origin: origin)])
        }
        self.init(parts[0], .typed(parts[1]), from: origin)
    }
}

extension SettingGroup {
    /// These settings with others in place of some; a later assignment replaces an earlier one.
    ///
    /// A slot that gets another kind than it has begins with that kind's defaults.
    /// - Throws: ``SettingsError`` with everything that is wrong: unknown keys and kinds, values of another type or out of
    ///   range, settings that are impossible together.
    public func applying(_ assignments: [Assignment]) throws(SettingsError) -> Self {
        var work = Application(assignments)
        let result = work.apply(to: self, prefix: "")
        let problems = work.inOrder(work.problems + work.unknownKeys(in: result))
        let violations = work.problems.isEmpty ? result.violations() : []
        guard problems.isEmpty && violations.isEmpty else { throw SettingsError(problems + violations) }
        return result
    }

    /// Everything that is impossible about these settings, whoever set them.
    ///
    /// - Throws: ``SettingsError``
    public func validate() throws(SettingsError) {
        let problems = violations()
        guard problems.isEmpty else { throw SettingsError(problems) }
    }

    /// Values out of range, and conflicts.
    func violations(prefix: String = "") -> [SettingProblem] {
        let inside = members.flatMap { name, _, member -> [SettingProblem] in
            switch member {
            case .setting(let setting):
                guard setting.replaced(by: setting.value) == nil else { return [] }
                let (value, rule) = (setting.value.description, setting.declaration.rule)
                return [.value(key: prefix + name, value: value, rule: rule, suggestion: nil, origin: nil)]
            case .slot(let slot): return slot.kind.violations(prefix: "\(prefix)\(name).")
            case .group(let group): return group.violations(prefix: "\(prefix)\(name).")
            }
        }
        guard inside.isEmpty else { return inside }
        return conflicts().map { conflict in
            let value = value(of: conflict.name)?.description ?? ""
            return .value(
                key: prefix + conflict.name, value: value, rule: conflict.rule, suggestion: nil, origin: nil)
        }
    }
}

/// The walk that puts assignments into a group.
private struct Application {
    private let given: [String: Assignment]
    /// The keys in the order in which they were first given.
    private let order: [String]
    private var used: Set<String> = []
    /// Keys that the group could have with other kinds in its slots: the slot's key, and the kinds that have them.
    private var elsewhere: [String: (slot: String, kinds: [String])] = [:]
    /// Slots whose kind could not be told: what is said of their settings cannot be judged.
    private var undecided: [String] = []
    private(set) var problems: [SettingProblem] = []

    init(_ assignments: [Assignment]) {
        given = Dictionary(assignments.map { ($0.key, $0) }, uniquingKeysWith: { $1 })
        order = assignments.map(\.key).uniqued
    }

    mutating func apply<Group: SettingGroup>(to group: Group, prefix: String) -> Group {
        var properties: [String: Any] = [:]
        for (name, property, member) in group.members {
            let key = prefix + name
            switch member {
            case .setting(let setting): properties[property] = apply(to: setting, key)
            case .slot(let slot): properties[property] = apply(to: slot, key)
            case .group(let group): properties[property] = apply(to: group, prefix: key + ".")
            }
        }
        return group.rebuilt(properties)
    }

    private mutating func apply(to setting: any AnySetting, _ key: String) -> any AnySetting {
        guard let assignment = given[key] else { return setting }
        used.insert(key)
        if let replaced = setting.replaced(by: assignment.value) { return replaced }
        problems.append(
            .value(
                key: key, value: assignment.value.description, rule: setting.declaration.rule, suggestion: nil,
                origin: assignment.origin))
        return setting
    }

    private mutating func apply(to slot: any AnySlot, _ key: String) -> any AnySlot {
        for kind in slot.kinds {
            for setting in kind.flattened(prefix: key + ".") {
                // Of a slot within a slot's kind, the inner one has the say.
                if elsewhere[setting.key]?.slot != key { elsewhere[setting.key] = (key, []) }
                elsewhere[setting.key]?.kinds.append(kind.kindName)
            }
        }
        var kind = slot.kind
        if let assignment = given[key] {
            used.insert(key)
            if let wanted = String(assignment.value),
                let known = slot.kinds.first(where: { $0.kindName == wanted })
            {
                if wanted != slot.kindName { kind = known }
            } else {
                let value = assignment.value.description
                problems.append(
                    .value(
                        key: key, value: value, rule: slot.declaration.rule,
                        suggestion: nearest(to: value, among: slot.kindNames), origin: assignment.origin))
                undecided.append(key + ".")
            }
        }
        return slot.replaced(by: apply(to: kind, prefix: key + "."))
    }

    /// Problems in the order in which their settings were given.
    func inOrder(_ problems: [SettingProblem]) -> [SettingProblem] {
        problems.enumerated().sorted { a, b in
            let (first, second) = (
                a.element.key.flatMap(order.firstIndex(of:)), b.element.key.flatMap(order.firstIndex(of:))
            )
            return (first ?? 0, a.offset) < (second ?? 0, b.offset)
        }.map(\.element)
    }

    func unknownKeys(in group: some SettingGroup) -> [SettingProblem] {
        let known = group.flattened().map(\.key)
        return order.filter { !used.contains($0) }.compactMap { key in
            let origin = given[key]?.origin
            if let (slot, kinds) = elsewhere[key] {
                guard !undecided.contains(where: key.hasPrefix), let kind = group.value(of: slot) else { return nil }
                return .otherKind(key: key, slot: slot, kind: kind.description, kinds: kinds, origin: origin)
            }
            let candidates = known + elsewhere.keys.sorted()
            return .unknownKey(key, suggestion: nearestKey(to: key, among: candidates), origin: origin)
        }
    }
}
