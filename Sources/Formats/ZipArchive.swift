/// A ZIP file (PKWARE's APPNOTE 6.3.10) open for reading: members that are stored or deflated, of any size.
struct ZipArchive {
    private let file: OpenFile
    private let members: [String: Member]

    private struct Member {
        let method: Int
        let checksum: UInt32
        let compressedSize: Int
        let size: Int
        /// Where its local header begins.
        let offset: Int
    }

    private enum Signature {
        static let local: UInt32 = 0x0403_4B50
        static let entry: UInt32 = 0x0201_4B50
        static let end64: UInt32 = 0x0606_4B50
        static let locator64: UInt32 = 0x0706_4B50
        static let end: UInt32 = 0x0605_4B50
    }

    /// Bytes of the file.
    var byteCount: Int { file.byteCount }

    /// Names in the order of the alphabet.
    var names: [String] { members.keys.sorted() }

    /// - Throws: `FormatError.cannotRead`, `.zip`
    init(_ path: String) throws(FormatError) {
        file = try OpenFile(path)
        members = try ZipArchive.directory(of: file)
    }

    /// A member that lies in the file as it is.
    struct StoredMember {
        let file: OpenFile
        /// Where its content begins in the file.
        let offset: Int
        let byteCount: Int
        let checksum: UInt32
    }

    /// Where a member lies in the file as it is.
    ///
    /// - Throws: `FormatError.zip`, also where there is no such member, or it is compressed; `.cannotRead`
    func stored(_ name: String) throws(FormatError) -> StoredMember {
        let member = try member(name)
        guard member.method == 0 else { throw .zip(source: file.path, .method(member: name, member.method)) }
        let offset = try contentOffset(of: member)
        guard member.compressedSize == member.size, member.size <= file.byteCount - offset else { throw damaged }
        return StoredMember(file: file, offset: offset, byteCount: member.size, checksum: member.checksum)
    }

    /// The content of a member.
    ///
    /// - Throws: `FormatError.zip`, also where there is no such member; `.compressedStream`, `.cannotRead`
    func bytes(of name: String) throws(FormatError) -> [UInt8] {
        let member = try member(name)
        let stored = try range(contentOffset(of: member), member.compressedSize)
        let bytes: [UInt8]
        switch member.method {
        case 0: bytes = stored
        case 8:
            // Deflate shrinks by 1032 at most: a small file must not reserve the memory of a large one.
            let (most, isTooLarge) = stored.count.multipliedReportingOverflow(by: 1032)
            bytes = try Zlib.load().decompress(
                stored, as: .deflate, expectedByteCount: isTooLarge ? member.size : min(member.size, most),
                maximumByteCount: member.size, source: "\(file.path): \(name)")
        case let method: throw .zip(source: file.path, .method(member: name, method))
        }
        guard bytes.count == member.size, CRC32.checksum(bytes) == member.checksum else {
            throw .zip(source: file.path, .checksum(member: name))
        }
        return bytes
    }

    private func member(_ name: String) throws(FormatError) -> Member {
        guard let member = members[name] else { throw .zip(source: file.path, .noMember(name)) }
        return member
    }

    /// Where a member's content begins, within the file.
    private func contentOffset(of member: Member) throws(FormatError) -> Int {
        let header = try range(member.offset, 30)
        guard header.littleEndian(UInt32.self, at: 0) == Signature.local else { throw damaged }
        // The local header has its own lengths of name and extra field.
        let skipped =
            30 + Int(header.littleEndian(UInt16.self, at: 26)) + Int(header.littleEndian(UInt16.self, at: 28))
        guard skipped <= file.byteCount - member.offset else { throw damaged }
        return member.offset + skipped
    }

    private var damaged: FormatError { .zip(source: file.path, .damaged) }

    private func range(_ offset: Int, _ count: Int) throws(FormatError) -> [UInt8] {
        try ZipArchive.range(of: file, offset, count)
    }

