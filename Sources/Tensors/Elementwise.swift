public import StableHLO

// Builders. Binary functions broadcast as NumPy does: shapes align at the end, sizes 1 stretch.

extension Tensor {
    /// Elementwise, broadcast as NumPy does.
    public static func + (left: Tensor, right: Tensor) -> Tensor { binary(.add, left, right) }
    /// Elementwise, broadcast as NumPy does.
    public static func - (left: Tensor, right: Tensor) -> Tensor { binary(.subtract, left, right) }
    /// Elementwise, broadcast as NumPy does; no matrix product.
    public static func * (left: Tensor, right: Tensor) -> Tensor { binary(.multiply, left, right) }
    /// Elementwise, broadcast as NumPy does.
    public static func / (left: Tensor, right: Tensor) -> Tensor { binary(.divide, left, right) }
    /// Each element and a number of its type.
    public static func + (left: Tensor, right: Double) -> Tensor { left + left.scalar(right) }
    /// Each element and a number of its type.
    public static func - (left: Tensor, right: Double) -> Tensor { left - left.scalar(right) }
    /// Each element and a number of its type.
    public static func * (left: Tensor, right: Double) -> Tensor { left * left.scalar(right) }
    /// Each element and a number of its type.
    public static func / (left: Tensor, right: Double) -> Tensor { left / left.scalar(right) }
    /// A number and each element.
    public static func + (left: Double, right: Tensor) -> Tensor { right.scalar(left) + right }
    /// A number and each element.
    public static func - (left: Double, right: Tensor) -> Tensor { right.scalar(left) - right }
    /// A number and each element.
    public static func * (left: Double, right: Tensor) -> Tensor { right.scalar(left) * right }
    /// A number and each element.
    public static func / (left: Double, right: Tensor) -> Tensor { right.scalar(left) / right }
    /// Elementwise.
    public static prefix func - (operand: Tensor) -> Tensor { apply(UnaryOperation.negate, operand) }

    /// And, of Booleans or bit by bit.
    public static func & (left: Tensor, right: Tensor) -> Tensor { binary(.and, left, right) }
    /// Or, of Booleans or bit by bit.
    public static func | (left: Tensor, right: Tensor) -> Tensor { binary(.or, left, right) }
    /// Either or, of Booleans or bit by bit.
    public static func ^ (left: Tensor, right: Tensor) -> Tensor { binary(.xor, left, right) }
    /// Integers, shifted to the left.
    public static func << (left: Tensor, right: Tensor) -> Tensor { binary(.shiftLeft, left, right) }
    /// Unsigned integers, shifted to the right, zeros coming in.
    public static func >> (left: Tensor, right: Tensor) -> Tensor { binary(.shiftRightLogical, left, right) }
    /// What division towards 0 leaves, with the sign of the left operand.
    public static func % (left: Tensor, right: Tensor) -> Tensor { binary(.remainder, left, right) }
    /// Not, of Booleans or bit by bit.
    public static prefix func ! (operand: Tensor) -> Tensor { apply(UnaryOperation.not, operand) }

    /// One of the elementwise functions of two tensors, broadcast.
    package static func binary(
        _ operation: BinaryOperation, _ left: Tensor, _ right: Tensor, file: StaticString = #fileID, line: UInt = #line
    ) -> Tensor {
        let (left, right) = broadcast(left, right, operation.mnemonic, file, line)
        return apply(operation, [left, right], file, line)[0]
    }

    /// One of the elementwise functions of one tensor.
    package func unary(
        _ operation: UnaryOperation, file: StaticString = #fileID, line: UInt = #line
    ) -> Tensor {
        Tensor.apply(operation, [self], file, line)[0]
    }

    /// Booleans, elementwise; shapes are broadcast as NumPy does.
    public func compared(
        _ comparison: ComparisonDirection, to other: Tensor, file: StaticString = #fileID, line: UInt = #line
    ) -> Tensor {
        let (left, right) = Tensor.broadcast(self, other, comparison.mnemonic, file, line)
        return Tensor.apply(comparison, [left, right], file, line)[0]
    }

