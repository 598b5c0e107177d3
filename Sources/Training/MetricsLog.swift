import Formats
public import Foundation

/// What is known of one step: a line of `metrics.jsonl`.
public struct StepRecord: Codable, Sendable, Equatable {
    /// Counted from 1.
    public var step: Int
    /// Of the step's batch, in the prediction's and the weighting's own units.
    public var loss: Double
    /// Euclidean norm of all gradients together, before clipping.
    public var gradientNorm: Double
    /// Of the step.
    public var learningRate: Double
    /// Wall time of the step; of the steps of one dispatch, the mean.
    public var seconds: Double
    /// Images of the batch over the seconds.
    public var imagesPerSecond: Double
    /// Held-out loss of the raw and of the averaged weights after this step.
    public var validationLoss: Double?
    /// Of the averaged weights.
    public var validationLossAveraged: Double?
    /// How far images of the weights that are drawn with are from the test images after this step.
    public var frechetDistance: Double?

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case step, loss, gradientNorm, learningRate, seconds, imagesPerSecond, validationLoss, validationLossAveraged
        case frechetDistance
    }

    static let names = Set(CodingKeys.allCases.map(\.stringValue))
}

/// What is wrong with a run's records.
public enum MetricsProblem: Error, Equatable, Sendable, CustomStringConvertible {
    /// A line, counted from 1, is not what was written.
    case damaged(line: Int)
    /// The last line was cut off while it was written.
    case cutShort(line: Int)
    /// A line is of a step that an earlier line is of, or that is before it.
    case outOfOrder(line: Int, step: Int)
    /// Steps between two lines that have none.
    case missing(steps: ClosedRange<Int>)

    public var description: String {
        switch self {
        case .damaged(let line): "line \(line) is damaged"
        case .cutShort(let line): "line \(line), the last, is cut short"
        case .outOfOrder(let line, let step): "line \(line) is of step \(step), which is out of order"
        case .missing(let steps) where steps.count == 1: "step \(steps.lowerBound) is missing"
        case .missing(let steps): "steps \(steps.lowerBound) to \(steps.upperBound) are missing"
        }
    }
}

/// The growing file `metrics.jsonl`, one line a step.
public struct MetricsLog: Sendable {
    private let url: URL

    /// - Parameter url: of a file that need not be there yet
    public init(_ url: URL) { self.url = url }

    /// What of a log can be read, and what not.
    public struct Contents: Sendable {
        /// In the order of their steps, each once.
        public fileprivate(set) var records: [StepRecord] = []
        /// What is wrong with the lines.
        public fileprivate(set) var problems: [MetricsProblem] = []
        /// Lines that are worth keeping, as they stand.
        fileprivate var kept: [ArraySlice<UInt8>] = []
    }

    /// Reads the log. What is damaged is told and left out; the rest keeps its step's number.
    ///
    /// - Parameter last: the step up to which the log should go; left out, as far as it goes
    /// - Throws: `FormatError.cannotRead`; a log that is not there has no records.
    package func contents(through last: Int? = nil) throws -> Contents {
        let bytes = FileManager.default.fileExists(atPath: url.path) ? try OpenFile.bytes(of: url.path) : []
        var contents = Contents()
        var damaged: [ArraySlice<UInt8>] = []
        var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        // What follows the last line's end is nothing, or a line that has none.
        let rest = lines.popLast() ?? []
        var step = 0
        for (index, line) in lines.enumerated() {
            guard let record = MetricsLine.record(line) else {
                contents.problems.append(.damaged(line: index + 1))
                damaged.append(line)
                continue
            }
            guard record.step > step else {
                contents.problems.append(.outOfOrder(line: index + 1, step: record.step))
                continue
            }
            if let last, record.step > last { break }
            if record.step > step + 1 { contents.problems.append(.missing(steps: step + 1...record.step - 1)) }
            step = record.step
            contents.records.append(record)
            contents.kept += damaged + [line]
            damaged = []
        }
        if !rest.isEmpty { contents.problems.append(.cutShort(line: lines.count + 1)) }
        if let last, step < last { contents.problems.append(.missing(steps: step + 1...last)) }
        return contents
    }

    /// The step of the last whole line; nil where there is none.
    package var lastStep: Int? { records(inLast: 4_096).last?.step }

    /// The last record, and the last with a held-out loss, read from the file's end alone: nil where there is none in it.
    public var latest: (record: StepRecord?, heldOut: StepRecord?) {
        let last = records(inLast: 4_096).last
        guard last?.validationLoss == nil else { return (last, last) }
        return (last, records(inLast: 262_144, containing: "validation_loss").last)
    }

    /// Whole lines that are not damaged among the file's last bytes.
    ///
    /// - Parameter text: what a line must contain to be read at all
    private func records(inLast longest: UInt64, containing text: String = "") -> [StepRecord] {
        guard let file = try? FileHandle(forReadingFrom: url) else { return [] }
        defer { try? file.close() }
        guard let end = try? file.seekToEnd(), (try? file.seek(toOffset: end - min(end, longest))) != nil,
            let bytes = try? file.readToEnd()
        else { return [] }
        let lines = [UInt8](bytes).split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).dropLast()
        let wanted =
            text.isEmpty
            ? lines.suffix(1) : lines.filter { String(decoding: $0, as: UTF8.self).contains(text) }.suffix(1)
        return wanted.compactMap(MetricsLine.record)
    }

    /// All records.
    ///
    /// - Throws: ``TrainingError/damagedMetrics(path:_:)``, `FormatError.cannotRead`
    public func records() throws -> [StepRecord] {
        let contents = try contents()
        guard contents.problems.isEmpty else {
            throw TrainingError.damagedMetrics(path: url.path, contents.problems)
        }
        return contents.records
    }

    /// Forgets what was recorded after `step`, or half-recorded when a run was cut off.
    ///
    /// - Returns: what is wrong with the records up to that step. Damaged lines among them stay, for people to read.
    func truncate(after step: Int) throws -> [MetricsProblem] {
        let contents = try contents(through: step)
        if FileManager.default.fileExists(atPath: url.path) { try write(contents) }
        return contents.problems
    }

    private func write(_ contents: Contents) throws {
        var bytes: [UInt8] = []
        for line in contents.kept { bytes += line + [UInt8(ascii: "\n")] }
        try AtomicFile.write(bytes, to: url)
    }

    /// - Throws: `FormatError.cannotWrite`; the log is then what it was.
    func append(_ records: [StepRecord]) throws {
        var lines = ""
        for record in records { lines += try MetricsLine.encoded(record) + "\n" }
        try AppendedFile(url).append(Array(lines.utf8))
    }

    /// Puts a record in the place of the last one, which is of the same step.
    func replaceLast(with record: StepRecord) throws {
        var contents = try contents(through: record.step)
        contents.kept[contents.kept.count - 1] = ArraySlice(try MetricsLine.encoded(record).utf8)
        try write(contents)
    }

    /// Waits until all records are on the device.
    func synchronize() throws { try AppendedFile(url).synchronize() }
}
