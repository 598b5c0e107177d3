import Compute
import Datasets
import Foundation
import Quality

/// Features of the real images, computed once for a feature network and a data set and kept among what this program can
/// compute again.
struct ReferenceSets {
    let extractor: FeatureExtractor
    let features: TrainedFeatures.Identity

    /// - Parameter onBatch: told how many images are done
    func set(of data: LoadedDataset, onBatch: (Int) -> Void) throws -> ImageSet {
        let identity = "\(features.checksum) \(data.identity.checksum) \(data.identity.side) \(data.identity.resize)"
        let isRead = data.images.classCount == extractor.network.classCount
        let labels = isRead ? data.images.labels.map { Int($0) } : nil
        let name = "\(data.identity.name) (\(data.identity.split))"
        let folder = DiskCache.standard?.folder.appendingPathComponent("features", isDirectory: true)
        let file = folder?.appendingPathComponent("\(FeatureFileName.text(of: identity)).safetensors")
        if let file {
            let rows = FeatureRows(file, identity: identity, classCount: extractor.network.classCount)
            if rows.count == data.images.count {
                return ImageSet(features: rows.features, scores: rows.scores, labels: labels, name: name)
            }
        }
        let reading = try extractor(data.images.images, onBatch: onBatch)
        if let file {
            var rows = FeatureRows(file, identity: identity, classCount: extractor.network.classCount)
            if rows.count == 0 {
                rows.append(reading)
                // Without room for it, it is computed anew the next time.
                try? rows.write()
            }
        }
        return ImageSet(features: reading.features, scores: reading.scores, labels: labels, name: name)
    }
}
