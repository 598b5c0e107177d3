import Experiments
import Flows
import Foundation
import Settings

/// What a drawing's rows are as a file to keep, drawn as `flowmatch sample` draws it.
struct DrawnFile: Sendable {
    let bytes: Data
    let name: String
    let type: String

    /// - Throws: what files and device report.
    init(_ request: DrawingRequest, _ format: SampleFiles.Format, _ laboratory: Laboratory) async throws {
        let row = request.rows[0]
        let run = try await laboratory.run(
            request.name, request.folder, checkpoint: row.checkpoint, averaged: row.averaged,
            changes: row.changes, seed: request.seed)
        let labels = request.numbers(classCount: run.network.classCount)
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("studio-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: file) }
        bytes = try await laboratory.compute {
            let selection = SampleSelection(labels: labels, columns: min(labels.count, 10))
            let contents = SampleFiles.Contents(selection, imageShape: run.network.imageShape)
            _ = try SampleFiles(format, way: nil).write(contents, to: file) { append in
                _ = try run.draw(selection, guidance: row.guidance) { try append($0) }
            }
            return try Data(contentsOf: file)
        }
        name = "\(request.name.split(separator: "/").last ?? "drawn")-seed-\(request.seed).\(format.rawValue)"
        type = format == .png ? "image/png" : "application/octet-stream"
    }
}
