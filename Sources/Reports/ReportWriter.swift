import Charts
import Formats
public import Foundation
public import Measurements

/// Writes a report's folder: `report.html`, `report.md`, `report.json`, `report.csv`, each chart as SVG, and the pictures.
public enum ReportWriter {
    /// Writes the folder, made where it is missing; files of other names in it stay.
    ///
    /// Each file is replaced as a whole, and `report.html` comes last: a folder that has a new one is complete.
    /// - Throws: `ReportError`; a picture that is missing is found before anything is written.
    public static func write(
        _ study: Study, images: ReportImages, to folder: URL
    ) throws(ReportError) {
        var files: [(name: String, bytes: [UInt8])] = []
        let page = try HTMLReport.render(study, images: images)
        for file in images.names { files.append((file, try images.png(file))) }
        for chart in study.reportSections.flatMap(\.charts) {
            files.append(("\(chart.fileName).svg", Array(chart.chart.svg().utf8)))
        }
        files.append(("report.json", try JSONReport.encode(study)))
        files.append(("report.csv", Array(CSVReport.render(study).utf8)))
        files.append(("report.md", Array(MarkdownReport.render(study).utf8)))
        files.append(("report.html", Array(page.utf8)))

        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        } catch {
            throw .folder(path: folder.path, reason: error.localizedDescription)
        }
        do throws(FormatError) {
            for (name, bytes) in files { try AtomicFile.write(bytes, to: folder.appendingPathComponent(name)) }
        } catch {
            throw .file(error)
        }
    }
}
