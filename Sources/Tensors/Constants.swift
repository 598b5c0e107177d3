public import StableHLO

extension Tensor {
    /// The same number everywhere.
    public init(_ value: Double, shape: [Int] = [], elementType: ElementType = .float32) {
        self = Tensor.apply(Constant(.splat(value), TensorType(shape, elementType)))
    }

    /// The same integer everywhere, exactly.
    public init(integer value: Int, shape: [Int] = [], elementType: ElementType = .int32) {
        self = Tensor.apply(Constant(.splatInteger(value), TensorType(shape, elementType)))
    }

    /// Every element given, row-major.
    public init(_ values: [Float], shape: [Int], file: StaticString = #fileID, line: UInt = #line) {
        let bytes = values.withUnsafeBytes { Array($0) }
        self = Tensor.apply(Constant(.bytes(bytes), TensorType(shape, .float32)), [], file, line)[0]
    }

    /// Every element given, row-major.
    public init(_ values: [Int32], shape: [Int], file: StaticString = #fileID, line: UInt = #line) {
        let bytes = values.withUnsafeBytes { Array($0) }
        self = Tensor.apply(Constant(.bytes(bytes), TensorType(shape, .int32)), [], file, line)[0]
    }

    /// Counts 0, 1, 2, ... along `dimension`.
    public static func iota(
        _ shape: [Int], dimension: Int = 0, elementType: ElementType = .int32,
        file: StaticString = #fileID, line: UInt = #line
    ) -> Tensor {
        apply(Iota(TensorType(shape, elementType), dimension: dimension), [], file, line)[0]
    }

    /// `value` with the shape and element type of this tensor.
    func filled(with value: Double) -> Tensor { Tensor(value, shape: shape, elementType: elementType) }
}