    /// Bytes of the file; a range that is not within it is damage.
    private static func range(of file: OpenFile, _ offset: Int, _ count: Int) throws(FormatError) -> [UInt8] {
        guard offset >= 0, count >= 0, offset <= file.byteCount, count <= file.byteCount - offset else {
            throw .zip(source: file.path, .damaged)
        }
        return try file.bytes(at: offset, count: count)
    }

    private static func directory(of file: OpenFile) throws(FormatError) -> [String: Member] {
        let (offset, size) = try place(of: file)
        let bytes = try range(of: file, offset, size)
        var members: [String: Member] = [:]
        var position = 0
        while position + 46 <= bytes.count, bytes.littleEndian(UInt32.self, at: position) == Signature.entry {
            func short(_ at: Int) -> Int { Int(bytes.littleEndian(UInt16.self, at: position + at)) }
            func long(_ at: Int) -> Int { Int(bytes.littleEndian(UInt32.self, at: position + at)) }
            let nameEnd = position + 46 + short(28)
            let extraEnd = nameEnd + short(30)
            guard extraEnd + short(32) <= bytes.count else { throw .zip(source: file.path, .damaged) }
            let name = String(decoding: bytes[position + 46..<nameEnd], as: UTF8.self)
            var fields = [long(24), long(20), long(42)]
            guard replace(&fields, by: bytes[nameEnd..<extraEnd]) else { throw .zip(source: file.path, .damaged) }
            guard short(8) & 1 == 0 else { throw .zip(source: file.path, .encrypted(member: name)) }
            members[name] = Member(
                method: short(10), checksum: UInt32(long(16)), compressedSize: fields[1], size: fields[0],
                offset: fields[2])
            position = extraEnd + short(32)
        }
        guard position == bytes.count else { throw .zip(source: file.path, .damaged) }
        return members
    }

    /// Puts the values of 64 bits, which stand in an extra field, where those of 32 are full; whether there are as many
    /// as are needed.
    private static func replace(_ fields: inout [Int], by extra: ArraySlice<UInt8>) -> Bool {
        let full = Int(UInt32.max)
        var position = extra.startIndex
        while position + 4 <= extra.endIndex {
            let end = position + 4 + Int(extra.littleEndian(UInt16.self, at: position + 2))
            guard end <= extra.endIndex else { return false }
            if extra.littleEndian(UInt16.self, at: position) == 1 {
                var next = position + 4
                for index in fields.indices where fields[index] == full {
                    guard next + 8 <= end, let value = Int(exactly: extra.littleEndian(UInt64.self, at: next)) else {
                        return false
                    }
                    fields[index] = value
                    next += 8
                }
                return true
            }
            position = end
        }
        return !fields.contains(full)
    }

    /// Where the directory is, and how long.
    private static func place(of file: OpenFile) throws(FormatError) -> (offset: Int, size: Int) {
        // The end record is the last but for a comment of up to 65,535 bytes.
        let tailCount = min(file.byteCount, 22 + 65_535)
        let start = file.byteCount - tailCount
        let tail = try range(of: file, start, tailCount)
        guard tailCount >= 22,
            let end = stride(from: tailCount - 22, through: 0, by: -1).first(where: { position in
                tail.littleEndian(UInt32.self, at: position) == Signature.end
            })
        else { throw .zip(source: file.path, .noArchive) }
        let size = Int(tail.littleEndian(UInt32.self, at: end + 12))
        let offset = Int(tail.littleEndian(UInt32.self, at: end + 16))
        guard size == Int(UInt32.max) || offset == Int(UInt32.max) else { return (offset, size) }
        let locator = try range(of: file, start + end - 20, 20)
        guard locator.littleEndian(UInt32.self, at: 0) == Signature.locator64,
            let place = Int(exactly: locator.littleEndian(UInt64.self, at: 8))
        else { throw .zip(source: file.path, .damaged) }
        let record = try range(of: file, place, 56)
        guard record.littleEndian(UInt32.self, at: 0) == Signature.end64,
            let size64 = Int(exactly: record.littleEndian(UInt64.self, at: 40)),
            let offset64 = Int(exactly: record.littleEndian(UInt64.self, at: 48))
        else { throw .zip(source: file.path, .damaged) }
        return (offset64, size64)
    }
}
