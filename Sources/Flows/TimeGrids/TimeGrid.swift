public import Settings

/// Where on the way from noise to data a solver's steps begin and end.
public protocol TimeGrid: SettingKind {
    /// Ascending from 0 to 1, one more than there are steps.
    ///
    /// - Parameter steps: how many are wanted, 1 or more; a grid that says itself how many it has does not listen
    func times(steps: Int) -> [Double]
}

/// The kinds of time grid.
public enum TimeGrids {
    /// All kinds, in the order of the manual.
    public static let registry = Registry<any TimeGrid>(
        "Where a solver's steps begin and end; of adaptive steps, the times at which a trajectory is looked at.",
        [
            UniformGrid(),
            ShiftedGrid(),
            ListedGrid(),
        ])
}
