import Flows
import Models
import Training

/// What a person asks to see of a field: the arrows of a plane through one image's way.
struct PlaneRequest: Sendable {
    let drawing: DrawingRequest
    /// Whose end spans the plane with the noise and the end of the drawing's label; nil where the way's own bend does.
    let other: Other?

    enum Other: Sendable {
        case label(Int)
        case noLabel
    }

    /// - Throws: ``Refusal``
    init(_ parameters: Parameters, in runs: RunsFolder, _ noises: KeptNoises) throws {
        drawing = try DrawingRequest(parameters, in: runs, noises)
        guard drawing.labels.count == 1, drawing.rows.count == 1 else {
            throw Refusal.bad("a plane is of one image: count=1, and nothing varied")
        }
        let classCount = try drawing.folder.file().configuration.model.makeNetwork().classCount
        switch parameters["other"] ?? "bend" {
        case "bend": other = nil
        case "none" where classCount > 0: other = .noLabel
        case let text:
            guard classCount > 0 else { throw Refusal.bad("other must be bend: the run knows no labels") }
            other = .label(try Parameters.integer(text, "other", 0...(classCount - 1)))
        }
        let own = drawing.numbers(classCount: classCount)[0]
        guard number(classCount: classCount) != own else {
            throw Refusal.bad("other must be another label than the drawing's: two points span no plane")
        }
    }

    /// The other label as a network has it.
    func number(classCount: Int) -> Int? {
        switch other {
        case nil: nil
        case .label(let label): label
        case .noLabel: classCount
        }
    }
}
