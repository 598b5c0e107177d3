/// The features of a set of images: a row of numbers an image.
public struct FeatureSet: Sendable, Equatable {
    /// Numbers an image.
    public let dimensions: Int
    /// count x dimensions, row-major.
    public private(set) var values: [Double]

    /// - Precondition: the numbers are whole rows.
    public init(_ values: [Double], dimensions: Int) {
        precondition(dimensions > 0 && values.count % dimensions == 0, "the numbers must be whole rows")
        self.values = values
        self.dimensions = dimensions
    }

    /// The number of images.
    public var count: Int { values.count / dimensions }

    /// The features of one image.
    public subscript(row: Int) -> ArraySlice<Double> { values[row * dimensions..<(row + 1) * dimensions] }

    /// The rows of these numbers, in this order.
    public func rows(at indices: some Sequence<Int>) -> FeatureSet {
        FeatureSet(indices.flatMap { self[$0] }, dimensions: dimensions)
    }

    /// Adds the rows of another set of the same width.
    public mutating func append(_ other: FeatureSet) {
        precondition(other.dimensions == dimensions, "features of one network only")
        values += other.values
    }
}
