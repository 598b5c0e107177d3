import Settings

/// Equal steps.
public struct UniformGrid: TimeGrid {
    public static let name = "uniform"
    public static let summary = "Equal steps; where to begin."

    public init() {}

    public func times(steps: Int) -> [Double] { (0...steps).map { Double($0) / Double(steps) } }
}
