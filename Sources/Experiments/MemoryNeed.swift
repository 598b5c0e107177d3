import Basis
import Compute
import Flows
import NN
import StableHLO
import Training

/// What a training needs of the machine's memory at the least, known before anything is loaded or compiled.
///
/// What a compiled step needs besides is known, and checked, once it is compiled.
struct MemoryNeed {
    private let network: any ConditionalNetwork
    /// Weights, what the optimizer keeps and averages; nil for more than can be counted.
    let stateBytes: Int?
    /// Noise, data, points and velocities of a batch.
    private let batchBytes: Int?

    init(_ configuration: RunConfiguration, _ network: any ConditionalNetwork) throws {
        self.network = network
        let layout = StateLayout(
            try ParameterTree(of: network), optimizer: configuration.optimizer, average: configuration.average)
        let sizes = layout.types.map { ($0.shape + [$0.elementType.byteCount]).checkedProduct }
        stateBytes = sizes.contains(nil) ? nil : sizes.compactMap { $0 }.checkedSum
        batchBytes =
            ([4, MemoryLayout<Float>.size, configuration.training.batchSize] + network.imageShape)
            .checkedProduct
    }

    /// - Parameter images: of the data set
    /// - Throws: `NotEnoughResources`
    func check(images: Int) throws(NotEnoughResources) {
        let limits = MachineLimits.current
        try limits.check(stateBytes, for: "the state of the network")
        try limits.check(batchBytes, for: "a batch of images of \(network.imageShape)")
        let dataBytes = ([images] + network.imageShape).checkedProduct
        try limits.check(dataBytes, for: "a data set of \(images) images of \(network.imageShape)")
        let all = [stateBytes, batchBytes, dataBytes].compactMap { $0 }
        try limits.check(all.checkedSum, for: "training this network on this data")
    }
}
