/// The mean and the covariance of features.
public struct Moments: Sendable {
    /// dimensions numbers
    public let mean: [Double]
    /// Divided by count - 1; dimensions x dimensions, row-major.
    public let covariance: [Double]

    /// - Parameters:
    ///   - features: at least two rows
    ///   - weights: how often each row counts, whole numbers; left out, once
    public init(_ features: FeatureSet, weights: [Double]? = nil) {
        let (count, size) = (features.count, features.dimensions)
        let total = weights?.reduce(0, +) ?? Double(count)
        precondition(total >= 2, "a covariance needs two images")
        var mean = [Double](repeating: 0, count: size)
        var scatter = [Double](repeating: 0, count: size * size)
        features.values.withUnsafeBufferPointer { values in
            for row in 0..<count {
                let weight = weights?[row] ?? 1
                for i in 0..<size { mean[i] += weight * values[row * size + i] }
            }
            for i in 0..<size { mean[i] /= total }
            // Summed about the mean: sums of squares about 0 would lose the digits of a small variance.
            scatter.withUnsafeMutableBufferPointer { scatter in
                withUnsafeTemporaryAllocation(of: Double.self, capacity: size) { centred in
                    for row in 0..<count {
                        let weight = weights?[row] ?? 1
                        if weight == 0 { continue }
                        for i in 0..<size { centred[i] = values[row * size + i] - mean[i] }
                        for i in 0..<size {
                            let factor = weight * centred[i]
                            for j in i..<size { scatter[i * size + j] += factor * centred[j] }
                        }
                    }
                }
                for i in 0..<size {
                    for j in i..<size {
                        scatter[i * size + j] /= total - 1
                        scatter[j * size + i] = scatter[i * size + j]
                    }
                }
            }
        }
        self.mean = mean
        covariance = scatter
    }
}
