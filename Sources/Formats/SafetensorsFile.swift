package import Foundation

/// A safetensors file (https://huggingface.co/docs/safetensors): named arrays with string metadata.
///
/// Opening reads and checks the header only; a tensor's data is read, and held against its checksum, when asked for.
/// Files that this program wrote carry checksums (`SafetensorsChecksums`), those of other programs need not. The file stays open as long as
/// this value or one of its entries lives, so replacing it on disk by `write` does not disturb them.
package struct SafetensorsFile: Sendable {
    /// The strings stored with the tensors.
    package let metadata: [String: String]
    /// The tensors, in the order of the file's header.
    package let entries: [TensorEntry]
    /// The path the file was opened from.
    package let path: String
    /// Whether the file carries checksums of its header and its tensors.
    package let isChecked: Bool
    private let indexOfName: [String: Int]

    /// Opens the file at `url`.
    ///
    /// - Throws: `FormatError.cannotRead`, or `FormatError.safetensors` for a file that breaks the format.
    package init(contentsOf url: URL) throws(FormatError) {
        let file = try OpenFile(url.path)
        let (header, checksums, dataOffset) = try Self.readHeader(of: file)
        path = url.path
        metadata = header.metadata.filter { !SafetensorsChecksums.keys.contains($0.key) }
        isChecked = checksums != nil
        entries = header.tensors.indices.map { index in
            let tensor = header.tensors[index]
            return TensorEntry(
                name: tensor.name, dataType: tensor.dataType, shape: tensor.shape,
                storage: FileStorage(
                    file: file, offset: dataOffset + tensor.range.lowerBound, byteCount: tensor.range.count,
                    name: tensor.name, checksum: checksums?.tensors[index]))
        }
        indexOfName = Dictionary(uniqueKeysWithValues: entries.indices.map { (header.tensors[$0].name, $0) })
    }

    /// The tensors' names, in the order of the file's header.
    package var names: [String] { entries.map(\.name) }

    /// The tensor called `name`, or `nil`.
    package subscript(name: String) -> TensorEntry? { indexOfName[name].map { entries[$0] } }

    /// The tensor called `name`.
    ///
    /// - Throws: `FormatError.safetensors` when there is none.
    package func tensor(_ name: String) throws(FormatError) -> TensorEntry {
        guard let entry = self[name] else { throw .safetensors(source: path, .noTensor(name)) }
        return entry
    }

    /// Reads everything and holds it against the checksums, where there are any.
    ///
    /// - Throws: `FormatError`.
    package func check() throws(FormatError) {
        for entry in entries { try entry.storage.forEachPiece { (_) throws(FormatError) in } }
    }

    private static func readHeader(
        of file: OpenFile
    ) throws(FormatError) -> (header: SafetensorsHeader, checksums: SafetensorsChecksums?, dataOffset: Int) {
        let lengthByteCount = SafetensorsHeader.lengthByteCount
        guard file.byteCount >= lengthByteCount else {
            throw .safetensors(source: file.path, .shorterThanLengthField(byteCount: file.byteCount))
        }
        let length = try file.bytes(at: 0, count: lengthByteCount).littleEndian(UInt64.self, at: 0)
        guard length <= UInt64(min(SafetensorsHeader.maximumByteCount, file.byteCount - lengthByteCount)) else {
            throw .safetensors(source: file.path, .headerLength(length, fileByteCount: file.byteCount))
        }
        let dataOffset = lengthByteCount + Int(length)
        let text = try file.bytes(at: lengthByteCount, count: Int(length))
        do throws(SafetensorsProblem) {
            let header = try SafetensorsHeader(json: text, dataByteCount: file.byteCount - dataOffset)
            return (header, try SafetensorsChecksums(of: header, text: text), dataOffset)
        } catch {
            throw .safetensors(source: file.path, error)
        }
    }
}
