/// One quantity computed here beside its reference.
public struct Comparison: Sendable {
    public let quantity: String
    /// |here - reference| / |reference|, Euclidean norms.
    public let error: Double
    public let tolerance: Double

    /// False for an error that is not a number, too.
    public var isWithinTolerance: Bool { error <= tolerance }

    init(_ quantity: String, here: [Float], reference: [Float], tolerance: Double) {
        self.init(
            quantity, error: relativeError(here: here, reference: reference), tolerance: tolerance)
    }

    init(_ quantity: String, error: Double, tolerance: Double) {
        self.quantity = quantity
        self.error = error
        self.tolerance = tolerance
    }
}

/// Euclidean norm of the difference in units of the reference's norm; infinite for another number of values.
func relativeError(here: [Float], reference: [Float]) -> Double {
    guard here.count == reference.count else { return .infinity }
    let difference = norm(zip(here, reference).map { Double($0) - Double($1) })
    let scale = norm(reference.map(Double.init))
    return scale == 0 ? (difference == 0 ? 0 : .infinity) : difference / scale
}

func norm(_ values: [Double]) -> Double { values.reduce(0) { $0 + $1 * $1 }.squareRoot() }

/// How far from the reference each quantity may be.
public struct Tolerances: Sendable {
    public var velocity = 2e-4
    public var loss = 1e-4
    /// Of all gradients together.
    public var gradients = 1e-3
    /// Of one gradient, in units of its norm or of a thousandth of all gradients' norm, whichever is larger.
    public var gradient = 1e-3
    /// Of weights and statistics after five steps of Adam.
    public var trainedState = 2e-3
    public var sample = 2e-4

    public init() {}
}
