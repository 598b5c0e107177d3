public import Foundation

extension SettingGroup {
    /// The settings as nested objects; a slot is an object with its `kind` and that kind's settings.
    ///
    /// - Parameter header: values to put before the settings, under keys that are no setting's; `a.b` is the entry b of an
    ///   object a
    public func json(header: [String: SettingValue] = [:]) throws -> Data {
        var tree = ObjectTree(self)
        for (key, value) in header { tree.set(value, at: key.split(separator: ".").map(String.init)[...]) }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(tree) + Data("\n".utf8)
    }
}

/// The text of a configuration file as assignments.
public struct SettingsFile: Sendable {
    /// What stands in the file, without the header.
    public let assignments: [Assignment]
    /// Values of the header's keys; the entries of an object under its key, a dot and theirs.
    public let header: [String: SettingValue]

    /// - Parameters:
    ///   - data: JSON: settings grouped by slot, `{"path": {"kind": "cosine"}, "training": {"steps": 100}}`. A slot may
    ///     be the mere name of its kind.
    ///   - path: of the file, for errors
    ///   - headerKeys: top-level keys that are no settings
    /// - Throws: ``SettingsFileError``
    public init(_ data: Data, path: String, headerKeys: Set<String> = []) throws(SettingsFileError) {
        let tree: ObjectTree
        do {
            tree = try JSONDecoder().decode(ObjectTree.self, from: data)
        } catch {
            throw SettingsFileError(path: path)
        }
        var header: [String: SettingValue] = [:]
        var assignments: [Assignment] = []
        for (key, entry) in tree.entries.sorted(by: { $0.key < $1.key }) {
            let found = entry.assignments(key, path)
            if headerKeys.contains(key) {
                for assignment in found { header[assignment.key] = assignment.value }
            } else {
                assignments += found
            }
        }
        self.assignments = assignments
        self.header = header
    }
}

/// A file that is no configuration.
public struct SettingsFileError: Error, Equatable, CustomStringConvertible {
    /// Of the file.
    public let path: String

    public var description: String {
        "\(path) is no configuration: it must be a JSON object of settings, such as {\"training\": {\"steps\": 100}}"
    }
}

/// An object of values and objects.
private struct ObjectTree: Codable {
    indirect enum Entry: Codable {
        case value(SettingValue)
        case object(ObjectTree)

        init(from decoder: any Decoder) throws {
            if let value = try? SettingValue(from: decoder) {
                self = .value(value)
            } else {
                self = .object(try ObjectTree(from: decoder))
            }
        }

        func encode(to encoder: any Encoder) throws {
            switch self {
            case .value(let value): try value.encode(to: encoder)
            case .object(let tree): try tree.encode(to: encoder)
            }
        }

        func assignments(_ key: String, _ path: String) -> [Assignment] {
            switch self {
            case .value(let value): [Assignment(key, value, from: path)]
            case .object(let tree):
                tree.entries.sorted { $0.key < $1.key }.flatMap { name, entry in
                    if name == "kind", case .value(let value) = entry { return [Assignment(key, value, from: path)] }
                    return entry.assignments("\(key).\(name)", path)
                }
            }
        }
    }

    var entries: [String: Entry]

    /// Puts a value under a path of keys.
    mutating func set(_ value: SettingValue, at path: ArraySlice<String>) {
        guard let key = path.first else { return }
        guard path.count > 1 else {
            entries[key] = .value(value)
            return
        }
        var inner = ObjectTree(entries: [:])
        if case .object(let tree)? = entries[key] { inner = tree }
        inner.set(value, at: path.dropFirst())
        entries[key] = .object(inner)
    }

    init(entries: [String: Entry]) { self.entries = entries }

    init(_ group: any SettingGroup, kind: String? = nil) {
        entries = kind.map { ["kind": .value(.text($0))] } ?? [:]
        for (name, _, member) in group.members {
            switch member {
            case .setting(let setting): entries[name] = .value(setting.value)
            case .slot(let slot): entries[name] = .object(ObjectTree(slot.kind, kind: slot.kindName))
            case .group(let group): entries[name] = .object(ObjectTree(group))
            }
        }
    }

    init(from decoder: any Decoder) throws {
        entries = try decoder.singleValueContainer().decode([String: Entry].self)
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(entries)
    }
}
