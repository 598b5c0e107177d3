import Foundation

/// A point in the units of a chart's two axes. A number that is not finite leaves a gap in the line.
public struct ChartPoint: Sendable, Equatable {
    public var x: Double
    public var y: Double

    public init(x: Double, y: Double) {
        self.x = x
        self.y = y
    }
}

extension [Double] {
    /// The centred running mean over `window` values, of fewer at the two ends. At the start, where a loss falls
    /// steeply, it reaches no further ahead than back, so that the fall keeps its place.
    ///
    /// Values that are not finite are left out; a window of nothing else gives NaN.
    /// - Parameter window: how many values to average; under 1 is taken as 1.
    public func smoothed(window: Int) -> [Double] {
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

extension [ChartPoint] {
    /// A lighter line that looks the same: of the points in each of `columns` equal stretches of x, the lowest and
    /// the highest are kept, and the ends of the line and of each gap. Points are in order of x.
    ///
    /// A line of no more than `2 * columns` points is returned as it is.
    public func decimated(columns: Int) -> [ChartPoint] {
        let columns = Swift.max(1, columns)
        guard count > 2 * columns else { return self }
        let finite = lazy.map(\.x).filter(\.isFinite)
        guard let low = finite.min(), let high = finite.max(), high > low else { return self }
        let width = high / Double(columns) - low / Double(columns)
        guard width > 0 else { return self }
        var result: [ChartPoint] = []
        var start = startIndex
        while start < endIndex {
            guard self[start].isFinite else {
                // One point stands for a whole gap.
                if result.last?.isFinite ?? true { result.append(self[start]) }
                start += 1
                continue
            }
            let end = self[start...].firstIndex { !$0.isFinite } ?? endIndex
            var index = start
            while index < end {
                let column = ((self[index].x - low) / width).rounded(.down)
                var kept = [index, index]
                let first = index
                while index < end, ((self[index].x - low) / width).rounded(.down) == column {
                    if self[index].y < self[kept[0]].y { kept[0] = index }
                    if self[index].y > self[kept[1]].y { kept[1] = index }
                    index += 1
                }
                if first == start { kept.append(start) }
                if index == end { kept.append(end - 1) }
                result.append(contentsOf: Set(kept).sorted().map { self[$0] })
            }
            start = end
        }
        return result
    }
}

extension ChartPoint {
    var isFinite: Bool { x.isFinite && y.isFinite }
}
