import Formats
import Foundation

/// A line of `metrics.jsonl`: a JSON object of a step's record, whose last member is the CRC-32C of the text before it.
///
/// `{"loss":1.5,...,"step":7,"crc32c":"0a1b2c3d"}`: the checksum is that of `{"loss":1.5,...,"step":7`. Lines of version 0.1
/// have none; they must have the members that it wrote, and no other.
enum MetricsLine {
    private static let before = ",\"crc32c\":\""
    private static let after = "\"}"
    private static let digits = 8
    private static let notFinite = (positive: "inf", negative: "-inf", nan: "nan")

    /// The line without its end.
    static func encoded(_ record: StepRecord) throws -> String {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: notFinite.positive, negativeInfinity: notFinite.negative, nan: notFinite.nan)
        let object = String(decoding: try encoder.encode(record), as: UTF8.self).dropLast()
        return object + before + checksum(object) + after
    }

    /// What a line holds; nil where it is damaged.
    static func record(_ line: some Collection<UInt8>) -> StepRecord? {
        guard let text = String(validating: line, as: UTF8.self) else { return nil }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: notFinite.positive, negativeInfinity: notFinite.negative, nan: notFinite.nan)
        let data = Data(text.utf8)
        guard let record = try? decoder.decode(StepRecord.self, from: data) else { return nil }
        let end = text.suffix(before.count + digits + after.count)
        guard end.hasPrefix(before), end.hasSuffix(after) else {
            let names = try? decoder.decode(Names.self, from: data).names
            return names.map { $0.isSubset(of: StepRecord.names) } == true ? record : nil
        }
        let stored = end.dropFirst(before.count).dropLast(after.count)
        return stored == checksum(text.dropLast(end.count)) ? record : nil
    }

    private static func checksum(_ text: Substring) -> String { CRC32C.checksum(text.utf8).hexadecimal }

    /// The names of an object's members.
    private struct Names: Decodable {
        struct Key: CodingKey {
            let stringValue: String
            var intValue: Int? { nil }

            init(stringValue: String) { self.stringValue = stringValue }

            init?(intValue: Int) { nil }
        }

        let names: Set<String>

        init(from decoder: any Decoder) throws {
            names = Set(try decoder.container(keyedBy: Key.self).allKeys.map(\.stringValue))
        }
    }
}
