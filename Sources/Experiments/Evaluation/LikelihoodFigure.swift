import Quality

/// How likely a network finds real images, beside the figures of the images that it draws.
public struct LikelihoodFigure: Codable, Sendable, Equatable {
    /// In bits per dimension.
    public let value: Double
    /// The ends of the range that holds the value in 95 of 100 cases.
    public let interval: [Double]
    /// How the interval was found.
    public let intervalBy: String
    /// What it is of, and what it may be compared with.
    public let madeWith: Basis

    /// What the figure depends on beside the network. Those of other sizes of image are not comparable.
    public struct Basis: Codable, Sendable, Equatable {
        /// Real images that the figure is of, the first ones of their split.
        public let images: Int
        /// Which images they are.
        public let reference: String
        /// Of the images.
        public let dataChecksum: String
        /// Entries of an image as the network sees it.
        public let dimensions: Int
        /// How images of other sizes were made the network's.
        public let resize: String
        /// Solver, divergence and all else that decides the value, as `key=value`.
        public let settings: [String]
    }

    init(_ estimate: Estimate, _ basis: Basis) {
        value = estimate.value
        interval = estimate.interval
        intervalBy = "standard error over images"
        madeWith = basis
    }
}
