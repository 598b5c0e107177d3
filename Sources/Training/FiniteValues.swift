package import StableHLO

/// Whether numbers that are there as bytes are all finite.
package enum FiniteValues {
    /// - Parameter bytes: the elements, little-endian
    package static func areAll(_ bytes: [UInt8], _ type: ElementType) -> Bool {
        bytes.withUnsafeBytes { bytes in
            switch type {
            case .float64: areAll(bytes, infinity: 0x7FF0_0000_0000_0000 as UInt64)
            case .float32: areAll(bytes, infinity: 0x7F80_0000 as UInt32)
            case .bfloat16: areAll(bytes, infinity: 0x7F80 as UInt16)
            case .float16: areAll(bytes, infinity: 0x7C00 as UInt16)
            default: true
            }
        }
    }

    /// The bits of infinity are those of the exponent, all set; with them set, a number is not finite. Without its sign, a
    /// number's bits grow with it, so the largest tells of all.
    private static func areAll<Bits: FixedWidthInteger & UnsignedInteger & BitwiseCopyable>(
        _ bytes: UnsafeRawBufferPointer, infinity: Bits
    ) -> Bool {
        var largest: Bits = 0
        for start in stride(from: 0, to: bytes.count, by: MemoryLayout<Bits>.size) {
            largest = max(largest, bytes.loadUnaligned(fromByteOffset: start, as: Bits.self) & (.max >> 1))
        }
        return largest < infinity
    }
}
