/// One of the things that a study compares, and what was measured of it.
public struct Subject: Codable, Sendable, Equatable {
    /// As tables and legends name it.
    public var name: String
    /// What was chosen for it where the study's subjects differ by design, by which they are sorted and filtered.
    public var choices: [Fact]
    /// Where its configuration differs from the study's.
    public var settings: [Fact]
    /// In the order of the table's rows.
    public var readings: [Reading]
    /// What was recorded along the way.
    public var curves: [Curve]
    /// What is shown of it.
    public var pictures: [Picture]
    /// Why its readings may not be held against the study's reference, each a short phrase; empty where they may.
    public var caveats: [String]
    /// Why it has no result, a phrase that completes "it ..."; absent where it has one.
    public var failure: String?

    /// A subject with what was measured of it.
    public init(
        name: String, choices: [Fact] = [], settings: [Fact] = [], readings: [Reading], curves: [Curve] = [],
        pictures: [Picture] = [],
        caveats: [String] = [], failure: String? = nil
    ) {
        self.name = name
        self.choices = choices
        self.settings = settings
        self.readings = readings
        self.curves = curves
        self.pictures = pictures
        self.caveats = caveats
        self.failure = failure
    }

    /// What was read of a quantity; `nil` where it was not measured.
    public func reading(of quantity: Quantity) -> Reading? {
        readings.first { $0.quantity == quantity }
    }
}

/// A picture of what a subject made; the file lies beside the report.
public struct Picture: Codable, Sendable, Equatable {
    /// The title of the section that it stands in.
    public var section: String
    /// What it shares with the pictures of other subjects that it stands beside, for instance `Seed 3`.
    public var group: String
    /// The file's name, which ends in `.png`.
    public var file: String
    /// What is to be seen, for those who cannot see it.
    public var summary: String

    /// A picture in a file of the report's folder.
    public init(section: String, group: String, file: String, summary: String) {
        self.section = section
        self.group = group
        self.file = file
        self.summary = summary
    }
}
