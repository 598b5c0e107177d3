/// A value for every step of a run, in order, and how it is summarised: its last values in figures, its course thinned
/// for a plot.
package struct Course: Sendable, Equatable {
    /// The value of every step, in order.
    package let values: [Double]
    /// The number of each step.
    let steps: [Int]
    /// At most this many stretches of the run are kept in a curve.
    static let stretches = 500

    /// - Parameter steps: the number of each step, ascending; left out, they are counted from 1
    package init(_ values: [Double], steps: [Int]? = nil) {
        precondition(steps.map { $0.count == values.count } ?? true, "a number for each step")
        self.values = values
        self.steps = steps ?? values.indices.map { $0 + 1 }
    }

    /// The mean over the last `window` steps; `nil` where the run was not that long. A value that is not finite spoils
    /// its means.
    package func finalMean(over window: Int) -> Double? {
        guard window > 0, window <= values.count else { return nil }
        return values.suffix(window).reduce(0, +) / Double(window)
    }

    /// How many steps a curve is smoothed over.
    package var smoothingWindow: Int { min(100, max(1, values.count / 20)) }

    /// The centred running mean over ``smoothingWindow`` steps, and of single steps the lowest and the highest of each
    /// stretch of a long run. A run that is too short to smooth has a line of its steps alone.
    package func curve(_ plot: Plot) -> Curve {
        let points = zip(steps, values).map { CurvePoint(x: Double($0), y: $1) }
        let steps = Curve.Line(
            meaning: "single steps", points: points.decimated(columns: Self.stretches))
        guard smoothingWindow > 1 else { return Curve(plot, line: steps) }
        let means = values.smoothed(window: smoothingWindow)
        let stride = (values.count + Self.stretches - 1) / Self.stretches
        // Counted back from the last step, so that the curve ends where the run did.
        let kept = means.indices.filter { (means.count - 1 - $0).isMultiple(of: stride) }
        let smoothed = Curve.Line(
            meaning: "the running mean of \(DecimalText.grouped(smoothingWindow)) steps",
            points: kept.map { CurvePoint(x: Double(self.steps[$0]), y: means[$0]) })
        return Curve(plot, line: smoothed, companion: steps)
    }
}
