/// Elementwise functions of one tensor.
package enum UnaryOperation: String, Operation, CaseIterable {
    /// |x|.
    case abs
    /// The least integer that is not below x.
    case ceil
    /// cos x, of radians.
    case cosine
    /// e^x.
    case exponential
    /// e^x - 1, accurate near 0.
    case exponentialMinusOne = "exponential_minus_one"
    /// The greatest integer that is not above x.
    case floor
    /// Whether x is neither infinite nor not a number; the result is Boolean.
    case isFinite = "is_finite"
    /// The natural logarithm.
    case log
    /// log(1 + x), accurate near 0.
    case logPlusOne = "log_plus_one"
    /// 1 / (1 + e^-x).
    case logistic
    /// -x.
    case negate
    /// Not x, of Booleans or bit by bit.
    case not
    /// 1 / sqrt(x).
    case rsqrt
    /// -1, 0 or 1.
    case sign
    /// sin x, of radians.
    case sine
    /// The square root.
    case sqrt
    /// The hyperbolic tangent.
    case tanh
    /// The error function and its inverse are CHLO operations, which XLA expands.
    case erf
    /// The inverse of the error function.
    case erfInverse = "erf_inv"

    package var mnemonic: String { rawValue }

    package func resultTypes(for operands: [TensorType]) throws(ShapeError) -> [TensorType] {
        try expect(1, of: operands)
        let type = operands[0]
        switch self {
        case .not:
            guard !type.elementType.isFloatingPoint else { throw failure(operands, "takes integers or booleans") }
        case .abs, .negate, .sign:
            guard type.elementType != .bool else { throw failure(operands, "takes numbers") }
        default:
            guard type.elementType.isFloatingPoint else { throw failure(operands, "takes floating-point elements") }
        }
        return [self == .isFinite ? type.with(.bool) : type]
    }

    package func text(_ context: TextContext) -> String {
        switch self {
        case .erf, .erfInverse:
            "chlo.\(mnemonic) \(context.operandList) : \(context.operandTypes[0]) -> \(context.resultTypes[0])"
        default: genericText(context)
        }
    }
}

/// Elementwise functions of two tensors of the same type.
package enum BinaryOperation: String, Operation, CaseIterable {
    /// a + b.
    case add
    /// a and b, of Booleans or bit by bit.
    case and
    /// a / b; of integers, towards 0.
    case divide
    /// The larger; not a number where either is none.
    case maximum
    /// The smaller; not a number where either is none.
    case minimum
    /// a b.
    case multiply
    /// a or b, of Booleans or bit by bit.
    case or
    /// a^b.
    case power
    /// What division towards 0 leaves, with the sign of a.
    case remainder
    /// a shifted by b bits to the left.
    case shiftLeft = "shift_left"
    /// a shifted by b bits to the right, zeros coming in.
    case shiftRightLogical = "shift_right_logical"
    /// a - b.
    case subtract
    /// Either a or b, of Booleans or bit by bit.
    case xor

    package var mnemonic: String { rawValue }

    package func resultTypes(for operands: [TensorType]) throws(ShapeError) -> [TensorType] {
        try expect(2, of: operands)
        guard operands[0] == operands[1] else {
            throw failure(operands, "takes two tensors of one shape and element type")
        }
        let element = operands[0].elementType
        switch self {
        case .and, .or, .xor:
            guard !element.isFloatingPoint else { throw failure(operands, "takes integers or booleans") }
        case .shiftLeft, .shiftRightLogical:
            guard element.isInteger else { throw failure(operands, "takes integers") }
        default:
            guard element != .bool else { throw failure(operands, "takes numbers") }
        }
        return [operands[0]]
    }

    package func text(_ context: TextContext) -> String { genericText(context) }
}

/// Elementwise comparison; the result holds booleans.
public enum ComparisonDirection: String, Operation, CaseIterable {
    /// a = b.
    case equal = "EQ"
    /// a and b differ; so does what is not a number from itself.
    case notEqual = "NE"
    /// a < b.
    case less = "LT"
    /// a is at most b.
    case lessOrEqual = "LE"
    /// a > b.
    case greater = "GT"
    /// a is at least b.
    case greaterOrEqual = "GE"

    package var mnemonic: String { "compare" }

    package func resultTypes(for operands: [TensorType]) throws(ShapeError) -> [TensorType] {
        try expect(2, of: operands)
        guard operands[0] == operands[1] else {
            throw failure(operands, "takes two tensors of one shape and element type")
        }
        return [operands[0].with(.bool)]
    }

    package func text(_ context: TextContext) -> String {
        genericText(context, attributes: ["comparison_direction = #stablehlo<comparison_direction \(rawValue)>"])
    }
}

/// `condition ? a : b`, element by element.
package struct Select: Operation {
    /// Operands: predicate, values where it is true, values where it is false.
    package init() {}

    package var mnemonic: String { "select" }

    package func resultTypes(for operands: [TensorType]) throws(ShapeError) -> [TensorType] {
        try expect(3, of: operands)
        guard operands[0].elementType == .bool else { throw failure(operands, "takes a boolean condition first") }
        guard operands[1] == operands[2], operands[0].shape == operands[1].shape else {
            throw failure(operands, "takes a condition and two tensors of one shape and element type")
        }
        return [operands[1]]
    }

    package func text(_ context: TextContext) -> String { genericText(context) }
}

/// Conversion of every element to another type.
package struct Convert: Operation {
    /// Of the result.
    package let elementType: ElementType

    /// - Parameter elementType: of the result
    package init(to elementType: ElementType) { self.elementType = elementType }

    package var mnemonic: String { "convert" }

    package func resultTypes(for operands: [TensorType]) throws(ShapeError) -> [TensorType] {
        try expect(1, of: operands)
        return [operands[0].with(elementType)]
    }

    package func text(_ context: TextContext) -> String { genericText(context) }
}

/// The same bits read as another element type of the same width.
package struct BitcastConvert: Operation {
    /// Of the result.
    package let elementType: ElementType

    /// - Parameter elementType: of the result, as wide as the operand's
    package init(to elementType: ElementType) { self.elementType = elementType }

    package var mnemonic: String { "bitcast_convert" }

    package func resultTypes(for operands: [TensorType]) throws(ShapeError) -> [TensorType] {
        try expect(1, of: operands)
        guard operands[0].elementType.byteCount == elementType.byteCount else {
            throw failure(operands, "cannot reinterpret as \(elementType.spelling), which has another width")
        }
        return [operands[0].with(elementType)]
    }

    package func text(_ context: TextContext) -> String { genericText(context) }
}