    /// Booleans: each element against a number of its type.
    public func compared(
        _ comparison: ComparisonDirection, to value: Double, file: StaticString = #fileID, line: UInt = #line
    ) -> Tensor {
        compared(comparison, to: scalar(value), file: file, line: line)
    }

    /// `self ? a : b` for a boolean tensor, broadcast.
    public func select(_ a: Tensor, _ b: Tensor, file: StaticString = #fileID, line: UInt = #line) -> Tensor {
        let (a, b) = Tensor.broadcast(a, b, "select", file, line)
        let (condition, first) = Tensor.broadcast(self, a, "select", file, line)
        let (second, _) = Tensor.broadcast(b, first, "select", file, line)
        return Tensor.apply(Select(), [condition, first, second], file, line)[0]
    }

    /// The same numbers as another type; to an integer, towards 0.
    public func converted(to elementType: ElementType) -> Tensor {
        elementType == self.elementType ? self : Tensor.apply(Convert(to: elementType), self)
    }

    /// The same bits as another type of the same width.
    package func bitcast(to elementType: ElementType, file: StaticString = #fileID, line: UInt = #line) -> Tensor {
        Tensor.apply(BitcastConvert(to: elementType), [self], file, line)[0]
    }

    /// The larger, elementwise; shapes are broadcast as NumPy does.
    public func maximum(_ other: Tensor, file: StaticString = #fileID, line: UInt = #line) -> Tensor {
        Tensor.binary(.maximum, self, other, file: file, line: line)
    }

    /// The smaller, elementwise; shapes are broadcast as NumPy does.
    public func minimum(_ other: Tensor, file: StaticString = #fileID, line: UInt = #line) -> Tensor {
        Tensor.binary(.minimum, self, other, file: file, line: line)
    }

    /// Each element to the power of the other's.
    public func power(_ exponent: Tensor, file: StaticString = #fileID, line: UInt = #line) -> Tensor {
        Tensor.binary(.power, self, exponent, file: file, line: line)
    }

    /// Each element to a power.
    public func power(_ exponent: Double, file: StaticString = #fileID, line: UInt = #line) -> Tensor {
        power(scalar(exponent), file: file, line: line)
    }

    /// Each element times itself.
    public func squared() -> Tensor { self * self }

    /// A scalar constant of this tensor's element type.
    func scalar(_ value: Double) -> Tensor {
        elementType.isFloatingPoint
            ? Tensor(value, elementType: elementType) : Tensor(integer: Int(value), elementType: elementType)
    }
}

/// The absolute value of each element.
public func abs(_ x: Tensor) -> Tensor { x.unary(.abs) }
/// e to the power of each element.
public func exp(_ x: Tensor) -> Tensor { x.unary(.exponential) }
/// e^x - 1, accurate near 0.
public func expMinusOne(_ x: Tensor) -> Tensor { x.unary(.exponentialMinusOne) }
/// The natural logarithm of each element.
public func log(_ x: Tensor) -> Tensor { x.unary(.log) }
/// log(1 + x), accurate near 0.
public func logOnePlus(_ x: Tensor) -> Tensor { x.unary(.logPlusOne) }
/// The sine of each element in radians.
public func sin(_ x: Tensor) -> Tensor { x.unary(.sine) }
/// The cosine of each element in radians.
public func cos(_ x: Tensor) -> Tensor { x.unary(.cosine) }
/// The hyperbolic tangent of each element.
public func tanh(_ x: Tensor) -> Tensor { x.unary(.tanh) }
/// The square root of each element.
public func sqrt(_ x: Tensor) -> Tensor { x.unary(.sqrt) }
/// 1 / sqrt(x) of each element.
public func rsqrt(_ x: Tensor) -> Tensor { x.unary(.rsqrt) }
/// The error function of each element.
public func erf(_ x: Tensor) -> Tensor { x.unary(.erf) }
/// The logistic function 1 / (1 + exp(-x)).
public func sigmoid(_ x: Tensor) -> Tensor { x.unary(.logistic) }
/// x * sigmoid(x), also called swish (Hendrycks and Gimpel 2016).
public func silu(_ x: Tensor) -> Tensor { x * sigmoid(x) }
/// The Gaussian error linear unit in its exact form, x * Phi(x) (Hendrycks and Gimpel 2016).
public func gelu(_ x: Tensor) -> Tensor { 0.5 * x * (1 + erf(x * 0.5.squareRoot())) }
/// log(1 + exp(x)), without overflow.
public func softplus(_ x: Tensor) -> Tensor { x.maximum(x.filled(with: 0)) + logOnePlus(exp(-abs(x))) }

