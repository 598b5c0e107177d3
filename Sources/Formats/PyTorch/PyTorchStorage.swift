import Synchronization

/// The storages of a file of `torch.save`, by their keys.
struct PyTorchStorages {
    let path: String
    private let archive: ZipArchive
    private let folder: String
    private var found: [String: PyTorchStorage] = [:]

    init(_ archive: ZipArchive, folder: String, path: String) {
        (self.archive, self.folder, self.path) = (archive, folder, path)
    }

    var fileByteCount: Int { archive.byteCount }

    /// The storage of a key, which has some number of bytes.
    ///
    /// - Throws: `FormatError.zip` where there is none, `.pytorch` where it has another size.
    mutating func storage(_ key: String, byteCount: Int) throws(FormatError) -> PyTorchStorage {
        let storage: PyTorchStorage
        if let known = found[key] {
            storage = known
        } else {
            storage = PyTorchStorage(try archive.stored("\(folder)data/\(key)"), key: key)
            found[key] = storage
        }
        guard storage.byteCount == byteCount else {
            throw .pytorch(source: path, .storageSize(key: key, byteCount: byteCount, stored: storage.byteCount))
        }
        return storage
    }
}

/// The elements of one tensor or of several: a member of the archive, whose checksum is held against its bytes before the
/// first of them is used.
final class PyTorchStorage: Sendable {
    /// Small enough to stay in the processor's cache between being read and being checked.
    private static let pieceByteCount = 1 << 18
    let file: OpenFile
    let offset: Int
    let byteCount: Int
    private let key: String
    private let checksum: UInt32
    private let isChecked = Mutex(false)

    init(_ member: ZipArchive.StoredMember, key: String) {
        (file, offset, byteCount, checksum) = (member.file, member.offset, member.byteCount, member.checksum)
        self.key = key
    }

    /// - Throws: `FormatError.cannotRead`, or `.pytorch` where the bytes are not those that were written.
    func check() throws(FormatError) {
        guard checksum != 0, !isChecked.withLock({ $0 }) else { return }
        var actual: UInt32 = 0
        for start in stride(from: 0, to: byteCount, by: PyTorchStorage.pieceByteCount) {
            let piece = try file.bytes(
                at: offset + start, count: min(PyTorchStorage.pieceByteCount, byteCount - start))
            actual = CRC32.checksum(piece, after: actual)
        }
        guard actual == checksum else { throw .pytorch(source: file.path, .storageChecksum(key: key)) }
        isChecked.withLock { $0 = true }
    }
}

/// The elements of a tensor, taken out of a storage row by row, whatever lies between them.
struct PyTorchTensorStorage: TensorStorage {
    /// What tells whether two tensors are the same elements.
    struct Region: Hashable {
        let key: String
        let elementType: ElementType
        let offset: Int
        let shape: [Int]
        let strides: [Int]
    }

    let region: Region
    let byteCount: Int
    private let storage: PyTorchStorage
    /// From the first element to the last, both included; 0 where there are none.
    private let span: Int

    /// - Throws: `FormatError` for a tensor that does not lie within its storage, or has more elements than it.
    init(_ tensor: Pickle.Tensor, name: String, _ storages: inout PyTorchStorages) throws(FormatError) {
        func problem(_ problem: PyTorchProblem) -> FormatError { .pytorch(source: storages.path, problem) }
        let elementSize = tensor.elementType.byteCount
        guard let size = checkedElementCount([tensor.storage.count], times: tensor.storage.elementType?.byteCount ?? 1),
            let count = checkedElementCount(tensor.shape), tensor.shape.count == tensor.strides.count,
            let span = Self.span(tensor.shape, tensor.strides)
        else { throw problem(.outside(tensor: name)) }
        storage = try storages.storage(tensor.storage.key, byteCount: size)
        let stored = size / elementSize
        guard tensor.offset >= 0, tensor.offset <= stored, span <= stored - tensor.offset else {
            throw problem(.outside(tensor: name))
        }
        guard count <= stored else { throw problem(.repeated(tensor: name)) }
        self.span = span
        byteCount = count * elementSize
        region = Region(
            key: tensor.storage.key, elementType: tensor.elementType, offset: tensor.offset, shape: tensor.shape,
            strides: tensor.strides)
    }

    /// Elements of the storage from a tensor's first to its last; nil where that cannot be counted.
    private static func span(_ shape: [Int], _ strides: [Int]) -> Int? {
        if shape.contains(0) { return 0 }
        var last = 0
        for (extent, stride) in zip(shape, strides) {
            let (distance, isLong) = (extent - 1).multipliedReportingOverflow(by: stride)
            let (sum, isFar) = last.addingReportingOverflow(distance)
            guard !isLong, !isFar, sum < Int.max else { return nil }
            last = sum
        }
        return last + 1
    }

    var source: String { storage.file.path }

    private var elementSize: Int { region.elementType.byteCount }

    /// Whether the elements lie one after the other.
    private var isContiguous: Bool {
        var expected = 1
        for (extent, stride) in zip(region.shape, region.strides).reversed() where extent != 1 {
            guard stride == expected else { return false }
            expected *= extent
        }
        return true
    }

    func read(into destination: UnsafeMutableRawBufferPointer) throws(FormatError) {
        try storage.check()
        guard byteCount > 0 else { return }
        let start = storage.offset + region.offset * elementSize
        if isContiguous { return try storage.file.read(at: start, into: destination) }
        let bytes = try storage.file.bytes(at: start, count: span * elementSize)
        bytes.withUnsafeBytes { gather($0, into: destination) }
    }

    /// Copies the elements in the order of the last extent first, counting the places up as an odometer does.
    private func gather(_ bytes: UnsafeRawBufferPointer, into destination: UnsafeMutableRawBufferPointer) {
        var place = [Int](repeating: 0, count: region.shape.count)
        var element = 0
        for start in stride(from: 0, to: byteCount, by: elementSize) {
            destination[start..<start + elementSize].copyBytes(
                from: bytes[element * elementSize..<(element + 1) * elementSize])
            var axis = place.count - 1
            while axis >= 0 {
                place[axis] += 1
                element += region.strides[axis]
                guard place[axis] == region.shape[axis] else { break }
                element -= region.shape[axis] * region.strides[axis]
                place[axis] = 0
                axis -= 1
            }
        }
    }

    func forEachPiece(_ body: (UnsafeRawBufferPointer) throws(FormatError) -> Void) throws(FormatError) {
        let bytes = try readArray(of: UInt8.self, count: byteCount) { (destination) throws(FormatError) in
            try read(into: destination)
        }
        try ArrayStorage(array: bytes).forEachPiece(body)
    }
}
