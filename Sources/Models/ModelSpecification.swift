public import FlowMatching
import Foundation
import NN

/// The networks of the experiment.
public enum ModelName: String, CaseIterable, Codable, Sendable {
    case unet
    case dit
    case mamba

    /// As it is written in a report.
    public var title: String {
        switch self {
        case .unet: "UNet"
        case .dit: "DiT"
        case .mamba: "Mamba"
        }
    }

    fileprivate var configurationType: any ModelConfiguration.Type {
        switch self {
        case .unet: UNet.Configuration.self
        case .dit: DiT.Configuration.self
        case .mamba: Mamba.Configuration.self
        }
    }
}

/// The value of one setting of a model.
public enum SettingValue: Codable, Sendable, Hashable, CustomStringConvertible {
    case integer(Int)
    case number(Double)
    case list([Int])

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let integer = try? container.decode(Int.self) {
            self = .integer(integer)
        } else if let number = try? container.decode(Double.self) {
            self = .number(number)
        } else {
            self = .list(try container.decode([Int].self))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .integer(let value): try container.encode(value)
        case .number(let value): try container.encode(value)
        case .list(let value): try container.encode(value)
        }
    }

    /// `192`, `4.0` or `32,64,128`, with or without brackets.
    init?(_ text: String) {
        if let integer = Int(text) {
            self = .integer(integer)
        } else if let number = Double(text), number.isFinite {
            self = .number(number)
        } else {
            let isBracketed = text.hasPrefix("[") && text.hasSuffix("]")
            let items = (isBracketed ? text.dropFirst().dropLast() : text[...])
                .split(separator: ",", omittingEmptySubsequences: false)
            let integers = items.compactMap { Int($0.trimmingCharacters(in: .whitespaces)) }
            guard integers.count == items.count else { return nil }
            self = .list(integers)
        }
    }

    public var description: String {
        switch self {
        case .integer(let value): "\(value)"
        case .number(let value): "\(value)"
        case .list(let value): value.map(String.init).joined(separator: ",")
        }
    }
}

/// Which network, and all of its settings.
public struct ModelSpecification: Codable, Sendable, Equatable {
    public let model: ModelName
    /// Every setting of the model, defaults filled in.
    public let configuration: [String: SettingValue]

    /// The reference's network with some settings replaced.
    ///
    /// - Throws: ``ModelConfigurationError`` naming an unknown or impossible setting and what exists.
    public init(_ model: ModelName, settings: [String: SettingValue] = [:]) throws(ModelConfigurationError) {
        self.model = model
        configuration = try ModelSpecification.complete(model.configurationType, model, settings)
    }

    /// Settings written as `NAME=VALUE`, as on a command line.
    public init(_ model: ModelName, assignments: [String]) throws(ModelConfigurationError) {
        try self.init(model, settings: ModelSpecification.settings(assignments))
    }

    /// Settings written as a JSON object, as in a file's metadata.
    public init(_ model: ModelName, json: String) throws(ModelConfigurationError) {
        guard let settings = try? JSONDecoder().decode([String: SettingValue].self, from: Data(json.utf8)) else {
            throw .malformed(json)
        }
        try self.init(model, settings: settings)
    }

    /// - Throws: whatever the decoder throws, or ``ModelConfigurationError``.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let name = try container.decode(String.self, forKey: .model)
        guard let model = ModelName(rawValue: name) else { throw ModelConfigurationError.unknownModel(name) }
        try self.init(model, settings: container.decode([String: SettingValue].self, forKey: .configuration))
    }

    /// Reads `NAME=VALUE` assignments; a later one replaces an earlier one.
    public static func settings(_ assignments: [String]) throws(ModelConfigurationError) -> [String: SettingValue] {
        var settings: [String: SettingValue] = [:]
        for text in assignments {
            let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2, let value = SettingValue(parts[1]) else { throw .malformed(text) }
            settings[parts[0]] = value
        }
        return settings
    }

    /// The network.
    public func makeModel() throws(ModelConfigurationError) -> any VelocityField {
        switch model {
        case .unet: return try UNet(decoded(UNet.Configuration.self))
        case .dit: return try DiT(decoded(DiT.Configuration.self))
        case .mamba: return try Mamba(decoded(Mamba.Configuration.self))
        }
    }

    private static func complete<Configuration: ModelConfiguration>(
        _ type: Configuration.Type, _ model: ModelName, _ settings: [String: SettingValue]
    ) throws(ModelConfigurationError) -> [String: SettingValue] {
        var complete = dictionary(Configuration())
        for (key, value) in settings.sorted(by: { $0.key < $1.key }) {
            guard let standard = complete[key] else {
                throw .unknownKey(key, model: model.title, known: complete.keys.sorted())
            }
            switch (standard, value) {
            case (.integer, .integer), (.number, .number), (.list, .list): complete[key] = value
            case (.number, .integer(let integer)): complete[key] = .number(Double(integer))
            case (.integer, .number(let number)) where number == number.rounded() && abs(number) < 1e9:
                complete[key] = .integer(Int(number))
            case (.list, .integer(let integer)): complete[key] = .list([integer])
            case (.integer, _): throw .wrongType(key: key, value: "\(value)", expected: "an integer")
            case (.number, _): throw .wrongType(key: key, value: "\(value)", expected: "a number")
            case (.list, _): throw .wrongType(key: key, value: "\(value)", expected: "a list of integers")
            }
        }
        try decode(type, complete).validate()
        return complete
    }

    private func decoded<Configuration: ModelConfiguration>(
        _ type: Configuration.Type
    ) throws(ModelConfigurationError) -> Configuration {
        try ModelSpecification.decode(type, configuration)
    }

    private static func decode<Configuration: ModelConfiguration>(
        _ type: Configuration.Type, _ settings: [String: SettingValue]
    ) throws(ModelConfigurationError) -> Configuration {
        do {
            let decoder = JSONDecoder()
            decoder.keyDecodingStrategy = .convertFromSnakeCase
            return try decoder.decode(type, from: JSONEncoder().encode(settings))
        } catch {
            throw .malformed("\(settings)")
        }
    }

    private static func dictionary(_ configuration: some ModelConfiguration) -> [String: SettingValue] {
        let settings = Mirror(reflecting: configuration).children.map { label, value -> (String, SettingValue) in
            let key = snakeCase(label ?? "")
            switch value {
            case let integer as Int: return (key, .integer(integer))
            case let number as Double: return (key, .number(number))
            case let list as [Int]: return (key, .list(list))
            default: preconditionFailure("a model's configuration holds integers, numbers and lists of integers")
            }
        }
        return Dictionary(uniqueKeysWithValues: settings)
    }
}
