/// Images to draw: one label and guidance scale each.
public struct SamplingRequest: Sendable {
    /// One an image; the number of classes is "no label".
    public let labels: [Int]
    /// One scale an image; 1 is the conditional model itself.
    public let guidance: [Double]
    /// What the images begin as. Where it is that of fewer images, the last ones begin as nothing in particular.
    public let noise: StartingNoise

    /// - Parameters:
    ///   - labels: one an image
    ///   - guidance: one scale for each label
    ///   - noise: what the images begin as
    public init(labels: [Int], guidance: [Double], noise: StartingNoise = .numbered(from: 0)) {
        precondition(labels.count == guidance.count, "one guidance scale for each label")
        self.labels = labels
        self.guidance = guidance
        self.noise = noise
    }

    /// - Parameters:
    ///   - labels: one an image
    ///   - guidance: the scale of all
    ///   - noise: what the images begin as
    public init(labels: [Int], guidance: Double, noise: StartingNoise = .numbered(from: 0)) {
        self.init(labels: labels, guidance: labels.map { _ in guidance }, noise: noise)
    }
}

/// Images on their way from noise to data.
public struct Trajectory: Sendable {
    /// One set a stop: values in [-1, 1] and beyond, row-major (count, channels, height, width).
    public internal(set) var sets: [[Float]]
    /// How often the network was evaluated for an image.
    public internal(set) var evaluations = 0

    /// The images at the last stop.
    public var images: [Float] { sets[sets.count - 1] }
}
