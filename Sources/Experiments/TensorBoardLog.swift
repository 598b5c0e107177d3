import Formats
import Foundation
import Training

/// The metrics of a run as an event file that TensorBoard opens, beside `metrics.jsonl`.
final class TensorBoardLog {
    private var file: TensorBoardEventFile

    /// - Parameter step: steps that the run has; what earlier files hold of later ones is no part of it any more
    init(_ folder: RunFolder, after step: Int) throws {
        file = try TensorBoardEventFile(in: folder.url, restartingAt: step > 0 ? step + 1 : nil)
    }

    func append(_ records: [StepRecord]) throws {
        for record in records {
            try file.append(record.loss, tag: "loss/train", step: record.step)
            try file.append(record.gradientNorm, tag: "gradient_norm", step: record.step)
            try file.append(record.learningRate, tag: "learning_rate", step: record.step)
            try file.append(record.imagesPerSecond, tag: "images_per_second", step: record.step)
            if let loss = record.validationLoss {
                try file.append(loss, tag: "loss/held_out", step: record.step)
            }
            if let loss = record.validationLossAveraged {
                try file.append(loss, tag: "loss/held_out_averaged", step: record.step)
            }
            if let distance = record.frechetDistance {
                try file.append(distance, tag: "frechet_distance", step: record.step)
            }
        }
        try file.flush()
    }
}
