import Foundation

/// What `flowmatch bench` measured.
package struct BenchmarkReport: Encodable, Sendable {
    package struct Seconds: Encodable, Sendable {
        let min: Double
        let median: Double

        init(_ values: [Double]) {
            let sorted = values.sorted()
            min = sorted[0]
            median = (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
        }
    }

    let model: String
    let batchSize: Int
    let device: String
    let stepSeconds: Seconds
    let compileSeconds: Double
    let peakMemoryBytes: Int
    /// Of the fastest step.
    let profile: StepProfile

    private enum CodingKeys: CodingKey {
        case model, batchSize, device, stepSeconds, compileSeconds, peakMemoryBytes
    }

    package func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }

    package var text: String {
        [
            "\(model), batch \(batchSize), \(device)",
            String(format: "  step      %.4f s min, %.4f s median", stepSeconds.min, stepSeconds.median),
            String(format: "  images    %.0f a second", Double(batchSize) / stepSeconds.median),
            String(format: "  compiled  in %.2f s", compileSeconds),
            String(format: "  memory    %.2f GiB at its peak", Double(peakMemoryBytes) / 0x1p30),
        ].joined(separator: "\n")
    }
}
