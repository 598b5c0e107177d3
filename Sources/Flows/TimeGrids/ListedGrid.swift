public import Settings

/// Times one by one.
public struct ListedGrid: TimeGrid {
    public static let name = "list"
    public static let summary = "The times one by one, whatever the number of steps; for grids that were searched for."

    @Setting("The times, 0 and 1 included.", .wholeWay, role: .recording)
    public var points = [0, 0.25, 0.5, 0.75, 1]

    public init() {}

    public func times(steps: Int) -> [Double] { points }
}

extension SettingRange<[Double]> {
    fileprivate static var wholeWay: SettingRange {
        SettingRange("a list of ascending numbers from 0 to 1, both included, such as 0,0.5,1") { points in
            let isAscending = zip(points, points.dropFirst()).allSatisfy { $0 < $1 }
            return isAscending && points.count > 1 && points[0] == 0 && points[points.count - 1] == 1
        }
    }
}
