import Quality

/// A figure of image quality: its value, how sure it is, and what it was made with. Figures that were made with different
/// features, references or numbers of images are not comparable.
public struct Figure: Codable, Sendable, Equatable {
    /// The estimate.
    public let value: Double
    /// The ends of the range that holds the value in 95 of 100 cases.
    public let interval: [Double]
    /// How the interval was found.
    public let intervalBy: String
    /// What it is of, and what it may be compared with.
    public let madeWith: Basis

    /// What a figure depends on beside the images that it is of.
    public struct Basis: Codable, Sendable, Equatable {
        /// Images that the figure is of.
        public let images: Int
        /// What they are compared with; nil where that is nothing.
        public let reference: String?
        /// How many images those are.
        public let referenceImages: Int?
        /// The name of what images are compared by.
        public let features: String
        /// Of the file of these features.
        public let featuresChecksum: String
        /// Of the training images, in their own size.
        public let dataChecksum: String
        /// How images of other sizes were made the network's.
        public let resize: String
        /// Constants of the figure, such as "k = 5".
        public let constants: String?
    }

    init(_ estimate: Estimate, by method: String, _ basis: Basis) {
        value = estimate.value
        interval = estimate.interval
        intervalBy = method
        madeWith = basis
    }
}
