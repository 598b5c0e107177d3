/// What an NPZ file has around the elements of its arrays: NumPy's archive, a ZIP file of NPY files that are not
/// compressed (PKWARE's APPNOTE 6.3.10).
///
/// Elements are appended to the file by who has them, in pieces of any size, and shown to the framing as they pass: an
/// array may be larger than the memory. Sizes are of 64 bits throughout, as NumPy writes them.
package struct NPZFraming: Sendable {
    private struct Entry {
        let name: [UInt8]
        /// Where its local header begins.
        let offset: UInt64
        var size: UInt64 = 0
        var checksum: UInt32 = 0
    }

    private var entries: [Entry] = []
    /// Bytes of the file so far.
    private var position: UInt64 = 0

    package init() {}

    /// What precedes the elements of the next array, which has this name without ".npy".
    package mutating func begin<Scalar: NPYScalar>(_ name: String, _ type: Scalar.Type, shape: [Int]) -> [UInt8] {
        let entry = Entry(name: Array("\(name).npy".utf8), offset: position)
        var bytes = localHeader(entry)
        position += UInt64(bytes.count)
        entries.append(entry)
        let head = NPY<Scalar>.head(shape: shape)
        head.withUnsafeBytes { pass($0) }
        bytes += head
        return bytes
    }

    /// Counts elements of the last array that was begun.
    package mutating func pass(_ bytes: UnsafeRawBufferPointer) {
        guard let last = entries.indices.last else { return }
        entries[last].size += UInt64(bytes.count)
        entries[last].checksum = CRC32.checksum(bytes, after: entries[last].checksum)
        position += UInt64(bytes.count)
    }

    /// What follows the elements of the last array.
    package mutating func end() -> [UInt8] {
        guard let entry = entries.last else { return [] }
        var bytes: [UInt8] = []
        bytes.appendLittleEndian(Signature.descriptor)
        bytes.appendLittleEndian(entry.checksum)
        bytes.appendLittleEndian(entry.size)
        bytes.appendLittleEndian(entry.size)
        position += UInt64(bytes.count)
        return bytes
    }

    /// What ends the file.
    package var directory: [UInt8] {
        var bytes: [UInt8] = []
        for entry in entries { appendDirectoryEntry(entry, to: &bytes) }
        let size = UInt64(bytes.count)
        bytes.appendLittleEndian(Signature.end64)
        // The record's own size after this field, the versions that made it and are needed, two disk numbers.
        bytes.appendLittleEndian(UInt64(44))
        bytes.appendLittleEndian(NPZFraming.version)
        bytes.appendLittleEndian(NPZFraming.version)
        for _ in 0..<2 { bytes.appendLittleEndian(UInt32(0)) }
        for value in [UInt64(entries.count), UInt64(entries.count), size, position] { bytes.appendLittleEndian(value) }
        bytes.appendLittleEndian(Signature.locator64)
        bytes.appendLittleEndian(UInt32(0))
        bytes.appendLittleEndian(position + size)
        bytes.appendLittleEndian(UInt32(1))
        bytes.appendLittleEndian(Signature.end)
        // Disks, entries, size and place: all of them stand in the record of 64 bits; no comment.
        for _ in 0..<2 { bytes.appendLittleEndian(UInt16(0)) }
        for _ in 0..<2 { bytes.appendLittleEndian(UInt16.max) }
        for _ in 0..<2 { bytes.appendLittleEndian(UInt32.max) }
        bytes.appendLittleEndian(UInt16(0))
        return bytes
    }

    private enum Signature {
        static let local: UInt32 = 0x0403_4B50
        static let descriptor: UInt32 = 0x0807_4B50
        static let entry: UInt32 = 0x0201_4B50
        static let end64: UInt32 = 0x0606_4B50
        static let locator64: UInt32 = 0x0706_4B50
        static let end: UInt32 = 0x0605_4B50
    }

    /// 4.5, the first with sizes of 64 bits.
    private static let version: UInt16 = 45
    /// Sizes and checksum follow the data.
    private static let flags: UInt16 = 1 << 3
    /// The first of January 1980, the earliest that there is: equal arrays make equal files.
    private static let date: UInt16 = 1 << 5 | 1
    private static let extra64: UInt16 = 1

    /// What local header and directory have alike: version to date, then the checksum.
    private func appendCommon(_ checksum: UInt32, to bytes: inout [UInt8]) {
        // Version, flags, method (0: as it is), time, date.
        for value in [NPZFraming.version, NPZFraming.flags, 0, 0, NPZFraming.date] { bytes.appendLittleEndian(value) }
        bytes.appendLittleEndian(checksum)
        // Both sizes stand in the extra field.
        for _ in 0..<2 { bytes.appendLittleEndian(UInt32.max) }
    }

    private func localHeader(_ entry: Entry) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.appendLittleEndian(Signature.local)
        appendCommon(0, to: &bytes)
        bytes.appendLittleEndian(UInt16(entry.name.count))
        bytes.appendLittleEndian(UInt16(20))
        bytes += entry.name
        bytes.appendLittleEndian(NPZFraming.extra64)
        bytes.appendLittleEndian(UInt16(16))
        for _ in 0..<2 { bytes.appendLittleEndian(UInt64(0)) }
        return bytes
    }

    private func appendDirectoryEntry(_ entry: Entry, to bytes: inout [UInt8]) {
        bytes.appendLittleEndian(Signature.entry)
        bytes.appendLittleEndian(NPZFraming.version)
        appendCommon(entry.checksum, to: &bytes)
        bytes.appendLittleEndian(UInt16(entry.name.count))
        bytes.appendLittleEndian(UInt16(28))
        // No comment, the first disk, no attributes; the place stands in the extra field.
        for _ in 0..<3 { bytes.appendLittleEndian(UInt16(0)) }
        bytes.appendLittleEndian(UInt32(0))
        bytes.appendLittleEndian(UInt32.max)
        bytes += entry.name
        bytes.appendLittleEndian(NPZFraming.extra64)
        bytes.appendLittleEndian(UInt16(24))
        for value in [entry.size, entry.size, entry.offset] { bytes.appendLittleEndian(value) }
    }
}
