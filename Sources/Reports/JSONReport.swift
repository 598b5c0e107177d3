import Foundation

/// A report as JSON: snake_case keys in sorted order, dates as ISO 8601, numbers that are not finite as `null`.
public enum JSONReport {
    /// The JSON of a report, ending in a newline.
    ///
    /// - Throws: `ReportError.unwritableReport`.
    public static func encode(_ report: ExperimentReport) throws(ReportError) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.dateEncodingStrategy = .iso8601
        do {
            return Array(try encoder.encode(report)) + [0x0A]
        } catch {
            throw .unwritableReport(reason: "\(error)")
        }
    }

    /// The report of a JSON text.
    ///
    /// - Throws: `ReportError.unreadableReport`, `ReportError.formatVersion`.
    public static func decode(_ bytes: [UInt8]) throws(ReportError) -> ExperimentReport {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        decoder.dateDecodingStrategy = .iso8601
        let report: ExperimentReport
        do {
            report = try decoder.decode(ExperimentReport.self, from: Data(bytes))
        } catch {
            throw .unreadableReport(reason: "\(error)")
        }
        guard report.formatVersion == ExperimentReport.currentFormatVersion else {
            throw .formatVersion(found: report.formatVersion)
        }
        return report
    }
}
