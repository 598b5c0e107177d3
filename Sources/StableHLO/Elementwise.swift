/// Elementwise functions of one tensor.
public enum UnaryOperation: String, Operation, CaseIterable {
    case abs
    case ceil
    case cosine
    case exponential
    case exponentialMinusOne = "exponential_minus_one"
    case floor
    case isFinite = "is_finite"
    case log
    case logPlusOne = "log_plus_one"
    case logistic
    case negate
    case not
    case rsqrt
    case sign
    case sine
    case sqrt
    case tanh
    /// The error function and its inverse are CHLO operations, which XLA expands.
    case erf
    case erfInverse = "erf_inv"

    public var mnemonic: String { rawValue }

    public func resultTypes(for operands: [TensorType]) throws(ShapeError) -> [TensorType] {
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

    public func text(_ context: TextContext) -> String {
        switch self {
        case .erf, .erfInverse:
            "chlo.\(mnemonic) \(context.operandList) : \(context.operandTypes[0]) -> \(context.resultTypes[0])"
        default: genericText(context)
        }
    }
}

/// Elementwise functions of two tensors of the same type.
public enum BinaryOperation: String, Operation, CaseIterable {
    case add
    case and
    case divide
    case maximum
    case minimum
    case multiply
    case or
    case power
    case remainder
    case shiftLeft = "shift_left"
    case shiftRightLogical = "shift_right_logical"
    case subtract
    case xor

    public var mnemonic: String { rawValue }

    public func resultTypes(for operands: [TensorType]) throws(ShapeError) -> [TensorType] {
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

    public func text(_ context: TextContext) -> String { genericText(context) }
}

/// Elementwise comparison; the result holds booleans.
public enum Comparison: String, Operation, CaseIterable {
    case equal = "EQ"
    case notEqual = "NE"
    case less = "LT"
    case lessOrEqual = "LE"
    case greater = "GT"
    case greaterOrEqual = "GE"

    public var mnemonic: String { "compare" }

    public func resultTypes(for operands: [TensorType]) throws(ShapeError) -> [TensorType] {
        try expect(2, of: operands)
        guard operands[0] == operands[1] else {
            throw failure(operands, "takes two tensors of one shape and element type")
        }
        return [operands[0].with(.bool)]
    }

    public func text(_ context: TextContext) -> String {
        genericText(context, attributes: ["comparison_direction = #stablehlo<comparison_direction \(rawValue)>"])
    }
}

/// `condition ? a : b`, element by element.
public struct Select: Operation {
    public init() {}

    public var mnemonic: String { "select" }

    public func resultTypes(for operands: [TensorType]) throws(ShapeError) -> [TensorType] {
        try expect(3, of: operands)
        guard operands[0].elementType == .bool else { throw failure(operands, "takes a boolean condition first") }
        guard operands[1] == operands[2], operands[0].shape == operands[1].shape else {
            throw failure(operands, "takes a condition and two tensors of one shape and element type")
        }
        return [operands[1]]
    }

    public func text(_ context: TextContext) -> String { genericText(context) }
}

/// Conversion of every element to another type.
public struct Convert: Operation {
    public let elementType: ElementType

    public init(to elementType: ElementType) { self.elementType = elementType }

    public var mnemonic: String { "convert" }

    public func resultTypes(for operands: [TensorType]) throws(ShapeError) -> [TensorType] {
        try expect(1, of: operands)
        return [operands[0].with(elementType)]
    }

    public func text(_ context: TextContext) -> String { genericText(context) }
}

/// The same bits read as another element type of the same width.
public struct BitcastConvert: Operation {
    public let elementType: ElementType

    public init(to elementType: ElementType) { self.elementType = elementType }

    public var mnemonic: String { "bitcast_convert" }

    public func resultTypes(for operands: [TensorType]) throws(ShapeError) -> [TensorType] {
        try expect(1, of: operands)
        guard operands[0].elementType.byteCount == elementType.byteCount else {
            throw failure(operands, "cannot reinterpret as \(elementType.spelling), which has another width")
        }
        return [operands[0].with(elementType)]
    }

    public func text(_ context: TextContext) -> String { genericText(context) }
}
