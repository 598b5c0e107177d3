public import Foundation

/// What is known of one step: a line of `metrics.jsonl`.
public struct StepRecord: Codable, Sendable, Equatable {
    /// Counted from 1.
    public var step: Int
    public var loss: Double
    /// Euclidean norm of all gradients together, before clipping.
    public var gradientNorm: Double
    public var learningRate: Double
    /// Wall time of the step; of the steps of one dispatch, the mean.
    public var seconds: Double
    public var imagesPerSecond: Double
    /// Held-out loss of the raw and of the averaged weights after this step.
    public var validationLoss: Double?
    public var validationLossAveraged: Double?
}

/// The growing file `metrics.jsonl`, one line a step.
public struct MetricsLog: Sendable {
    private let url: URL

    public init(_ url: URL) { self.url = url }

    /// All records.
    ///
    /// - Throws: ``TrainingError/malformedMetrics(path:line:)``
    public func records() throws -> [StepRecord] {
        guard let text = try? String(contentsOf: url, encoding: .utf8) else { return [] }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        return try text.split(separator: "\n").enumerated().map { index, line in
            guard let record = try? decoder.decode(StepRecord.self, from: Data(line.utf8)) else {
                throw TrainingError.malformedMetrics(path: url.path, line: index + 1)
            }
            return record
        }
    }

    /// Forgets what was recorded after `step`, or half-recorded when a run was cut off.
    func truncate(after step: Int) throws {
        guard let text = try? String(contentsOf: url, encoding: .utf8) else { return }
        let lines = text.split(separator: "\n").prefix(step)
        try Data((lines.joined(separator: "\n") + (lines.isEmpty ? "" : "\n")).utf8).write(to: url, options: .atomic)
    }

    func append(_ records: [StepRecord]) throws {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        var lines = Data()
        for record in records { lines += try encoder.encode(record) + Data("\n".utf8) }
        if !FileManager.default.fileExists(atPath: url.path) {
            guard FileManager.default.createFile(atPath: url.path, contents: nil) else {
                throw TrainingError.unwritable(url.path)
            }
        }
        let handle = try FileHandle(forWritingTo: url)
        defer { try? handle.close() }
        try handle.seekToEnd()
        try handle.write(contentsOf: lines)
    }
}
