/// The Frechet distance between two normal distributions that have the moments of two sets of features (Heusel et al. 2017,
/// "GANs trained by a two time-scale update rule", eq. 6).
///
/// |m - n|^2 + tr(A) + tr(B) - 2 tr((A^1/2 B A^1/2)^1/2), in double precision. The last matrix is symmetric and has no
/// negative eigenvalue, so nothing becomes complex where a covariance is nearly singular.
public enum FrechetDistance {
    /// - Precondition: the moments are of equally many dimensions.
    public static func between(_ a: Moments, and b: Moments) -> Double {
        Reference(b).distance(of: a)
    }

    /// Moments that others are held against, with the root of their covariance.
    public struct Reference: Sendable {
        private let mean: [Double]
        private let covariance: SymmetricMatrix
        private let root: SymmetricMatrix

        /// - Parameter moments: of the real images' features
        public init(_ moments: Moments) {
            mean = moments.mean
            covariance = SymmetricMatrix(moments.covariance, size: mean.count)
            root = covariance.squareRoot()
        }

        /// The Frechet distance of two normal distributions with these moments.
        public func distance(of other: Moments) -> Double {
            precondition(other.mean.count == mean.count, "features of one network only")
            let covariance = SymmetricMatrix(other.covariance, size: mean.count)
            let shift = zip(mean, other.mean).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
            let overlap = root.congruence(of: covariance).eigenvalues().reduce(0) { $0 + max(0, $1).squareRoot() }
            return max(0, shift + self.covariance.trace + covariance.trace - 2 * overlap)
        }
    }

    /// The distance of features to a reference, with the error that their number makes: the standard deviation over
    /// resamplings of the images (bootstrap). The reference counts as given.
    ///
    /// The distance of few images is too large on the average, which no resampling tells; compare equal numbers only.
    public static func estimate(
        _ features: FeatureSet, against reference: Reference, resamplings: Int = 100, seed: UInt64
    ) -> Estimate {
        var draws = Draws(seed: seed)
        let distances = (0..<resamplings).map { _ in
            reference.distance(of: Moments(features, weights: draws.resampling(features.count)))
        }
        return Estimate(reference.distance(of: Moments(features)), standardErrorOf: distances)
    }
}
