/// Counter-based random bits by Philox 4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3").
///
/// Operand: the state, two uint64 (key, counter). Results: the advanced state and the bits. Element `i` of the bits
/// depends on the state and `i` alone, so a longer draw begins with a shorter one.
public struct RandomBits: Operation {
    /// Shape and unsigned element type of the bits.
    public let type: TensorType

    /// - Parameter type: unsigned integers
    public init(_ type: TensorType) { self.type = type }

    public var mnemonic: String { "rng_bit_generator" }

    public func resultTypes(for operands: [TensorType]) throws(ShapeError) -> [TensorType] {
        try expect(1, of: operands)
        guard operands[0] == TensorType([2], .uint64) else { throw failure(operands, "takes a state of two uint64") }
        guard type.elementType == .uint32 || type.elementType == .uint64 else {
            throw failure(operands, "draws uint32 or uint64, not \(type.elementType.spelling)")
        }
        return [operands[0], type]
    }

    public func text(_ context: TextContext) -> String {
        genericText(context, attributes: ["rng_algorithm = #stablehlo<rng_algorithm PHILOX>"])
    }
}
