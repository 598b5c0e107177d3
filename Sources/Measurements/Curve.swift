/// How something went for one subject.
public struct Curve: Codable, Sendable, Equatable {
    /// Where it is drawn.
    public var plot: Plot
    /// What tells it from the subject's other curves of the plot; empty where it has one.
    public var name: String
    /// What is drawn.
    public var line: Line
    /// How far the values of several subjects lie apart whose mean the line is; absent where it is one subject's.
    public var band: Band?
    /// What stands faintly behind the line, for instance what it was smoothed from; may be absent.
    public var companion: Line?

    /// A curve of a plot; its name tells it from other curves of a subject.
    public init(_ plot: Plot, name: String = "", line: Line, band: Band? = nil, companion: Line? = nil) {
        self.plot = plot
        self.name = name
        self.line = line
        self.band = band
        self.companion = companion
    }

    /// Points in order of x, and what they are.
    public struct Line: Sendable, Equatable {
        /// For the caption, for instance `the running mean of 100 steps`; may be empty.
        public var meaning: String
        /// By ascending x.
        public var points: [CurvePoint]

        /// A line; its meaning stands in the legend.
        public init(meaning: String = "", points: [CurvePoint]) {
            self.meaning = meaning
            self.points = points
        }
    }
}

/// As two arrays of one length, `x` and `y`; numbers that are not finite are `null`.
extension Curve.Line: Codable {
    private enum CodingKeys: CodingKey { case meaning, x, y }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        meaning = try container.decode(String.self, forKey: .meaning)
        let x = try container.decode([NullIfNotFinite].self, forKey: .x)
        let y = try container.decode([NullIfNotFinite].self, forKey: .y)
        guard x.count == y.count else {
            throw DecodingError.dataCorruptedError(
                forKey: .y, in: container, debugDescription: "\(x.count) values of x, \(y.count) of y")
        }
        points = zip(x, y).map { CurvePoint(x: $0.wrappedValue, y: $1.wrappedValue) }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(meaning, forKey: .meaning)
        try container.encode(points.map { NullIfNotFinite(wrappedValue: $0.x) }, forKey: .x)
        try container.encode(points.map { NullIfNotFinite(wrappedValue: $0.y) }, forKey: .y)
    }
}
