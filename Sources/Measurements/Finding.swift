/// Who is ahead of whom by a figure, by how much, and how sure that is.
public struct Finding: Codable, Sendable, Equatable {
    /// What was compared, such as `mean loss (last 500 steps)`.
    public var figure: String
    /// The name of the subject that is better.
    public var ahead: String
    /// The name of the other.
    public var behind: String
    /// How far apart they are on average; not negative.
    public var difference: Double
    /// Half the width of the interval that holds the difference in 95 of 100 cases.
    public var uncertainty: Double
    /// Pairs of subjects that differ by this alone.
    public var pairs: Int
    /// The finding in words.
    public var sentence: String

    /// A finding of its parts.
    public init(
        figure: String, ahead: String, behind: String, difference: Double, uncertainty: Double, pairs: Int,
        sentence: String
    ) {
        self.figure = figure
        self.ahead = ahead
        self.behind = behind
        self.difference = difference
        self.uncertainty = uncertainty
        self.pairs = pairs
        self.sentence = sentence
    }

    /// Whether the interval has no room for there being no difference.
    public var isSure: Bool { difference > uncertainty }
}
