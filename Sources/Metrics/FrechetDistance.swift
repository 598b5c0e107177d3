/// The Frechet distance between two normal distributions that have the moments of two sets of features (Heusel et al. 2017,
/// "GANs trained by a two time-scale update rule", eq. 6).
///
/// |m - n|^2 + tr(A) + tr(B) - 2 tr((A^1/2 B A^1/2)^1/2), in double precision. The last matrix is symmetric and has no
/// negative eigenvalue, so nothing becomes complex where a covariance is nearly singular.
public enum FrechetDistance {
    /// - Precondition: the moments are of equally many dimensions.
    public static func between(_ a: Moments, _ b: Moments) -> Double {
        precondition(a.mean.count == b.mean.count, "features of one network only")
        let size = a.mean.count
        let (first, second) = (SymmetricMatrix(a.covariance, size: size), SymmetricMatrix(b.covariance, size: size))
        let shift = zip(a.mean, b.mean).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        let common = first.squareRoot().congruence(of: second).eigen().values
        let overlap = common.reduce(0) { $0 + max(0, $1).squareRoot() }
        return max(0, shift + first.trace + second.trace - 2 * overlap)
    }

    /// The distance of features to a reference, with the error that their number makes: the standard deviation over
    /// resamplings of the images (bootstrap). The reference counts as given.
    ///
    /// The distance of few images is too large on the average, which no resampling tells; compare equal numbers only.
    public static func estimate(
        _ features: FeatureSet, against reference: Moments, resamplings: Int = 100, seed: UInt64,
        onResampling: (Int) -> Void = { _ in }
    ) -> Estimate {
        var draws = Draws(seed: seed)
        let distances = (0..<resamplings).map { index in
            defer { onResampling(index + 1) }
            return between(Moments(features, weights: draws.resampling(features.count)), reference)
        }
        return Estimate(between(Moments(features), reference), standardErrorOf: distances)
    }
}
