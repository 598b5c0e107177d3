import Foundation

/// What there is to set, computed from the declarations.
public struct SettingsManual: Codable, Sendable, Equatable {
    /// One knob.
    public struct Knob: Codable, Sendable, Equatable {
        /// The full key, as `--set` takes it.
        public let key: String
        /// What it is where nobody sets it.
        public let defaultValue: SettingValue
        /// Empty where the value has none.
        public let unit: String
        /// What kind of value it is.
        public let form: SettingForm
        /// The words that the value can be, where it is one of a few.
        public let choices: [String]
        /// Completes "it must be ...".
        public let rule: String
        /// What it is, in a sentence.
        public let summary: String
        /// `science` where it decides the result, `recording` where it does not.
        public let role: String
        /// Whether a run may be resumed with another value.
        public let mayChangeOnResume: Bool
    }

    /// One kind of a slot with its own knobs.
    public struct Kind: Codable, Sendable, Equatable {
        /// As files and command lines have it, such as `cosine`.
        public let name: String
        /// What it is, in a sentence.
        public let summary: String
        /// Its own; empty where it has none.
        public let knobs: [Knob]
    }

    /// A slot, or a group of knobs that has no kinds.
    public struct Section: Codable, Sendable, Equatable {
        /// The key's first part, such as `path`.
        public let name: String
        /// What the slot decides; empty for a plain group.
        public let summary: String
        /// The slot itself; absent for a plain group.
        public let choice: Knob?
        /// Empty for a plain group.
        public let kinds: [Kind]
        /// Of a plain group.
        public let knobs: [Knob]
    }

    /// In the order of the declarations.
    public let sections: [Section]

    /// A manual of some sections alone.
    public init(_ sections: [Section]) { self.sections = sections }

    /// The manual of everything that a group declares.
    public init(_ group: some SettingGroup) {
        sections = group.members.map { name, _, member in
            switch member {
            case .setting(let setting):
                let knob = Knob(name, setting.value, setting.declaration)
                return Section(name: name, summary: "", choice: nil, kinds: [], knobs: [knob])
            case .slot(let slot):
                let kinds = slot.kinds.map { kind in
                    Kind(
                        name: kind.kindName, summary: type(of: kind).summary,
                        knobs: slot.settings(of: kind, prefix: name + ".").map {
                            Knob($0.key, $0.value, $0.declaration)
                        })
                }
                let choice = Knob(name, .text(slot.kindName), slot.declaration)
                return Section(
                    name: name, summary: slot.declaration.summary, choice: choice, kinds: kinds, knobs: [])
            case .group(let group):
                let knobs = group.flattened(prefix: name + ".").map { Knob($0.key, $0.value, $0.declaration) }
                return Section(name: name, summary: "", choice: nil, kinds: [], knobs: knobs)
            }
        }
    }

    /// The section of a name.
    ///
    /// - Throws: ``SettingsError`` with the nearest name.
    public func section(_ name: String) throws(SettingsError) -> Section {
        if let section = sections.first(where: { $0.name == name }) { return section }
        let names = sections.map(\.name)
        throw SettingsError([
            .value(
                key: "the group", value: name, rule: "one of \(names.joined(separator: ", "))",
                suggestion: nearest(to: name, among: names), origin: nil)
        ])
    }

    /// The knob of a full key, in whichever kind has it first.
    public func knob(_ key: String) -> Knob? {
        sections.lazy.flatMap { section in
            [section.choice].compactMap { $0 } + section.knobs + section.kinds.flatMap(\.knobs)
        }.first { $0.key == key }
    }

    /// The manual for tools.
    public func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
}

extension SettingsManual.Knob {
    init(_ key: String, _ value: SettingValue, _ declaration: SettingDeclaration) {
        self.init(
            key: key, defaultValue: value, unit: declaration.unit, form: declaration.form, choices: declaration.choices,
            rule: declaration.rule,
            summary: declaration.summary, role: declaration.role.rawValue,
            mayChangeOnResume: declaration.mayChangeOnResume)
    }

    /// Key and default, then what it is: one knob of a list.
    fileprivate var text: String {
        let value = defaultValue.description
        let unitText = unit.isEmpty ? "" : " \(unit)"
        let resume = mayChangeOnResume ? " May change when a run is resumed." : ""
        return "  \(key) = \(value.isEmpty ? "(empty)" : value)\(unitText)\n"
            + "      \(summary) \(rule.prefix(1).uppercased() + rule.dropFirst()).\(resume)"
    }
}

extension SettingsManual.Section {
    /// The section for people; with `kinds`, each kind in full.
    public func text(withKinds: Bool) -> String {
        var lines = [summary.isEmpty ? name : "\(name): \(summary)"]
        guard let choice else { return (lines + knobs.map(\.text)).joined(separator: "\n") }
        let resume = choice.mayChangeOnResume ? " May change when a run is resumed." : ""
        lines.append("  \(choice.key) = \(choice.defaultValue)")
        lines.append("      \(choice.rule.prefix(1).uppercased() + choice.rule.dropFirst()).\(resume)")
        let shown = withKinds ? kinds : kinds.filter { $0.name == choice.defaultValue.description }
        for kind in shown {
            if withKinds { lines.append("\n\(name)=\(kind.name): \(kind.summary)") }
            lines += kind.knobs.map(\.text)
            if withKinds && kind.knobs.isEmpty { lines.append("  (no settings of its own)") }
        }
        return lines.joined(separator: "\n")
    }
}

extension SettingsManual {
    /// The whole manual for people: each section with its default kind.
    public var text: String { sections.map { $0.text(withKinds: false) }.joined(separator: "\n\n") }
}
