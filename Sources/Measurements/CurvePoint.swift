/// A point of a curve. A number that is not finite leaves a gap in the line.
public struct CurvePoint: Sendable {
    /// On the plot's x axis, in its unit.
    public var x: Double
    /// On the plot's y axis, in its unit.
    public var y: Double

    /// A point.
    public init(x: Double, y: Double) {
        self.x = x
        self.y = y
    }
}

extension [CurvePoint] {
    /// A lighter line that looks the same: of the points in each of `columns` equal stretches of x, the lowest and
    /// the highest are kept, and the ends of the line and of each gap. Points are in order of x.
    ///
    /// A line of no more than `2 * columns` points is returned as it is.
    package func decimated(columns: Int) -> [CurvePoint] {
        let columns = Swift.max(1, columns)
        guard count > 2 * columns else { return self }
        let finite = lazy.map(\.x).filter(\.isFinite)
        guard let low = finite.min(), let high = finite.max(), high > low else { return self }
        let width = high / Double(columns) - low / Double(columns)
        guard width > 0 else { return self }
        var result: [CurvePoint] = []
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

extension CurvePoint {
    /// Whether the point has a place.
    package var isFinite: Bool { x.isFinite && y.isFinite }
}

/// Numbers that are not finite count as equal, so that a curve with gaps equals itself.
extension CurvePoint: Equatable {
    public static func == (left: Self, right: Self) -> Bool {
        NullIfNotFinite(wrappedValue: left.x) == NullIfNotFinite(wrappedValue: right.x)
            && NullIfNotFinite(wrappedValue: left.y) == NullIfNotFinite(wrappedValue: right.y)
    }
}
