/// A line chart that curves of several subjects share; curves of *equal* plots are drawn together.
public struct Plot: Codable, Sendable, Hashable {
    /// What programs know the plot by, for instance `loss`; its file is named after it.
    public var id: String
    /// Above the chart.
    public var title: String
    /// The title of the section that the chart stands in.
    public var section: String
    /// The horizontal axis.
    public var xAxis: Axis
    /// The vertical axis.
    public var yAxis: Axis
    /// Asks for a second chart of the last three fifths on linear axes, where lines that fall steeply at first lie
    /// close together.
    public var hasCloseUp: Bool

    /// A plot, known to programs by its id.
    public init(
        _ id: String, title: String, section: String, xAxis: Axis, yAxis: Axis, hasCloseUp: Bool = false
    ) {
        self.id = id
        self.title = title
        self.section = section
        self.xAxis = xAxis
        self.yAxis = yAxis
        self.hasCloseUp = hasCloseUp
    }

    /// What an axis shows.
    public struct Axis: Codable, Sendable, Hashable {
        /// What it shows, without the unit.
        public var label: String
        /// The unit in words; empty for a plain number.
        public var unit: String
        /// Whether equal distances are equal ratios.
        public var isLogarithmic: Bool

        /// An axis; without a unit it counts.
        public init(label: String, unit: String = "", isLogarithmic: Bool = false) {
            self.label = label
            self.unit = unit
            self.isLogarithmic = isLogarithmic
        }
    }
}
