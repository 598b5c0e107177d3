import Compute
import StableHLO

/// Images computed at once, somewhere on their way from noise to data.
public struct SamplingBatch: Sendable {
    /// How many images were asked for; the arrays may hold more.
    public let count: Int
    /// Steps of the method done so far.
    public internal(set) var stepsDone = 0
    /// (size, channels, height, width)
    var state: DeviceArray
    let labels: DeviceArray
    let guidance: DeviceArray
    /// What takes this batch on its way; see `Sampler.flowFunction`.
    let flow: CompiledFunction

    init(count: Int, state: DeviceArray, labels: DeviceArray, guidance: DeviceArray, flow: CompiledFunction) {
        self.count = count
        self.flow = flow
        self.state = state
        self.labels = labels
        self.guidance = guidance
    }

    /// The images as they are now, row-major (count, channels, height, width).
    public func images() throws -> [Float] {
        let pixels = state.type.shape.dropFirst().reduce(1, *)
        return Array(try state.values(as: Float.self).prefix(count * pixels))
    }
}
