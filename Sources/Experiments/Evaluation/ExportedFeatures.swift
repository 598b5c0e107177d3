import Formats
import Foundation
import Quality

/// Features of all sets of an evaluation in a safetensors file, for other programs to compute figures from.
///
/// Tensors `generated`, `train`, `test` (images, dimensions) and `probabilities` (generated images, classes), float32, as
/// they were computed; `labels` (generated images), int64, where labels were asked for.
struct ExportedFeatures {
    let generated: ImageSet
    let training: ImageSet
    let test: ImageSet

    func write(to url: URL) throws {
        func entry(_ name: String, _ values: [Double], columns: Int) throws -> TensorEntry {
            try TensorEntry(name: name, shape: [values.count / columns, columns], values: values.map { Float($0) })
        }
        func features(_ name: String, _ set: ImageSet) throws -> TensorEntry {
            try entry(name, set.features.values, columns: set.features.dimensions)
        }
        var entries = [
            try features("generated", generated), try features("train", training), try features("test", test),
            try entry("probabilities", generated.scores.probabilities, columns: generated.scores.classCount),
        ]
        if let labels = generated.labels {
            entries.append(try TensorEntry(name: "labels", shape: [labels.count], values: labels.map { Int64($0) }))
        }
        try SafetensorsFile.write(entries, metadata: ["format": "flowmatch exported features"], to: url)
    }
}
