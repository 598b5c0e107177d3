public import Foundation

extension SafetensorsFile {
    /// Replaces the file at `url`, atomically, by `tensors` and `metadata`.
    ///
    /// Tensors keep their given order among those of one element size; wider elements come first, so that every
    /// tensor starts at a multiple of its element size, which readers that map the file rely on. The file carries
    /// checksums, computed as it is written.
    /// - Throws: `FormatError.safetensors` for a name that repeats or is reserved, also one of the metadata, `FormatError.cannotWrite`, and
    ///   `FormatError.cannotRead` when a tensor's own file fails.
    public static func write(
        _ tensors: [TensorEntry], metadata: [String: String] = [:], to url: URL
    ) throws(FormatError) {
        let widths = Set(tensors.map(\.dataType.byteCount)).sorted(by: >)
        let ordered = widths.flatMap { width in tensors.filter { $0.dataType.byteCount == width } }

        var header = SafetensorsHeader()
        if let reserved = metadata.keys.first(where: SafetensorsChecksums.keys.contains) {
            throw .safetensors(source: url.path, .duplicateName(reserved))
        }
        header.metadata = metadata.merging(SafetensorsChecksums.placeholder(tensorCount: tensors.count)) { $1 }
        var names: Set<String> = [SafetensorsHeader.metadataName]
        var offset = 0
        for tensor in ordered {
            guard names.insert(tensor.name).inserted else {
                throw .safetensors(source: url.path, .duplicateName(tensor.name))
            }
            let end = offset + tensor.byteCount
            header.tensors.append(
                .init(name: tensor.name, dataType: tensor.dataType, shape: tensor.shape, range: offset..<end))
            offset = end
        }
        let encodedHeader = header.encoded
        guard encodedHeader.count <= SafetensorsHeader.maximumByteCount else {
            throw .safetensors(
                source: url.path,
                .headerLength(UInt64(encodedHeader.count), fileByteCount: encodedHeader.count + offset))
        }

        try AtomicFile.write(to: url) { (sink) throws(FormatError) in
            try sink.append(encodedHeader)
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
}
