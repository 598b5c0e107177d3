public import Foundation

/// Subjects measured alike: everything that a report says, but for the pixels of its pictures.
public struct Study: Codable, Sendable, Equatable {
    /// The version of the JSON form; it rises when a reader of the old form would misread the new one.
    public static let currentFormatVersion = 3

    /// The version of the JSON form that it was made in.
    public private(set) var formatVersion = Self.currentFormatVersion
    /// The report's title.
    public var title: String
    /// What the study is about, each in a word or two: a data set, a device.
    public var topics: [String]
    /// The command line that makes this study again.
    public var command: String
    /// When it ended, to the second.
    public private(set) var date: Date
    /// What it was made with. No path belongs here.
    public var environment: [Fact]
    /// What is common to all subjects.
    public var configuration: [Fact]
    /// In the order in which they are shown.
    public var subjects: [Subject]
    /// Subjects that differ by chance alone, together; empty where there are none, else each subject is in one.
    public var groups: [SubjectGroup]
    /// Who is ahead of whom.
    public var findings: [Finding]
    /// The ``Quantity/id`` of the quantity that ranks the subjects; absent where none does.
    public var rankedBy: String?
    /// Where readings' reference figures are from; absent where there are none.
    public var reference: Reference?
    /// The sections of charts and pictures in their order. Those that are not named here follow.
    public var sections: [Section]

    /// A study of its subjects.
    public init(
        title: String, topics: [String] = [], command: String, date: Date, environment: [Fact], configuration: [Fact],
        subjects: [Subject], groups: [SubjectGroup] = [], findings: [Finding] = [], rankedBy: String? = nil,
        reference: Reference? = nil, sections: [Section] = []
    ) {
        self.title = title
        self.topics = topics
        self.command = command
        self.date = Date(timeIntervalSince1970: date.timeIntervalSince1970.rounded(.down))
        self.environment = environment
        self.configuration = configuration
        self.subjects = subjects
        self.groups = groups
        self.findings = findings
        self.rankedBy = rankedBy
        self.reference = reference
        self.sections = sections
    }

    /// Every quantity that was read of any subject, in an order that agrees with each subject's as far as they agree
    /// with each other.
    public var quantities: [Quantity] {
        var order: [Quantity] = []
        for subject in subjects {
            // A quantity that is new stands before the one that it came before.
            var place = order.count
            for reading in subject.readings.reversed() {
                if let index = order.firstIndex(of: reading.quantity) {
                    place = index
                } else {
                    order.insert(reading.quantity, at: place)
                }
            }
        }
        return order
    }

    /// The quantity that ranks the subjects, if any of them was measured by it.
    public var ranking: Quantity? {
        rankedBy.flatMap { id in quantities.first { $0.id == id } }
    }
}

/// A name and a value as text, with its unit.
public struct Fact: Codable, Sendable, Equatable {
    /// What it is about.
    public var name: String
    /// What is so.
    public var value: String

    /// A name and its value.
    public init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// Another's figures that a study's are set beside.
public struct Reference: Codable, Sendable, Equatable {
    /// An adjective for its figures, for instance `published`.
    public var name: String
    /// Where they are from, in a sentence.
    public var note: String

    /// A reference that readings may have values of.
    public init(name: String, note: String) {
        self.name = name
        self.note = note
    }
}

/// A section of a report.
public struct Section: Codable, Sendable, Equatable {
    /// By which quantities, plots and pictures name it.
    public var title: String
    /// What is said before its charts and pictures; may be empty.
    public var introduction: String

    /// A section; its introduction may be empty.
    public init(_ title: String, introduction: String = "") {
        self.title = title
        self.introduction = introduction
    }
}
