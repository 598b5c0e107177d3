import Compute
import StableHLO

/// Images computed at once, somewhere on their way from noise to data.
public struct SamplingBatch: Sendable {
    /// How many images were asked for; the arrays may hold more.
    public let count: Int
    /// Steps of the method done so far.
    public internal(set) var stepsDone = 0
    /// How often the network was evaluated for an image so far.
    public internal(set) var evaluations = 0
    /// (size, channels, height, width)
    var state: DeviceArray
    /// The seed of its noise, and the number of its first image.
    let origin: [DeviceArray]
    let labels: DeviceArray
    let guidance: DeviceArray
    /// Whether any image has another guidance scale than 1.
    let isGuided: Bool

    init(
        count: Int, state: DeviceArray, origin: [DeviceArray], labels: DeviceArray, guidance: DeviceArray,
        isGuided: Bool
    ) {
        self.count = count
        self.state = state
        self.origin = origin
        self.labels = labels
        self.guidance = guidance
        self.isGuided = isGuided
    }

    /// Images that the arrays hold.
    var size: Int { state.type.shape[0] }

    /// The images as they are now, row-major (count, channels, height, width).
    public func images() throws -> [Float] {
        let pixels = state.type.shape.dropFirst().reduce(1, *)
        return Array(try state.values(as: Float.self).prefix(count * pixels))
    }
}
