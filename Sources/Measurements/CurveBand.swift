extension Curve {
    /// From the lowest to the highest value at each x, in order of x.
    public struct Band: Sendable, Equatable {
        /// For the caption, for instance `from the lowest to the highest of 3 seeds`.
        public var meaning: String
        /// The lower edge.
        public var lows: [CurvePoint]
        /// At the same places as ``lows``.
        public var highs: [CurvePoint]

        /// A band between two edges over the same x.
        public init(meaning: String, lows: [CurvePoint], highs: [CurvePoint]) {
            self.meaning = meaning
            self.lows = lows
            self.highs = highs
        }
    }

    /// Curves of one plot as one: their mean, and a band from the lowest to the highest.
    ///
    /// It goes as far as at least two of them do. Between its points a curve is straight, so that curves whose points are
    /// elsewhere can be taken together; where one has a gap, the others make the mean.
    /// - Parameter what: the curves are of, such as `seeds`
    /// - Returns: a single curve as it is; nil without any
    package static func mean(of curves: [Curve], what: String) -> Curve? {
        guard curves.count > 1, var mean = curves.first else { return curves.first }
        let places = Set(curves.flatMap(\.line.points).map(\.x).filter(\.isFinite)).sorted()
        var walks = curves.map { Walk($0.line.points) }
        var (means, lows, highs): ([CurvePoint], [CurvePoint], [CurvePoint]) = ([], [], [])
        for x in places {
            let values = walks.indices.compactMap { walks[$0].value(at: x) }
            guard let low = values.min(), let high = values.max(), values.count > 1 else { continue }
            means.append(CurvePoint(x: x, y: values.reduce(0) { $0 + $1 / Double(values.count) }))
            lows.append(CurvePoint(x: x, y: low))
            highs.append(CurvePoint(x: x, y: high))
        }
        guard !means.isEmpty else { return mean }
        let own = mean.line.meaning.isEmpty ? "" : " of \(mean.line.meaning)"
        mean.line = Line(meaning: "the mean of \(curves.count) \(what)\(own)", points: means)
        mean.band = Band(meaning: "from the lowest to the highest of them", lows: lows, highs: highs)
        mean.companion = nil
        return mean
    }

    /// The height of a curve at places in rising order.
    private struct Walk {
        private let points: [CurvePoint]
        private var next = 0

        init(_ points: [CurvePoint]) { self.points = points.filter(\.x.isFinite) }

        /// Nil beyond the curve's ends and in its gaps.
        mutating func value(at x: Double) -> Double? {
            while next < points.count, points[next].x < x { next += 1 }
            guard next < points.count else { return nil }
            let end = points[next]
            if end.x == x { return end.y.isFinite ? end.y : nil }
            guard next > 0 else { return nil }
            let start = points[next - 1]
            let value = start.y + (end.y - start.y) * ((x - start.x) / (end.x - start.x))
            return value.isFinite ? value : nil
        }
    }
}

/// As three arrays of one length, `x`, `low` and `high`; numbers that are not finite are `null`.
extension Curve.Band: Codable {
    private enum CodingKeys: CodingKey { case meaning, x, low, high }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        func numbers(_ key: CodingKeys) throws -> [Double] {
            try container.decode([NullIfNotFinite].self, forKey: key).map(\.wrappedValue)
        }
        let (x, low, high) = (try numbers(.x), try numbers(.low), try numbers(.high))
        guard x.count == low.count, x.count == high.count else {
            throw DecodingError.dataCorruptedError(
                forKey: .low, in: container,
                debugDescription: "\(x.count) values of x, \(low.count) of low, \(high.count) of high")
        }
        meaning = try container.decode(String.self, forKey: .meaning)
        lows = zip(x, low).map { CurvePoint(x: $0, y: $1) }
        highs = zip(x, high).map { CurvePoint(x: $0, y: $1) }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(meaning, forKey: .meaning)
        try container.encode(lows.map { NullIfNotFinite(wrappedValue: $0.x) }, forKey: .x)
        try container.encode(lows.map { NullIfNotFinite(wrappedValue: $0.y) }, forKey: .low)
        try container.encode(highs.map { NullIfNotFinite(wrappedValue: $0.y) }, forKey: .high)
    }
}
