extension [Double] {
    /// The centred running mean over `window` values, of fewer at the two ends. At the start, where a loss falls
    /// steeply, it reaches no further ahead than back, so that the fall keeps its place.
    ///
    /// Values that are not finite are left out; a window of nothing else gives NaN.
    /// - Parameter window: how many values to average; under 1 is taken as 1.
    package func smoothed(window: Int) -> [Double] {
        let window = Swift.max(1, window)
        return indices.map { index in
            let first = Swift.max(0, index - window / 2)
            let last = Swift.min(count - 1, first == 0 ? 2 * index : Int.max, index + (window - 1) / 2)
            var mean = 0.0
            var count = 0.0
            for value in self[first...last] where value.isFinite {
                count += 1
                mean += value / count - mean / count
            }
            return count > 0 ? mean : .nan
        }
    }
}
