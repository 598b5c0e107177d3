public import Settings

/// The kinds of probability path.
public enum ProbabilityPaths {
    /// All kinds, in the order of the manual.
    public static let registry = Registry<any ProbabilityPath>(
        "How noise becomes data: x_t = alpha(t) z + beta(t) eps.",
        [
            LinearPath(),
            PolynomialPath(),
            CosinePath(),
            LinearVariancePreservingPath(),
            VariancePreservingPath(),
        ])
}
