/// Which way a quantity is better.
public enum Direction: String, Codable, Sendable {
    /// Less is better, as of a loss.
    case lowerIsBetter = "lower_is_better"
    /// More is better, as of an accuracy.
    case higherIsBetter = "higher_is_better"
    /// Neither is better.
    case neutral
}

/// Something that is measured of each subject of a study.
///
/// A quantity is declared once and read off many subjects; readings of *equal* quantities stand in one row of a table,
/// so that no row mixes units.
public struct Quantity: Codable, Sendable, Hashable {
    /// What programs know the quantity by, for instance `training-speed`; its chart's file is named after it.
    public var id: String
    /// As it reads inside a sentence: `mean loss`. Tables begin it with a capital letter.
    public var name: String
    /// What tells it from others of its name, for instance `last 500 steps`; may be empty.
    public var detail: String
    /// The unit in words; empty for a plain number, and for a form whose text brings its unit.
    public var unit: String
    /// Which way is better.
    public var direction: Direction
    /// How its numbers are written.
    public var form: NumberForm
    /// The title of the section whose table has it; empty for the results.
    public var section: String
    /// What the summary says of the best subject, for instance `trained fastest`; empty where it says nothing.
    public var praise: String
    /// The bar chart that the quantity asks for; absent where a row of the table is enough.
    public var bars: Bars?

    /// A quantity, known to programs by its id.
    public init(
        _ id: String, name: String, detail: String = "", unit: String = "", direction: Direction = .neutral,
        form: NumberForm, section: String = "", praise: String = "", bars: Bars? = nil
    ) {
        self.id = id
        self.name = name
        self.detail = detail
        self.unit = unit
        self.direction = direction
        self.form = form
        self.section = section
        self.praise = praise
        self.bars = bars
    }

    /// A bar chart of a quantity, a bar for each subject.
    public struct Bars: Codable, Sendable, Hashable {
        /// Above the chart.
        public var title: String
        /// The title of the section that the chart stands in.
        public var section: String
        /// What the lengths are measured in; the quantity's unit where this is empty.
        public var scale: String
        /// Said below the chart where reference figures stand beside the bars.
        public var referenceNote: String
        /// How many significant digits a value is written with.
        public var digits: Int

        /// A bar chart of a quantity.
        public init(
            title: String, section: String, scale: String = "", referenceNote: String = "", digits: Int = 3
        ) {
            self.title = title
            self.section = section
            self.scale = scale
            self.referenceNote = referenceNote
            self.digits = digits
        }
    }
}