// Derivatives.

extension UnaryOperation: DifferentiableOperation {
    func pullback(_ operands: [Tensor], _ results: [Tensor], _ cotangents: [Tensor?]) -> [Tensor?] {
        let (x, y) = (operands[0], results[0])
        guard let g = cotangents[0] else { return [nil] }
        switch self {
        case .abs: return [g * x.unary(.sign)]
        case .cosine: return [-(g * sin(x))]
        case .exponential: return [g * y]
        case .exponentialMinusOne: return [g * (y + 1)]
        case .log: return [g / x]
        case .logPlusOne: return [g / (x + 1)]
        case .logistic: return [g * (y * (1 - y))]
        case .negate: return [-g]
        case .rsqrt: return [g * (-0.5 * (y / x))]
        case .sine: return [g * cos(x)]
        case .sqrt: return [g * 0.5 / y]
        case .tanh: return [g * (1 - y * y)]
        case .erf: return [g * (2 / Double.pi.squareRoot()) * exp(-(x * x))]
        case .erfInverse: return [g * (Double.pi.squareRoot() / 2) * exp(y * y)]
        case .ceil, .floor, .isFinite, .not, .sign: return [nil]
        }
    }
}

extension BinaryOperation: DifferentiableOperation {
    func pullback(_ operands: [Tensor], _ results: [Tensor], _ cotangents: [Tensor?]) -> [Tensor?] {
        let (a, b) = (operands[0], operands[1])
        guard let g = cotangents[0], g.elementType.isFloatingPoint else { return [nil, nil] }
        let zero = g.filled(with: 0)
        switch self {
        case .add: return [g, g]
        case .subtract: return [g, -g]
        case .multiply: return [g * b, g * a]
        case .divide: return [g / b, -(g * results[0] / b)]
        case .maximum, .minimum:
            // Where both are equal the gradient is shared, as in PyTorch and JAX.
            let wins = a.compared(self == .maximum ? .greater : .less, to: b)
            let ties = a.compared(.equal, to: b)
            let half = ties.select(g * 0.5, zero)
            return [wins.select(g, half), (wins | ties).select(half, g)]
        case .power:
            // d/da a^0 is 0 at a = 0 too, where a^-1 is infinite. d/db a^b = a^b log a, taken as 0 where a is 0, so that
            // constant exponents are safe.
            let slope = b.compared(.equal, to: 0).select(zero, b * a.power(b - 1))
            let base = a.compared(.equal, to: 0).select(a.filled(with: 1), a)
            return [g * slope, g * results[0] * log(base)]
        case .remainder:
            let quotient = a / b
            let truncated = quotient.unary(.sign) * abs(quotient).unary(.floor)
            return [g, -(g * truncated)]
        case .and, .or, .xor, .shiftLeft, .shiftRightLogical: return [nil, nil]
        }
    }
}

extension Select: DifferentiableOperation {
    func pullback(_ operands: [Tensor], _ results: [Tensor], _ cotangents: [Tensor?]) -> [Tensor?] {
        guard let g = cotangents[0], g.elementType.isFloatingPoint else { return [nil, nil, nil] }
        let zero = g.filled(with: 0)
        return [nil, operands[0].select(g, zero), operands[0].select(zero, g)]
    }
}

extension Convert: DifferentiableOperation {
    func pullback(_ operands: [Tensor], _ results: [Tensor], _ cotangents: [Tensor?]) -> [Tensor?] {
        guard operands[0].elementType.isFloatingPoint, elementType.isFloatingPoint else { return [nil] }
        return [cotangents[0]?.converted(to: operands[0].elementType)]
    }
}

extension ComparisonDirection: DifferentiableOperation {
    func pullback(_ operands: [Tensor], _ results: [Tensor], _ cotangents: [Tensor?]) -> [Tensor?] { [nil, nil] }
}
