package import Foundation

extension SafetensorsFile {
    /// Replaces the file at `url`, atomically, by `tensors` and `metadata`.
    ///
    /// Tensors keep their given order among those of one element size; wider elements come first, so that every
    /// tensor starts at a multiple of its element size, which readers that map the file rely on. The file carries
    /// checksums, computed as it is written.
    /// - Throws: `FormatError.safetensors` for a name that repeats or is reserved, also one of the metadata, `FormatError.cannotWrite`, and
    ///   `FormatError.cannotRead` when a tensor's own file fails.
    package static func write(
        _ tensors: [TensorEntry], metadata: [String: String] = [:], to url: URL
    ) throws(FormatError) {
        let widths = Set(tensors.map(\.dataType.byteCount)).sorted(by: >)
        let ordered = widths.flatMap { width in tensors.filter { $0.dataType.byteCount == width } }

        if let reserved = metadata.keys.first(where: SafetensorsChecksums.keys.contains) {
            throw .safetensors(source: url.path, .duplicateName(reserved))
        }
        let header = try header(
            of: ordered.map { .init(name: $0.name, dataType: $0.dataType, shape: $0.shape) },
            metadata: metadata.merging(SafetensorsChecksums.placeholder(tensorCount: tensors.count)) { $1 },
            source: url.path)
        try AtomicFile.write(to: url) { (sink) throws(FormatError) in
            try sink.append(header.encoded)
            var checksums: [UInt32] = []
            for tensor in ordered {
                var checksum = CRC32C()
                try tensor.storage.forEachPiece { (piece) throws(FormatError) in
                    checksum.update(piece)
                    try sink.append(piece)
                }
                checksums.append(checksum.value)
            }
            try sink.replaceStart(with: SafetensorsChecksums.complete(header, tensors: checksums))
        }
    }

    /// A tensor of which nothing is there yet.
    package struct Description: Sendable {
        package let name: String
        package let dataType: ElementType
        /// The extents, outermost first; empty for a scalar.
        package let shape: [Int]

        package init(name: String, dataType: ElementType, shape: [Int]) {
            self.name = name
            self.dataType = dataType
            self.shape = shape
        }
    }

    /// What stands in a file before the data of these tensors, for those who append it themselves, in this order: the
    /// wider element types first.
    ///
    /// - Throws: `FormatError.safetensors` for a name that repeats or is reserved, or sizes that are no sizes.
    package static func head(
        of tensors: [Description], metadata: [String: String] = [:], source: String
    ) throws(FormatError) -> [UInt8] {
        try header(of: tensors, metadata: metadata, source: source).encoded
    }

    private static func header(
        of tensors: [Description], metadata: [String: String], source: String
    ) throws(FormatError) -> SafetensorsHeader {
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
        let length = header.encoded.count
        guard length <= SafetensorsHeader.maximumByteCount else {
            throw .safetensors(source: source, .headerLength(UInt64(length), fileByteCount: length + offset))
        }
        return header
    }
}
