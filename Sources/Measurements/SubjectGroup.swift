/// Subjects of a study that differ by chance alone, such as by their seeds, and what they are together.
public struct SubjectGroup: Codable, Sendable, Equatable {
    /// Their places among the study's subjects.
    public var members: [Int]
    /// Means, with their intervals; curves with bands.
    public var summary: Subject

    /// Members by their places in the study, and what is said of them together.
    public init(members: [Int], summary: Subject) {
        self.members = members
        self.summary = summary
    }
}

extension Study {
    /// The study with its groups in the place of its subjects, where it has any.
    package var grouped: Study {
        guard !groups.isEmpty else { return self }
        var study = self
        study.subjects = groups.map(\.summary)
        study.groups = []
        return study
    }

    /// The number of the group that a subject is in, or its own where there are no groups.
    package func group(of subject: Int) -> Int {
        groups.firstIndex { $0.members.contains(subject) } ?? subject
    }
}
