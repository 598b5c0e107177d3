public import Compute
import NN
import StableHLO
import Tensors

/// The arrays of a training run on a device. A step consumes them and puts new ones in their place.
///
/// Not copyable: after a step, the old arrays are gone. A step that fails leaves the state lost, never half-written.
public struct TrainingState: ~Copyable, Sendable {
    /// What it is made of.
    public let layout: StateLayout
    private var arrays: StateArrays<DeviceArray>?

    /// A state of arrays read from a checkpoint.
    init(_ arrays: StateArrays<DeviceArray>, _ layout: StateLayout) {
        self.arrays = arrays
        self.layout = layout
    }

    /// First values drawn on the device from a seed.
    public init(_ layout: StateLayout, seed: UInt64, on engine: Engine) throws {
        let function = try engine.function(Self.initialization(layout))
        let seed = try DeviceArray([seed], TensorType([], .uint64), on: engine.device)
        self.init(StateArrays(try function([seed]), layout), layout)
    }

    /// What draws the first values: seed to state.
    static func initialization(_ layout: StateLayout) -> Computation {
        Computation("initialize", arguments: [TensorType([], .uint64)]) { arguments in
            let values = layout.tree.initialValues(RandomStream(seed: arguments[0]).stream("initialization"))
            let step = Tensor(integer: 0, elementType: .int64)
            return layout.beginning(values, zero: { Tensor(0, shape: $0.shape) }, step: step).flattened
        }
    }

    /// A state of weights that were trained elsewhere, before its first step.
    public init(_ layout: StateLayout, weights: [DeviceArray], on engine: Engine) throws {
        let device = engine.device
        let arrays = try layout.beginning(
            weights, zero: { try DeviceArray([Float](repeating: 0, count: $0.elementCount), $0, on: device) },
            step: DeviceArray([0 as Int64], TensorType([], .int64), on: device))
        self.init(arrays, layout)
    }

    /// The arrays, to be read only.
    ///
    /// - Throws: ``TrainingError/stateLost``
    package func current() throws(TrainingError) -> StateArrays<DeviceArray> {
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
