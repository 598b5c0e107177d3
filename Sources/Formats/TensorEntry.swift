/// A named array of a safetensors file: its data stays in the file until asked for, or in the array it was made from.
package struct TensorEntry: Sendable {
    /// The tensor's name, unique in its file.
    package let name: String
    package let dataType: ElementType
    /// The extents, outermost first; empty for a scalar.
    package let shape: [Int]
    let storage: any TensorStorage

    init(name: String, dataType: ElementType, shape: [Int], storage: any TensorStorage) {
        self.name = name
        self.dataType = dataType
        self.shape = shape
        self.storage = storage
    }

    /// A tensor of `values`, row-major; the array is shared, not copied.
    ///
    /// - Throws: `FormatError.safetensors` when `shape` does not hold as many elements as `values`.
    package init<Scalar: TensorScalar>(name: String, shape: [Int], values: [Scalar]) throws(FormatError) {
        let stored = values.count * MemoryLayout<Scalar>.stride
        self = try TensorEntry(
            checked: name, dataType: Scalar.elementType, shape: shape, storage: ArrayStorage(array: values),
            byteCount: stored)
    }

    /// A tensor from its little-endian, row-major bytes.
    ///
    /// - Throws: `FormatError.safetensors` when `bytes` is not as long as `shape` and `dataType` need.
    package init(name: String, dataType: ElementType, shape: [Int], bytes: [UInt8]) throws(FormatError) {
        self = try TensorEntry(
            checked: name, dataType: dataType, shape: shape, storage: ArrayStorage(array: bytes),
            byteCount: bytes.count)
    }

    private init(
        checked name: String, dataType: ElementType, shape: [Int], storage: any TensorStorage, byteCount: Int
    ) throws(FormatError) {
        let expected = checkedElementCount(shape, times: dataType.byteCount)
        guard expected == byteCount else {
            throw .safetensors(
                source: "the given tensor", .byteCount(tensor: name, stored: byteCount, expected: expected))
        }
        self.init(name: name, dataType: dataType, shape: shape, storage: storage)
    }

    /// The same tensor under another name.
    package func named(_ name: String) -> TensorEntry {
        TensorEntry(name: name, dataType: dataType, shape: shape, storage: storage)
    }

    /// The number of elements.
    package var elementCount: Int { byteCount / dataType.byteCount }

    /// The number of bytes of data.
    package var byteCount: Int { storage.byteCount }

    /// The data, little-endian and row-major.
    ///
    /// - Throws: `FormatError.cannotRead`.
    package func bytes() throws(FormatError) -> [UInt8] {
        try readArray(of: UInt8.self, count: byteCount) { (destination) throws(FormatError) in
            try storage.read(into: destination)
        }
    }

    /// The elements, row-major, in the Swift type of the stored data type.
    ///
    /// - Throws: `FormatError.safetensors` when the tensor is stored in another type, `FormatError.cannotRead`.
    package func values<Scalar: TensorScalar>(as type: Scalar.Type) throws(FormatError) -> [Scalar] {
        guard Scalar.elementType == dataType else {
            throw mismatch(requested: Scalar.elementType.safetensorsName)
        }
        return try readArray(of: Scalar.self, count: elementCount) { (destination) throws(FormatError) in
            try storage.read(into: destination)
            if dataType == .bool, let other = destination.first(where: { $0 > 1 }) {
                throw .safetensors(source: storage.source, .notBoolean(tensor: name, value: other))
            }
        }
    }

    /// The elements of a tensor of any floating-point type, row-major, converted to `Float`.
    ///
    /// - Throws: `FormatError.safetensors` when the tensor holds integers, `FormatError.cannotRead`.
    package func floatValues() throws(FormatError) -> [Float] {
        switch dataType {
        case .float32: try values(as: Float.self)
        case .float64: try values(as: Double.self).map { Float($0) }
        case .float16: try values(as: Float16.self).map { Float($0) }
        case .bfloat16: try brainFloatBits().map { Float(bitPattern: UInt32($0) << 16) }
        default: throw mismatch(requested: "a floating-point type")
        }
    }

    private func brainFloatBits() throws(FormatError) -> [UInt16] {
        try readArray(of: UInt16.self, count: elementCount) { (destination) throws(FormatError) in
            try storage.read(into: destination)
        }
    }

    private func mismatch(requested: String) -> FormatError {
        .safetensors(
            source: storage.source, .dataTypeMismatch(tensor: name, stored: dataType, requested: requested))
    }
}

