import Foundation
public import Measurements

/// A study as JSON: snake_case keys in sorted order, dates as ISO 8601, numbers that are not finite as `null`.
public enum JSONReport {
    /// The JSON of a study, ending in a newline.
    ///
    /// - Throws: `ReportError.unwritableReport`.
    public static func encode(_ study: Study) throws(ReportError) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.dateEncodingStrategy = .iso8601
        do {
            return Array(try encoder.encode(study)) + [0x0A]
        } catch {
            throw .unwritableReport(reason: "\(error)")
        }
    }

    /// The study of a JSON text.
    ///
    /// - Throws: `ReportError.unreadableReport`, `ReportError.formatVersion`.
    public static func decode(_ bytes: [UInt8]) throws(ReportError) -> Study {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        decoder.dateDecodingStrategy = .iso8601
        let found: Int
        do {
            found = try decoder.decode(Version.self, from: Data(bytes)).formatVersion
        } catch {
            throw .unreadableReport(reason: "\(error)")
        }
        guard found == Study.currentFormatVersion else { throw .formatVersion(found: found) }
        do {
            return try decoder.decode(Study.self, from: Data(bytes))
        } catch {
            throw .unreadableReport(reason: "\(error)")
        }
    }

    /// What every version of the form has.
    private struct Version: Decodable {
        var formatVersion: Int
    }
}
