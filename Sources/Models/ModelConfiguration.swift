/// The sizes of a network: a value with defaults, read from and written to JSON under snake-case keys.
public protocol ModelConfiguration: Codable, Sendable, Equatable {
    /// The reference experiment's sizes.
    init()

    /// Throws where the sizes are impossible together.
    func validate() throws(ModelConfigurationError)
}

/// A configuration that no network can have.
public enum ModelConfigurationError: Error, Equatable, CustomStringConvertible {
    case unknownModel(String)
    case unknownKey(String, model: String, known: [String])
    case wrongType(key: String, value: String, expected: String)
    case impossible(key: String, rule: String)
    case malformed(String)
    /// A setting for one of several models that names none, or one that is not among them.
    case malformedForModel(String)
    case unusedModel(String)

    public var description: String {
        switch self {
        case .unknownModel(let name):
            "there is no model named '\(name)'; choose one of \(ModelName.allCases.map(\.rawValue).joined(separator: ", "))"
        case .unknownKey(let key, let model, let known):
            "\(model) has no setting '\(key)'; it has \(known.joined(separator: ", "))"
        case .wrongType(let key, let value, let expected): "setting \(key) is \(value), but takes \(expected)"
        case .impossible(let key, let rule): "setting \(key) is impossible: it \(rule)"
        case .malformedForModel(let text):
            "'\(text)' is no setting of a model; write MODEL.NAME=VALUE, such as dit.depth=2"
        case .unusedModel(let text): "'\(text)' is for a model that is not compared; add it to --models"
        case .malformed(let text): "'\(text)' is no setting; write NAME=VALUE, such as num_residual_layers=1"
        }
    }
}

extension ModelConfiguration {
    func require(_ condition: Bool, _ key: String, _ rule: String) throws(ModelConfigurationError) {
        guard condition else { throw .impossible(key: key, rule: rule) }
    }

    /// Sizes are at least 1, and small enough that products of them do not overflow.
    func requirePositive(_ sizes: [String: Int], atMost limit: Int = 65536) throws(ModelConfigurationError) {
        for (key, size) in sizes.sorted(by: { $0.key < $1.key }) {
            try require((1...limit).contains(size), key, "is an integer from 1 to \(limit)")
        }
    }
}
