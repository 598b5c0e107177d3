extension TensorEntry {
    /// The same numbers as float32, float16 or bfloat16, rounded to the nearest; read and computed at once.
    ///
    /// - Throws: `FormatError`, also where a finite number would become infinite, or either type is another.
    package func converted(to type: ElementType) throws(FormatError) -> TensorEntry {
        guard type != dataType else { return self }
        let floats: [Float]
        if dataType == .float64 {
            floats = try rounded(values(as: Double.self), to: .float32) {
                Float($0)
            } isFinite: {
                $0.isFinite
            }
        } else {
            floats = try floatValues()
        }
        switch type {
        case .float32: return try TensorEntry(name: name, shape: shape, values: floats)
        case .float16:
            let halves = try rounded(floats, to: type) {
                Float16($0)
            } isFinite: {
                $0.isFinite
            }
            return try TensorEntry(name: name, shape: shape, values: halves)
        case .bfloat16:
            let halves = try rounded(floats, to: type, brainFloat) { $0 & 0x7F80 != 0x7F80 }
            return try TensorEntry(
                name: name, dataType: type, shape: shape, bytes: halves.withUnsafeBytes { [UInt8]($0) })
        default:
            throw .safetensors(
                source: storage.source,
                .dataTypeMismatch(tensor: name, stored: dataType, requested: type.safetensorsName))
        }
    }

    private func rounded<Wide: BinaryFloatingPoint, Narrow>(
        _ values: [Wide], to type: ElementType, _ round: (Wide) -> Narrow, isFinite: (Narrow) -> Bool
    ) throws(FormatError) -> [Narrow] {
        let results = values.map(round)
        guard zip(values, results).allSatisfy({ !$0.isFinite || isFinite($1) }) else {
            throw .safetensors(source: storage.source, .beyond(tensor: name, type))
        }
        return results
    }
}

/// The bits of the bfloat16 that is nearest, of two as near the even one.
private func brainFloat(_ value: Float) -> UInt16 {
    let bits = value.bitPattern
    // Rounding would carry some of what is not a number over to infinity.
    if value.isNaN { return UInt16(bits >> 16) | 0x40 }
    return UInt16((bits + 0x7FFF + (bits >> 16 & 1)) >> 16)
}
