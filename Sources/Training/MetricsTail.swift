import Formats
public import Foundation

/// Reads a growing `metrics.jsonl` as it grows, each line once.
///
/// A run that is resumed may first forget what came after its last checkpoint; the file is then another, and is read anew.
public struct MetricsTail: Sendable {
    /// What came since the last reading.
    public struct News: Sendable {
        /// Whether what was read before is to be forgotten.
        public var isAnew: Bool
        /// In the order of their steps; damaged lines are left out.
        public var records: [StepRecord]
    }

    private let url: URL
    private var offset = 0
    private var file: UInt64?
    private var lastStep = 0
    /// The most that is read at a time, which bounds what a reader holds of a huge file.
    private static let mostBytes = 16 << 20

    /// - Parameter url: of a log that need not be there yet
    public init(_ url: URL) { self.url = url }

    /// What was written since the last call; nothing where the file is not there.
    public mutating func next() throws -> News {
        var news = News(isAnew: false, records: [])
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: url.path) else {
            news.isAnew = file != nil
            self = MetricsTail(url)
            return news
        }
        let number = attributes[.systemFileNumber] as? UInt64
        let open = try OpenFile(url.path)
        if file != number || open.byteCount < offset {
            news.isAnew = file != nil
            self = MetricsTail(url)
            file = number
        }
        while offset < open.byteCount {
            let bytes = try open.bytes(at: offset, count: min(open.byteCount - offset, Self.mostBytes))
            guard let end = bytes.lastIndex(of: UInt8(ascii: "\n")) else {
                // A line that is longer than anything is no line.
                if bytes.count == Self.mostBytes { offset += bytes.count }
                break
            }
            for line in bytes[..<end].split(separator: UInt8(ascii: "\n")) {
                guard let record = MetricsLine.record(line), record.step > lastStep else { continue }
                lastStep = record.step
                news.records.append(record)
            }
            offset += end + 1
        }
        return news
    }
}
