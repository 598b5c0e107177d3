public import Foundation

extension SafetensorsFile {
    /// Replaces the file at `url`, atomically, by `tensors` and `metadata`.
    ///
    /// Tensors keep their given order among those of one element size; wider elements come first, so that every
    /// tensor starts at a multiple of its element size, which readers that map the file rely on.
    /// - Throws: `FormatError.safetensors` for a name that repeats or is reserved, `FormatError.cannotWrite`, and
    ///   `FormatError.cannotRead` when a tensor's own file fails.
    public static func write(
        _ tensors: [TensorEntry], metadata: [String: String] = [:], to url: URL
    ) throws(FormatError) {
        let widths = Set(tensors.map(\.dataType.byteCount)).sorted(by: >)
        let ordered = widths.flatMap { width in tensors.filter { $0.dataType.byteCount == width } }

        let head = try head(
            of: ordered.map { .init(name: $0.name, dataType: $0.dataType, shape: $0.shape) }, metadata: metadata,
            source: url.path)
        try AtomicFile.write(to: url) { (sink) throws(FormatError) in
            try sink.append(head)
            for tensor in ordered {
                try tensor.storage.forEachPiece { (piece) throws(FormatError) in try sink.append(piece) }
            }
        }
    }

    /// A tensor of which nothing is there yet.
    public struct Description: Sendable {
        public let name: String
        public let dataType: ElementType
        /// The extents, outermost first; empty for a scalar.
        public let shape: [Int]

        public init(name: String, dataType: ElementType, shape: [Int]) {
            self.name = name
            self.dataType = dataType
            self.shape = shape
        }
    }

    /// What stands in a file before the data of these tensors, for those who append it themselves, in this order: the
    /// wider element types first.
    ///
    /// - Throws: `FormatError.safetensors` for a name that repeats or is reserved, or sizes that are no sizes.
    public static func head(
        of tensors: [Description], metadata: [String: String] = [:], source: String
    ) throws(FormatError) -> [UInt8] {
        var header = SafetensorsHeader()
        header.metadata = metadata
        var names: Set<String> = [SafetensorsHeader.metadataName]
        var offset = 0
        for tensor in tensors {
            guard names.insert(tensor.name).inserted else {
                throw .safetensors(source: source, .duplicateName(tensor.name))
            }
            guard let byteCount = checkedElementCount(tensor.shape, times: tensor.dataType.byteCount),
                case (let end, false) = offset.addingReportingOverflow(byteCount)
            else {
                throw .safetensors(source: source, .byteCount(tensor: tensor.name, stored: 0, expected: nil))
            }
            header.tensors.append(
                .init(name: tensor.name, dataType: tensor.dataType, shape: tensor.shape, range: offset..<end))
            offset = end
        }
        let encoded = header.encoded
        guard encoded.count <= SafetensorsHeader.maximumByteCount else {
            let length = UInt64(encoded.count)
            throw .safetensors(source: source, .headerLength(length, fileByteCount: encoded.count + offset))
        }
        return encoded
    }
}
