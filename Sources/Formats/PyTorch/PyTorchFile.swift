package import Foundation

/// A file of PyTorch's `torch.save`, opened for its tensors.
///
/// It is a ZIP file with a pickle, which says what there is, and storages, which hold the elements. The pickle is read as
/// data (`PickleReader`): nothing that a file says is looked up, called or made. Opening checks every tensor against its
/// storage; elements are read, and held against the file's checksums, when asked for. A checksum of zero is none, as
/// `torch.serialization.set_crc32_options(False)` writes them.
package struct PyTorchFile: Sendable {
    /// All dictionaries with tensors by name, outer before inner.
    package let dictionaries: [StateDictionary]

    /// A description of twenty thousand tensors; what a pickle of this size can be made to take of memory is some hundred times
    /// as much.
    private static let mostPickleBytes = 1 << 22
    /// A pickle that begins with the number that `torch.save` wrote before PyTorch 1.6.
    private static let oldBeginning: [UInt8] = [
        0x80, 0x02, 0x8A, 0x0A, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19,
    ]

    /// Whether a file begins as those of `torch.save` and `pickle.dump` do.
    ///
    /// - Throws: `FormatError.cannotRead`
    package static func isPyTorch(_ url: URL) throws(FormatError) -> Bool {
        let beginning = try beginning(of: url.path)
        return beginning.starts(with: [0x50, 0x4B]) || isPickle(beginning)
    }

    /// - Throws: `FormatError.cannotRead`, `.zip`, `.pytorch`
    package init(contentsOf url: URL) throws(FormatError) {
        let path = url.path
        let beginning = try Self.beginning(of: path)
        guard !Self.isPickle(beginning) else {
            throw .pytorch(source: path, beginning.starts(with: Self.oldBeginning) ? .oldForm : .barePickle)
        }
        let archive = try ZipArchive(path)
        let folder = try Self.folder(of: archive, path)
        let bytes = try Self.content(of: folder + Self.pickleName, archive, path)
        let pickle: Pickle
        do throws(PyTorchProblem) {
            pickle = try PickleReader.pickle(of: bytes)
        } catch {
            throw .pytorch(source: path, error)
        }
        var storages = PyTorchStorages(archive, folder: folder, path: path)
        var dictionaries: [StateDictionary] = []
        for place in pickle.dictionaryPlaces {
            guard let found = try StateDictionary(pickle, place.index, path: place.path, &storages) else { continue }
            dictionaries.append(found)
        }
        guard !dictionaries.isEmpty else { throw .pytorch(source: path, .noTensors) }
        self.dictionaries = dictionaries
    }

    /// The folder within the archive that all members lie in, with a slash at its end.
    private static func folder(of archive: ZipArchive, _ path: String) throws(FormatError) -> String {
        let names = archive.names
        guard let pickle = names.first(where: { $0 == pickleName || $0.hasSuffix("/" + pickleName) }) else {
            throw .pytorch(source: path, .noPickle)
        }
        let folder = String(pickle.dropLast(pickleName.count))
        guard !names.contains(folder + "constants.pkl") else { throw .pytorch(source: path, .program) }
        if names.contains(folder + "byteorder"),
            try content(of: folder + "byteorder", archive, path) == Array("big".utf8)
        {
            throw .pytorch(source: path, .bigEndian)
        }
        return folder
    }

    /// The content of a member that is no storage.
    private static func content(
        of name: String, _ archive: ZipArchive, _ path: String
    ) throws(FormatError) -> [UInt8] {
        let member = try archive.stored(name)
        guard member.byteCount <= mostPickleBytes else {
            throw .pytorch(source: path, .pickleTooLarge(byteCount: member.byteCount, most: mostPickleBytes))
        }
        let bytes = try member.file.bytes(at: member.offset, count: member.byteCount)
        guard member.checksum == 0 || CRC32.checksum(bytes) == member.checksum else {
            throw .zip(source: path, .checksum(member: name))
        }
        return bytes
    }

    private static let pickleName = "data.pkl"

    private static func beginning(of path: String) throws(FormatError) -> [UInt8] {
        let file = try OpenFile(path)
        return try file.bytes(at: 0, count: min(file.byteCount, oldBeginning.count))
    }

    private static func isPickle(_ beginning: [UInt8]) -> Bool {
        beginning.count >= 2 && beginning[0] == 0x80 && (2...5).contains(beginning[1])
    }
}

extension Pickle {
    /// Dictionaries within dictionaries that are looked into.
    private static let mostLevels = 4

    /// Every dictionary that texts lead to, with those texts joined by dots; outer before inner, each once.
    fileprivate var dictionaryPlaces: [(path: String, index: Int)] {
        guard case .dictionary(let first) = root else { return [] }
        var places = [(path: "", index: first)]
        var seen: Set<Int> = [first]
        var (begin, level) = (0, 1)
        while begin < places.count, level < Pickle.mostLevels {
            let end = places.count
            for place in places[begin..<end] {
                for entry in dictionaries[place.index] {
                    guard case .text(let key) = entry.key, case .dictionary(let index) = entry.value,
                        seen.insert(index).inserted
                    else { continue }
                    places.append((place.path.isEmpty ? key : "\(place.path).\(key)", index))
                }
            }
            (begin, level) = (end, level + 1)
        }
        return places
    }
}
