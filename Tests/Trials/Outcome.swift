import Foundation

/// How a call of the program ended.
struct Outcome {
    enum Ending: Equatable {
        case exit(Int32)
        case signal(Int32)
        case tookTooLong
    }

    let ending: Ending
    let output: String
    let errors: String
    let seconds: Double

    /// An error as it should be: exit code 1 and one sentence for people.
    var isClearRefusal: Bool {
        let marks = ["Error Domain=", "NSCocoaErrorDomain", "Swift.", "Optional("]
        return ending == .exit(1) && errors.contains("Error: ") && !marks.contains(where: errors.contains)
    }

    /// What it said last, for reports of faults.
    var lastWords: String {
        let text = errors.split(separator: "\n").suffix(3).joined(separator: " | ")
        return "\(ending): \(text.isEmpty ? "no word" : String(text.suffix(400)))"
    }
}
