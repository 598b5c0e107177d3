@testable import Formats

/// Pickles and the ZIP files around them, instruction by instruction.
enum PyTorchFixture {
    /// `torch.save({"weight": tensor of 2 x 3, "tied": the same, "step": 7})`, without checksums, so that damage gets past
    /// them.
    static func file() -> [UInt8] {
        let pickle = joined(
            [0x80, 2, 0x7D], mark, text("weight"), tensor(key: "0", count: 6, offset: 0, [2, 3], [3, 1]), [0x71, 9],
            text("tied"), [0x68, 9], text("step"), [0x4B, 7], [0x75, 0x2E])
        let storage = (0..<6).flatMap { index in Swift.withUnsafeBytes(of: Float(index)) { Array($0) } }
        return archive([
            ("a/data.pkl", pickle), ("a/byteorder", Array("little".utf8)), ("a/data/0", storage),
            ("a/version", Array("3\n".utf8)),
        ])
    }

    static func joined(_ parts: [UInt8]...) -> [UInt8] { parts.flatMap(\.self) }

    static let mark: [UInt8] = [0x28]

    /// BINUNICODE
    static func text(_ text: String) -> [UInt8] {
        var bytes: [UInt8] = [0x58]
        bytes.appendLittleEndian(UInt32(text.utf8.count))
        return bytes + text.utf8
    }

    /// GLOBAL
    static func global(_ module: String, _ name: String) -> [UInt8] { [0x63] + Array("\(module)\n\(name)\n".utf8) }

    /// BININT
    static func integer(_ value: Int) -> [UInt8] {
        var bytes: [UInt8] = [0x4A]
        bytes.appendLittleEndian(Int32(value))
        return bytes
    }

    /// A tuple of values.
    static func tuple(_ values: [UInt8]...) -> [UInt8] { mark + values.joined() + [0x74] }

    /// What torch.save writes for a tensor of float32.
    static func tensor(key: String, count: Int, offset: Int, _ shape: [Int], _ strides: [Int]) -> [UInt8] {
        func counts(_ values: [Int]) -> [UInt8] { mark + values.flatMap(integer) + [0x74] }
        let identifier = tuple(
            text("storage"), global("torch", "FloatStorage"), text(key), text("cpu"), integer(count))
        let hooks = joined(global("collections", "OrderedDict"), [0x29, 0x52])
        let arguments = tuple(
            identifier + [0x51], integer(offset), counts(shape), counts(strides), [0x89], hooks)
        return joined(global("torch._utils", "_rebuild_tensor_v2"), arguments, [0x52])
    }

    /// A ZIP file of members as they are, without checksums.
    static func archive(_ members: [(name: String, content: [UInt8])]) -> [UInt8] {
        var (bytes, directory): ([UInt8], [UInt8]) = ([], [])
        for (name, content) in members {
            let offset = bytes.count
            func append(_ isEntry: Bool, to bytes: inout [UInt8]) {
                bytes.appendLittleEndian(isEntry ? 0x0201_4B50 : 0x0403_4B50 as UInt32)
                // The version that made it; version, flags, method, time, date; checksum.
                for _ in 0..<(isEntry ? 6 : 5) { bytes.appendLittleEndian(UInt16(0)) }
                bytes.appendLittleEndian(UInt32(0))
                for _ in 0..<2 { bytes.appendLittleEndian(UInt32(content.count)) }
                bytes.appendLittleEndian(UInt16(name.utf8.count))
                // No extra field; no comment, the first disk, no attributes.
                for _ in 0..<(isEntry ? 6 : 1) { bytes.appendLittleEndian(UInt16(0)) }
                if isEntry { bytes.appendLittleEndian(UInt32(offset)) }
                bytes += name.utf8
            }
            append(false, to: &bytes)
            append(true, to: &directory)
            bytes += content
        }
        let offset = bytes.count
        bytes += directory
        bytes.appendLittleEndian(0x0605_4B50 as UInt32)
        for _ in 0..<2 { bytes.appendLittleEndian(UInt16(0)) }
        for _ in 0..<2 { bytes.appendLittleEndian(UInt16(members.count)) }
        for value in [directory.count, offset] { bytes.appendLittleEndian(UInt32(value)) }
        bytes.appendLittleEndian(UInt16(0))
        return bytes
    }
}
