/// An array of an NPY file whose type of elements is only known when it has been read.
package struct NPYArray: Sendable {
    /// The extents, outermost first.
    package let shape: [Int]
    private let element: Element
    /// The elements, row-major.
    private let bytes: ArraySlice<UInt8>
    private let source: String

    /// The types of elements that stand for numbers here, by NumPy's names.
    private enum Element: String {
        case uint8 = "|u1"
        case int8 = "|i1"
        case uint16 = "<u2"
        case int16 = "<i2"
        case uint32 = "<u4"
        case int32 = "<i4"
        case uint64 = "<u8"
        case int64 = "<i8"
        case float32 = "<f4"
        case float64 = "<f8"

        var byteCount: Int {
            switch self {
            case .uint8, .int8: 1
            case .uint16, .int16: 2
            case .uint32, .int32, .float32: 4
            case .uint64, .int64, .float64: 8
            }
        }
    }

    /// Reads the bytes of an NPY file; `source` is named in errors.
    ///
    /// - Throws: `FormatError.npy`, also for elements that are no numbers, and for columns first.
    package init(_ bytes: [UInt8], source: String) throws(FormatError) {
        do throws(NPYProblem) {
            let header = try NPYHeader(bytes)
            if header.isFortranOrder { throw .fortranOrder }
            guard let element = Element(rawValue: header.elementType) else {
                throw .elementType(stored: header.elementType, requested: "integers or floating-point numbers")
            }
            let found = bytes.count - header.byteCount
            let expected = checkedElementCount(header.shape, times: element.byteCount)
            guard found == expected else { throw .byteCount(found: found, expected: expected) }
            self.element = element
            self.bytes = bytes[header.byteCount...]
            shape = header.shape
            self.source = source
        } catch {
            throw .npy(source: source, error)
        }
    }

    /// The number of elements.
    package var count: Int { bytes.count / element.byteCount }

    /// The elements as integers.
    ///
    /// - Throws: `FormatError.npy` for elements that are none.
    package func integers() throws(FormatError) -> [Int] {
        func all<Value: FixedWidthInteger & BitwiseCopyable>(_ type: Value.Type) -> [Int?] {
            elements(type).map { Int(exactly: $0) }
        }
        let values: [Int?] =
            switch element {
            case .uint8: all(UInt8.self)
            case .int8: all(Int8.self)
            case .uint16: all(UInt16.self)
            case .int16: all(Int16.self)
            case .uint32: all(UInt32.self)
            case .int32: all(Int32.self)
            case .uint64: all(UInt64.self)
            case .int64: all(Int64.self)
            case .float32: elements(Float.self).map { Int(exactly: $0) }
            case .float64: elements(Double.self).map { Int(exactly: $0) }
            }
        let integers = values.compactMap(\.self)
        guard integers.count == values.count else { throw .npy(source: source, .notIntegers) }
        return integers
    }

    /// The elements as pixels of 8 bits: integers from 0 to 255, or floating-point numbers that are k / 255.
    ///
    /// - Throws: `FormatError.npy` for anything else: how it was made from pixels is not known.
    package func pixels() throws(FormatError) -> [UInt8] {
        func scaled<Value: BinaryFloatingPoint & BitwiseCopyable>(_ type: Value.Type) -> [UInt8]? {
            var pixels: [UInt8] = []
            pixels.reserveCapacity(count)
            for value in elements(type) {
                let pixel = Double(value) * 255
                guard (-0.001...255.001).contains(pixel), abs(pixel - pixel.rounded()) < 0.001 else { return nil }
                pixels.append(UInt8(pixel.rounded()))
            }
            return pixels
        }
        switch element {
        case .uint8: return Array(bytes)
        case .float32: if let pixels = scaled(Float.self) { return pixels }
        case .float64: if let pixels = scaled(Double.self) { return pixels }
        default: break
        }
        let integers = (try? integers()) ?? []
        let pixels = integers.compactMap { UInt8(exactly: $0) }
        guard pixels.count == count else { throw .npy(source: source, .notPixels) }
        return pixels
    }

    private func elements<Value: BitwiseCopyable>(_ type: Value.Type) -> [Value] {
        [Value](unsafeUninitializedCapacity: count) { buffer, initialized in
            bytes.withUnsafeBytes { UnsafeMutableRawBufferPointer(buffer).copyMemory(from: $0) }
            initialized = count
        }
    }
}