/// Where a tensor's bytes are.
protocol TensorStorage: Sendable {
    /// Named in errors.
    var source: String { get }
    var byteCount: Int { get }
    /// Fills `destination`, which is `byteCount` bytes long.
    func read(into destination: UnsafeMutableRawBufferPointer) throws(FormatError)
    /// Calls `body` with all the bytes, in order, in pieces of bounded size.
    func forEachPiece(_ body: (UnsafeRawBufferPointer) throws(FormatError) -> Void) throws(FormatError)
}

/// Bytes that are the memory of an array.
struct ArrayStorage<Element: BitwiseCopyable & Sendable>: TensorStorage {
    /// Small enough to stay in the processor's cache between uses.
    private static var pieceByteCount: Int { 1 << 18 }
    let array: [Element]

    var source: String { "the given tensor" }
    var byteCount: Int { array.count * MemoryLayout<Element>.stride }

    func read(into destination: UnsafeMutableRawBufferPointer) {
        array.withUnsafeBytes { destination.copyMemory(from: $0) }
    }

    func forEachPiece(_ body: (UnsafeRawBufferPointer) throws(FormatError) -> Void) throws(FormatError) {
        try array.withUnsafeBufferPointer { (buffer) throws(FormatError) in
            let bytes = UnsafeRawBufferPointer(buffer)
            for start in stride(from: 0, to: bytes.count, by: Self.pieceByteCount) {
                try body(UnsafeRawBufferPointer(rebasing: bytes[start..<min(start + Self.pieceByteCount, bytes.count)]))
            }
        }
    }
}

/// A range of an open file, checked against its checksum as it is read.
struct FileStorage: TensorStorage {
    /// Small enough to stay in the processor's cache between being read and being checked.
    private static let pieceByteCount = 1 << 18
    let file: OpenFile
    let offset: Int
    let byteCount: Int
    /// Of the tensor that the range holds.
    let name: String
    /// What the file says that the bytes' checksum is; nil where it says nothing.
    let checksum: UInt32?

    var source: String { file.path }

    func read(into destination: UnsafeMutableRawBufferPointer) throws(FormatError) {
        guard checksum != nil else { return try file.read(at: offset, into: destination) }
        var actual = CRC32C()
        for start in stride(from: 0, to: byteCount, by: Self.pieceByteCount) {
            let piece = UnsafeMutableRawBufferPointer(
                rebasing: destination[start..<min(start + Self.pieceByteCount, byteCount)])
            try file.read(at: offset + start, into: piece)
            actual.update(UnsafeRawBufferPointer(piece))
        }
        try check(actual)
    }

    func forEachPiece(_ body: (UnsafeRawBufferPointer) throws(FormatError) -> Void) throws(FormatError) {
        var actual = CRC32C()
        for start in stride(from: 0, to: byteCount, by: Self.pieceByteCount) {
            let piece = try file.bytes(at: offset + start, count: min(Self.pieceByteCount, byteCount - start))
            if checksum != nil { piece.withUnsafeBytes { actual.update($0) } }
            try piece.withUnsafeBufferPointer { (buffer) throws(FormatError) in
                try body(UnsafeRawBufferPointer(buffer))
            }
        }
        try check(actual)
    }

    private func check(_ actual: CRC32C) throws(FormatError) {
        guard let checksum, checksum != actual.value else { return }
        throw .safetensors(source: file.path, .tensorChecksum(tensor: name))
    }
}
