public import Compute

/// How well a set of images lies within another and covers it, by balls that reach to the k-th neighbour.
///
/// Precision and recall of Kynkaanniemi et al. 2019 ("Improved precision and recall metric for assessing generative
/// models"), density and coverage of Naeem et al. 2020 ("Reliable fidelity and diversity metrics for generative models").
public struct Coverage: Sendable {
    /// For each generated image, whether it lies in a ball around a real one.
    package private(set) var isPrecise: [Bool]
    /// For each real image, whether it lies in a ball around a generated one.
    package private(set) var isRecalled: [Bool]
    /// For each generated image, in how many balls around real ones it lies, divided by k.
    package private(set) var densities: [Double]
    /// For each real image, whether a generated one lies in its ball.
    package private(set) var isCovered: [Bool]

    /// - Parameters:
    ///   - real: features of the real images
    ///   - generated: features of the generated ones
    ///   - k: which neighbour a ball reaches to; each set has more than k images.
    ///   - engine: what distances are computed on
    public init(real: FeatureSet, generated: FeatureSet, neighbours k: Int = 5, on engine: Engine) throws {
        let neighbours = Neighbours(on: engine)
        func squaredRadii(_ set: FeatureSet) throws -> [Double] {
            try neighbours.nearest(k, to: set, in: set, skippingOwnPlace: true).map { $0.squares[k - 1] }
        }
        let (realRadii, generatedRadii) = (try squaredRadii(real), try squaredRadii(generated))
        var balls = [Int](repeating: 0, count: generated.count)
        var recalled = [Bool](repeating: false, count: real.count)
        var covered = recalled
        try neighbours.forEachRow(of: generated, to: real) { row, squares in
            let radius = generatedRadii[row]
            var inside = 0
            for (index, square) in squares.enumerated() {
                if square < realRadii[index] {
                    inside += 1
                    covered[index] = true
                }
                if square < radius { recalled[index] = true }
            }
            balls[row] = inside
        }
        isPrecise = balls.map { $0 > 0 }
        isRecalled = recalled
        densities = balls.map { Double($0) / Double(k) }
        isCovered = covered
    }

    /// The share of generated images that lie among the real ones.
    public var precision: Estimate { Estimate(meanOf: isPrecise.map { $0 ? 1 : 0 }) }
    /// The share of real images that lie among the generated ones.
    public var recall: Estimate { Estimate(meanOf: isRecalled.map { $0 ? 1 : 0 }) }
    /// As precision, but counting balls: an outlier among the real images counts little. May be more than 1.
    public var density: Estimate { Estimate(meanOf: densities) }
    /// The share of real images with a generated one near.
    public var coverage: Estimate { Estimate(meanOf: isCovered.map { $0 ? 1 : 0 }) }
}
