public import Compute
import NN
import StableHLO
import Tracing

/// The arrays of a training run on a device. A step consumes them and puts new ones in their place.
///
/// Not copyable: after a step, the old arrays are gone. A step that fails leaves the state lost, never half-written.
public struct TrainingState: ~Copyable, Sendable {
    public let layout: StateLayout
    private var arrays: StateArrays<DeviceArray>?

    /// A state of arrays read from a checkpoint.
    init(_ arrays: StateArrays<DeviceArray>, _ layout: StateLayout) {
        self.arrays = arrays
        self.layout = layout
    }

    /// First values drawn on the device from a seed; moments 0, averages equal to the weights.
    public init(_ layout: StateLayout, seed: UInt64, on engine: Engine) throws {
        let function = try engine.function("initialize", arguments: [TensorType([], .uint64)]) { arguments in
            let values = layout.tree.initialValues(RandomStream(seed: arguments[0]).stream("initialization"))
            let moments = layout.trained.map { Tensor(0, shape: layout.tree.types[$0].shape) }
            return StateArrays(
                values: values, firstMoments: moments, secondMoments: moments,
                averages: layout.keepsAverages ? values : [], step: Tensor(integer: 0, elementType: .int64)
            ).flattened
        }
        let seed = try DeviceArray([seed], TensorType([], .uint64), on: engine.device)
        self.init(StateArrays(try function([seed]), layout), layout)
    }

    /// The arrays, to be read only.
    ///
    /// - Throws: ``TrainingError/stateLost``
    public func current() throws(TrainingError) -> StateArrays<DeviceArray> {
        guard let arrays else { throw .stateLost }
        return arrays
    }

    /// The values a sampler uses: averaged ones, or the raw ones.
    public func weights(averaged: Bool) throws(TrainingError) -> [DeviceArray] {
        let arrays = try current()
        return averaged && layout.keepsAverages ? arrays.averages : arrays.values
    }

    mutating func take() throws(TrainingError) -> StateArrays<DeviceArray> {
        let taken = try current()
        arrays = nil
        return taken
    }

    mutating func put(_ arrays: StateArrays<DeviceArray>) { self.arrays = arrays }
}
