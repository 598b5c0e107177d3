import Compute
import Quality

/// The figures of a set of images against the real ones.
public struct ImageQuality: Codable, Sendable, Equatable {
    /// The Frechet distance to the test images (Heusel and others 2017).
    public let frechet: Figure
    /// The same to the training images.
    public let frechetTrain: Figure
    /// The kernel distance to the test images (Binkowski and others 2018).
    public let kernel: Figure
    /// The same to the training images.
    public let kernelTrain: Figure
    /// The share of drawn images that lie among real ones (Kynkaanniemi and others 2019).
    public let precision: Figure
    /// The share of real images that lie among drawn ones (the same).
    public let recall: Figure
    /// How densely real images lie about drawn ones (Naeem and others 2020).
    public let density: Figure
    /// The share of real images with a drawn one among their neighbours (the same).
    public let coverage: Figure
    /// The share of images in which the classifier reads the label that was asked for.
    public let accuracy: Figure?
    /// The same of each class; nil of one that was not asked for.
    public let accuracyByClass: [Double?]?
    /// Of the classes that the classifier reads, in nats.
    public let classEntropy: Figure
    /// exp of the mean divergence of an image's classes from those of all.
    public let classEntropyScore: Figure
    /// Distances to the nearest training image; nil of training images.
    public let nearest: NeighbourDistances?
}

/// How far images are from their nearest training image, in the space of features.
public struct NeighbourDistances: Codable, Sendable, Equatable {
    /// The shares whose distances ``quantiles`` and ``testQuantiles`` are.
    package static let shares = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99]

    /// Distances of the images.
    public let quantiles: [Double]
    /// Distances of the test images, which nobody copied.
    public let testQuantiles: [Double]
    /// The share of images nearer to a training image than all but one in a hundred test images are: 0.01 where nothing
    /// is copied.
    public let shareOfNearCopies: Double

    init(_ distances: [Double], test: [Double]) {
        quantiles = NeighbourDistances.shares.map { NeighbourDistances.quantile($0, of: distances.sorted()) }
        testQuantiles = NeighbourDistances.shares.map { NeighbourDistances.quantile($0, of: test.sorted()) }
        let near = testQuantiles[0]
        shareOfNearCopies = Double(distances.count { $0 < near }) / Double(distances.count)
    }

    private static func quantile(_ share: Double, of sorted: [Double]) -> Double {
        sorted[min(sorted.count - 1, Int(share * Double(sorted.count)))]
    }
}
