import Foundation
package import StableHLO

/// One quantity computed here beside its reference.
package struct Comparison: Sendable {
    package let quantity: String
    /// |here - reference| / |reference|, Euclidean norms.
    package let error: Double
    package let tolerance: Double

    /// False for an error that is not a number, too.
    package var isWithinTolerance: Bool { error <= tolerance }

    /// Whether it is nearer to its reference than another, each in units of its tolerance.
    package func isBetter(than other: Comparison) -> Bool {
        func share(_ comparison: Comparison) -> Double {
            let share = comparison.error / comparison.tolerance
            return share.isNaN ? .infinity : share
        }
        return share(self) < share(other)
    }

    init(_ quantity: String, here: [Float], reference: [Float], tolerance: Double) {
        self.init(
            quantity, here: here.map(Double.init), reference: reference.map(Double.init), tolerance: tolerance)
    }

    init(_ quantity: String, here: [Double], reference: [Double], tolerance: Double) {
        self.init(
            quantity, error: relativeError(here: here, reference: reference), tolerance: tolerance)
    }

    init(_ quantity: String, error: Double, tolerance: Double) {
        self.quantity = quantity
        self.error = error
        self.tolerance = tolerance
    }
}

extension Comparison: CustomStringConvertible {
    /// The quantity, its error beside the tolerance, and whether that is ok.
    package var description: String {
        let name = quantity.padding(toLength: max(40, quantity.count), withPad: " ", startingAt: 0)
        let figures = String(format: "%.2e  (tolerance %.0e)", error, tolerance)
        return "\(name) \(figures)  \(isWithinTolerance ? "ok" : "FAILED")"
    }
}

/// Euclidean norm of the difference in units of the reference's norm; infinite for another number of values.
func relativeError(here: [Double], reference: [Double]) -> Double {
    guard here.count == reference.count else { return .infinity }
    let difference = norm(zip(here, reference).map { $0 - $1 })
    let scale = norm(reference)
    return scale == 0 ? (difference == 0 ? 0 : .infinity) : difference / scale
}

func norm(_ values: [Double]) -> Double { values.reduce(0) { $0 + $1 * $1 }.squareRoot() }

/// How far from the reference each quantity may be.
///
/// In float32 the order of sums differs, no more. In a lower precision every product also rounds its operands, each by at
/// most the precision's unit u of it: a product adds about 0.6 u to the relative error, and a chain of ten to twenty
/// products, as these networks are, reaches some 2 u forward and twice that backward. About the double is allowed, and
/// more for a single gradient. A loss is a sum over so many pixels that their errors mostly cancel.
package struct Tolerances: Sendable {
    package var velocity = 2e-4
    package var loss = 1e-4
    /// Of the loss before each of five steps of Adam.
    package var losses = 1e-4
    /// Of all gradients together.
    package var gradients = 1e-3
    /// Of one gradient, in units of its norm or of a thousandth of all gradients' norm, whichever is larger.
    package var gradient = 1e-3
    /// Of weights and statistics after five steps of Adam.
    package var trainedState = 2e-3
    package var sample = 2e-4

    /// - Parameter precision: what products are computed in; the reference is float32.
    package init(_ precision: MatrixPrecision = .float32) {
        guard let unit = precision.unit else { return }
        velocity = 4 * unit
        loss = unit
        losses = unit
        gradients = 8 * unit
        gradient = 16 * unit
        trainedState = max(trainedState, 2 * unit)
        sample = 4 * unit
    }
}

extension MatrixPrecision {
    /// The most by which narrowing an operand moves it, relative to it; nil where none is narrowed.
    ///
    /// bfloat16 has 8 significant bits and is rounded to. TF32 has 11, and a GPU's tensor cores may cut the rest off.
    fileprivate var unit: Double? {
        switch self {
        case .float32: nil
        case .tensorFloat32: 0x1p-10
        case .bfloat16: 0x1p-8
        }
    }
}
