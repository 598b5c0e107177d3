import Formats
import Foundation

/// What a run's folder holds, as far as two runs of the same settings must agree.
struct RunState {
    /// By their names.
    let checkpoints: [String: Data]
    let pictures: [String: Data]
    /// Metrics by step, without what depends on the hour; nil for a line that cannot be read or is not as it was written.
    let metrics: [NSDictionary?]
    /// Files that a killed writer left behind.
    let leftovers: [String]

    init(_ run: URL) {
        checkpoints = RunState.files(run.appendingPathComponent("checkpoints")) {
            $0.hasPrefix("step-") && $0.hasSuffix(".safetensors")
        }
        pictures = RunState.files(run.appendingPathComponent("samples")) { $0.hasSuffix(".png") }
        let text = (try? String(contentsOf: run.appendingPathComponent("metrics.jsonl"), encoding: .utf8)) ?? ""
        metrics = text.split(separator: "\n").map { line in
            guard RunState.isWhole(line),
                var record = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            else { return nil }
            for key in ["seconds", "images_per_second", "crc32c"] { record[key] = nil }
            return record as NSDictionary
        }
        let paths = (try? FileManager.default.subpathsOfDirectory(atPath: run.path)) ?? []
        leftovers = paths.filter { $0.contains(".partial-") || $0.contains(".dat.nosync") }
    }

    /// Whether a line ends in the checksum of what is before it.
    private static func isWhole(_ line: Substring) -> Bool {
        let end = ",\"crc32c\":\"00000000\"}".count
        let content = line.dropLast(end)
        return line.dropFirst(content.count) == ",\"crc32c\":\"\(CRC32C.checksum(content.utf8).hexadecimal)\"}"
    }

    private static func files(_ folder: URL, where isWanted: (String) -> Bool) -> [String: Data] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return Dictionary(
            uniqueKeysWithValues: names.filter(isWanted).compactMap { name in
                (try? Data(contentsOf: folder.appendingPathComponent(name))).map { (name, $0) }
            })
    }

    /// Checkpoints that differ from the ones of the same step in `reference`. An interrupted run saves others as well.
    func foreignCheckpoints(_ reference: RunState) -> [String] {
        checkpoints.keys.filter { name in
            reference.checkpoints[name].map { $0 != checkpoints[name] } ?? false
        }.sorted()
    }

    /// How the end of a run differs from the undisturbed one's; nil where it does not.
    ///
    /// - Parameter damaged: a file that was damaged before: of a picture or a checkpoint nothing is expected, of the metrics that what is
    ///   left of them is true
    func difference(from reference: RunState, damaged: String? = nil) -> String? {
        for (name, data) in reference.checkpoints.sorted(by: { $0.key < $1.key })
        where checkpoints[name] != data && damaged != "checkpoints/\(name)" {
            return "\(name) is \(checkpoints[name] == nil ? "missing" : "another")"
        }
        if damaged == "metrics.jsonl" {
            // A damaged line stays where it is, is told of and counts for nothing.
            guard metrics.allSatisfy({ $0 == nil || reference.metrics.contains($0) }) else {
                return "metrics are untrue"
            }
        } else if metrics != reference.metrics {
            let first = zip(metrics, reference.metrics).enumerated().first { $0.element.0 != $0.element.1 }?.offset
            return
                "the metrics differ: \(metrics.count) lines, first other one \(first.map { "\($0 + 1)" } ?? "the end")"
        }
        // Where a run was stopped it has a checkpoint of its own and a picture of it, which the undisturbed one has not.
        for (name, data) in pictures where damaged != "samples/\(name)" {
            if let expected = reference.pictures[name], expected != data { return "the picture \(name) is another" }
        }
        return nil
    }
}
