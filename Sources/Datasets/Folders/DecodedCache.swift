import Basis
import Formats
import Foundation

/// Decoded folders kept on disk, so that the next run need not decode them again.
///
/// An entry is named by a hash of the files (their paths, sizes and times of change) and of the form they were brought
/// into, and carries a hash of its content. What does not fit is decoded anew; trouble with the cache costs time, never
/// the run.
struct DecodedCache {
    /// Nil keeps nothing.
    private let folder: URL?

    private static let magic = Array("FLOWMATCH-PICTURES-1\n".utf8)
    private static let ending = "pictures"
    /// Entries unused for longest go when the folder outgrows this.
    private static let capacityInBytes = 8 << 30

    /// - Parameter folder: of all that this program can compute again
    init(_ folder: URL?) { self.folder = folder?.appendingPathComponent("pictures", isDirectory: true) }

    /// The pictures of a folder, from the cache or decoded now.
    func decoded(_ decoding: FolderDecoding, _ onEvent: (DatasetEvent) -> Void) throws(DatasetError) -> DecodedFolder {
        guard let url = folder?.appendingPathComponent("\(key(decoding)).\(DecodedCache.ending)") else {
            return try decoding.run(onEvent)
        }
        if let kept = read(url, decoding) { return kept }
        let decoded = try decoding.run(onEvent)
        write(decoded, to: url)
        return decoded
    }

    private func key(_ decoding: FolderDecoding) -> String {
        var hash = SHA256()
        let form = decoding.form
        let background = form.background.values(channels: 3).map(Int.init).map(String.init).joined(separator: ",")
        let knobs = [
            "\(form.side)", form.fit.rawValue, background, form.colors.rawValue, "\(decoding.skipsUnreadable)",
        ]
        hash.append(Array((knobs.joined(separator: " ") + "\n").utf8))
        for file in decoding.files {
            hash.append(Array("\(file.path)\0\(file.label) \(file.byteCount) \(file.modified)\n".utf8))
        }
        return String(SHA256.text(hash.digest()).prefix(32))
    }

    /// What precedes an entry's numbers.
    private struct Header: Codable {
        let channels: Int
        let side: Int
        let count: Int
        let leftOut: [UnreadableFile]
        let sizes: DecodedFolder.Sizes?
    }

    private func write(_ decoded: DecodedFolder, to url: URL) {
        guard let folder else { return }
        let side = Int(Double(decoded.pixels.count / max(1, decoded.labels.count * decoded.channels)).squareRoot())
        let header = Header(
            channels: decoded.channels, side: side, count: decoded.labels.count, leftOut: decoded.leftOut,
            sizes: decoded.sizes)
        guard let text = try? JSONEncoder().encode(header) else { return }
        let length = withUnsafeBytes(of: UInt64(text.count).littleEndian) { Array($0) }
        let labels = decoded.labels.map(\.littleEndian).withUnsafeBytes { Array($0) }
        let parts = [length, Array(text), labels, decoded.digests, decoded.pixels]
        var hash = SHA256()
        for part in parts { hash.append(part) }
        let digest = hash.digest()
        try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        prune(folder, toFit: parts.reduce(0) { $0 + $1.count })
        try? AtomicFile.write(to: url) { (sink) throws(FormatError) in
            for part in [DecodedCache.magic, digest] + parts {
                try part.withUnsafeBufferPointer { (bytes) throws(FormatError) in
                    try sink.append(UnsafeRawBufferPointer(bytes))
                }
            }
        }
    }

    /// Nil for anything but a whole entry of that decoding.
    private func read(_ url: URL, _ decoding: FolderDecoding) -> DecodedFolder? {
        guard let file = try? OpenFile(url.path, followsLink: false),
            let bytes = try? file.bytes(at: 0, count: file.byteCount), bytes.starts(with: DecodedCache.magic)
        else { return nil }
        let digestStart = DecodedCache.magic.count
        let start = digestStart + ContentChecksum.digestByteCount
        guard bytes.count >= start + 8, SHA256.digest(bytes[start...]).elementsEqual(bytes[digestStart..<start]) else {
            return nil
        }
        let length = bytes[start..<start + 8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard length <= UInt64(bytes.count - start - 8) else { return nil }
        let numbers = start + 8 + Int(length)
        guard let header = try? JSONDecoder().decode(Header.self, from: Data(bytes[start + 8..<numbers])),
            header.side == decoding.form.side, header.count + header.leftOut.count == decoding.files.count
        else { return nil }
        let labelEnd = numbers + 4 * header.count
        let digestEnd = labelEnd + ContentChecksum.digestByteCount * header.count
        guard bytes.count == digestEnd + header.count * header.channels * header.side * header.side else { return nil }
        var decoded = DecodedFolder(channels: header.channels, leftOut: header.leftOut, sizes: header.sizes)
        decoded.labels = bytes.withUnsafeBytes { raw in
            (0..<header.count).map {
                Int32(littleEndian: raw.loadUnaligned(fromByteOffset: numbers + 4 * $0, as: Int32.self))
            }
        }
        decoded.digests = Array(bytes[labelEnd..<digestEnd])
        decoded.pixels = Array(bytes[digestEnd...])
        try? FileManager.default.setAttributes([.modificationDate: Date()], ofItemAtPath: url.path)
        return decoded
    }

    /// Removes entries, those unused for longest first, until there is room.
    private func prune(_ folder: URL, toFit byteCount: Int) {
        let keys: [URLResourceKey] = [.contentModificationDateKey, .fileSizeKey]
        let files = (try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: keys)) ?? []
        let entries = files.filter { $0.pathExtension == DecodedCache.ending }.compactMap { url -> (URL, Int, Date)? in
            guard let values = try? url.resourceValues(forKeys: Set(keys)), let size = values.fileSize,
                let used = values.contentModificationDate
            else { return nil }
            return (url, size, used)
        }
        var room = DecodedCache.capacityInBytes - byteCount
        for (url, size, _) in entries.sorted(by: { $0.2 > $1.2 }) {
            room -= size
            if room < 0 { try? FileManager.default.removeItem(at: url) }
        }
    }
}
