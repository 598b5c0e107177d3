/// A part of a comparison that is done by itself. All parts together, the report last, are the comparison.
package enum ComparisonPart: Sendable, Equatable, LosslessStringConvertible {
    /// One run is trained: the one of this number in the order of the runs, counted from 1.
    case training(Int)
    /// The report on the runs as they are; nothing is trained.
    case report

    package init?(_ text: String) {
        if text == ComparisonPart.report.description {
            self = .report
        } else if let number = Int(text), number > 0 {
            self = .training(number)
        } else {
            return nil
        }
    }

    package var description: String {
        switch self {
        case .training(let number): "\(number)"
        case .report: "report"
        }
    }
}
