public import Foundation
public import Models
public import StableHLO

/// Everything that decides a run's numbers, saved with it as `config.json`.
public struct RunConfiguration: Codable, Sendable, Equatable {
    public var model: ModelSpecification
    /// Name of the data set.
    public var data = "mnist"
    /// Images a step.
    public var batchSize = 250
    /// Steps in total.
    public var steps = 5000
    public var seed: UInt64 = 0
    /// Probability that a label is replaced by the null label.
    public var labelDropout = 0.1
    /// Decay of the moving average of the weights; 0 keeps none.
    public var averageDecay = 0.999
    public var optimizer = Adam()
    /// Of matrix products and convolutions, forward and backward; everything else is float32.
    public var precision = MatrixPrecision.float32
    /// Steps between checkpoints; the last step always gets one.
    public var checkpointEvery = 1000
    /// How many checkpoints stay; 0 keeps all.
    public var keepCheckpoints = 0
    /// Steps between evaluations of the held-out loss; 0 for none.
    public var validateEvery = 500
    /// Test images the held-out loss is computed on.
    public var validationImages = 1000

    /// The reference experiment's training of a model.
    public init(model: ModelSpecification) { self.model = model }

    /// - Throws: ``TrainingError/setting(name:value:rule:)`` for the first setting outside its range.
    public func validate() throws(TrainingError) {
        func check(_ condition: Bool, _ name: String, _ value: Any, _ rule: String) throws(TrainingError) {
            guard condition else { throw .setting(name: name, value: "\(value)", rule: rule) }
        }
        let o = optimizer
        try check(batchSize > 0, "the batch size", batchSize, "1 or more")
        try check(steps > 0, "the number of steps", steps, "1 or more")
        try check((0...1).contains(labelDropout), "the label dropout", labelDropout, "from 0 to 1")
        try check((0..<1).contains(averageDecay), "the averaging decay", averageDecay, "0 or more and below 1")
        try check(o.learningRate > 0 && o.learningRate.isFinite, "the learning rate", o.learningRate, "above 0")
        try check(o.weightDecay >= 0 && o.weightDecay.isFinite, "the weight decay", o.weightDecay, "0 or more")
        try check(o.gradientClip >= 0 && o.gradientClip.isFinite, "the clipping norm", o.gradientClip, "0 or more")
        try check((0..<1).contains(o.beta1), "beta 1", o.beta1, "0 or more and below 1")
        try check((0..<1).contains(o.beta2), "beta 2", o.beta2, "0 or more and below 1")
        try check(o.epsilon > 0 && o.epsilon.isFinite, "epsilon", o.epsilon, "above 0")
        try check(o.warmupSteps >= 0, "the number of warm-up steps", o.warmupSteps, "0 or more")
        try check(
            o.decaySteps == 0 || o.decaySteps > o.warmupSteps, "the number of decay steps", o.decaySteps,
            "0, or more than the warm-up")
        try check(checkpointEvery > 0, "the checkpoint interval", checkpointEvery, "1 or more")
        try check(keepCheckpoints >= 0, "the number of checkpoints to keep", keepCheckpoints, "0 or more")
        try check(validateEvery >= 0, "the validation interval", validateEvery, "0 or more")
        try check(validationImages > 0, "the number of validation images", validationImages, "1 or more")
    }

    /// The text of `config.json`.
    public func encoded() throws -> Data {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        return try encoder.encode(self) + Data("\n".utf8)
    }

    /// Reads `config.json`. Settings that are absent have their defaults.
    ///
    /// - Throws: ``TrainingError`` for an unknown key or a value of another kind, ``ModelConfigurationError``.
    public static func read(_ data: Data, path: String) throws -> RunConfiguration {
        guard let given = try? JSONSerialization.jsonObject(with: data) as? [String: Any] else {
            throw TrainingError.malformedConfiguration(path: path, reason: "it is no JSON object")
        }
        guard given["model"] != nil else {
            throw TrainingError.malformedConfiguration(path: path, reason: "it names no model")
        }
        let defaults = try RunConfiguration(model: ModelSpecification(.unet)).encoded()
        guard var complete = try JSONSerialization.jsonObject(with: defaults) as? [String: Any] else {
            throw TrainingError.malformedConfiguration(path: path, reason: "it is no JSON object")
        }
        for (key, value) in given {
            guard let standard = complete[key] else { throw TrainingError.unknownKey(path: path, key: key) }
            if key == "optimizer", let settings = value as? [String: Any], var merged = standard as? [String: Any] {
                for (key, value) in settings {
                    guard merged[key] != nil else {
                        throw TrainingError.unknownKey(path: path, key: "optimizer.\(key)")
                    }
                    merged[key] = value
                }
                complete[key] = merged
            } else {
                complete[key] = value
            }
        }
        do {
            let decoder = JSONDecoder()
            decoder.keyDecodingStrategy = .convertFromSnakeCase
            let merged = try JSONSerialization.data(withJSONObject: complete)
            return try decoder.decode(RunConfiguration.self, from: merged)
        } catch let error as DecodingError {
            throw TrainingError.malformedConfiguration(path: path, reason: describe(error))
        }
    }

    /// `key: mine, not theirs` for each setting that differs.
    public func differences(from other: RunConfiguration) throws -> [String] {
        func settings(_ configuration: RunConfiguration) throws -> [String: Any] {
            let object = try JSONSerialization.jsonObject(with: configuration.encoded()) as? [String: Any] ?? [:]
            let optimizer = object["optimizer"] as? [String: Any] ?? [:]
            return object.filter { $0.key != "optimizer" }.merging(optimizer) { a, _ in a }
        }
        let (mine, theirs) = (try settings(self), try settings(other))
        return mine.keys.sorted().compactMap { key in
            let (a, b) = ("\(mine[key] ?? "none")", "\(theirs[key] ?? "none")")
            return a == b ? nil : "\(key): \(a), not \(b)"
        }
    }

    private static func describe(_ error: DecodingError) -> String {
        let context: DecodingError.Context
        switch error {
        case .typeMismatch(_, let found), .valueNotFound(_, let found), .dataCorrupted(let found): context = found
        case .keyNotFound(let key, _): return "'\(key.stringValue)' is missing"
        @unknown default: return "a value is of another kind than expected"
        }
        let key = context.codingPath.map(\.stringValue).joined(separator: ".")
        return "'\(key)' has a value of another kind than expected"
    }
}
