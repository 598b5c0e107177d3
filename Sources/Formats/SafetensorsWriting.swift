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

        var header = SafetensorsHeader()
        header.metadata = metadata
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
            try encodedHeader.withUnsafeBufferPointer { (buffer) throws(FormatError) in
                try sink.append(UnsafeRawBufferPointer(buffer))
            }
            for tensor in ordered {
                try tensor.storage.forEachPiece { (piece) throws(FormatError) in try sink.append(piece) }
            }
        }
    }
}
