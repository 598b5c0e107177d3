/// Counter-based random bits by Philox 4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3").
///
/// Operand: the state, two uint64 (key, counter). Results: the advanced state and the bits. Element `i` of the bits
/// depends on the state and `i` alone, so a longer draw begins with a shorter one.
package struct RandomBits: Operation {
    /// Shape and unsigned element type of the bits.
    package let type: TensorType

    /// - Parameter type: unsigned integers
    package init(_ type: TensorType) { self.type = type }

    package var mnemonic: String { "rng_bit_generator" }

    package func resultTypes(for operands: [TensorType]) throws(ShapeError) -> [TensorType] {
        try expect(1, of: operands)
        guard operands[0] == TensorType([2], .uint64) else { throw failure(operands, "takes a state of two uint64") }
        guard type.elementType == .uint32 || type.elementType == .uint64 else {
            throw failure(operands, "draws uint32 or uint64, not \(type.elementType.spelling)")
        }
        return [operands[0], type]
    }

    package func text(_ context: TextContext) -> String {
        genericText(context, attributes: ["rng_algorithm = #stablehlo<rng_algorithm PHILOX>"])
    }
}
