#if _endian(big)
    #error("Tensor files are little-endian and are read in place: a big-endian machine is not supported.")
#endif

extension [UInt8] {
    mutating func appendBigEndian<Value: FixedWidthInteger>(_ value: Value) {
        append(contentsOf: Swift.withUnsafeBytes(of: value.bigEndian) { [UInt8]($0) })
    }

    mutating func appendLittleEndian<Value: FixedWidthInteger>(_ value: Value) {
        append(contentsOf: Swift.withUnsafeBytes(of: value.littleEndian) { [UInt8]($0) })
    }
}

extension RandomAccessCollection<UInt8> where Index == Int {
    /// The integer whose most significant byte is at `offset`; the caller has checked that its bytes exist.
    func bigEndian<Value: FixedWidthInteger>(_ type: Value.Type, at offset: Int) -> Value {
        self[offset..<offset + MemoryLayout<Value>.size].reduce(0) { $0 << 8 | Value(truncatingIfNeeded: $1) }
    }

    /// The integer whose least significant byte is at `offset`; the caller has checked that its bytes exist.
    func littleEndian<Value: FixedWidthInteger>(_ type: Value.Type, at offset: Int) -> Value {
        bigEndian(type, at: offset).byteSwapped
    }
}

/// The product of `shape`, times `scale`; `nil` for a negative extent or a result that does not fit `Int`.
func checkedElementCount(_ shape: [Int], times scale: Int = 1) -> Int? {
    // An extent of zero makes the product zero whatever the others are.
    if shape.contains(where: { $0 < 0 }) { return nil }
    if shape.contains(0) { return 0 }
    var product = scale
    for extent in shape {
        let (value, overflow) = product.multipliedReportingOverflow(by: extent)
        if overflow { return nil }
        product = value
    }
    return product
}
