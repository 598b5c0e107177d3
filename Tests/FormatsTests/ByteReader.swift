import Foundation

@testable import Formats

/// The readers of this module, as functions of bytes that give a value or throw `FormatError`, and whole files to begin
/// with. Shared with the fuzzer in `Tests/Fuzzing`.
enum ByteReader: String, CaseIterable, Sendable {
    case safetensors, idx, gzip, png, npy, json, pytorch
    /// A PNG file whose chunks' checksums are made right first, so that damage gets past them.
    case pngBehindChecksums = "png-behind-checksums"

    /// Reads all there is.
    func read(_ bytes: [UInt8]) throws(FormatError) {
        switch self {
        case .safetensors:
            try withFile(of: bytes) { (url) throws(FormatError) in
                let file = try SafetensorsFile(contentsOf: url)
                for entry in file.entries { _ = try? entry.values(as: Float.self) }
                for entry in file.entries { _ = try entry.bytes() }
            }
        case .pytorch:
            try withFile(of: bytes) { (url) throws(FormatError) in
                for tensor in try PyTorchFile(contentsOf: url).dictionaries.flatMap(\.tensors) {
                    _ = try? tensor.floatValues()
                }
            }
        case .idx: for rank in [1, 3] { _ = try? IDXFile(bytes: bytes, rank: rank) }
        case .gzip: _ = try Gzip.decompress(bytes, maximumByteCount: 1 << 20)
        case .png: _ = try PNG.decode(bytes)
        case .pngBehindChecksums: _ = try PNG.decode(Self.withRightChecksums(bytes))
        case .npy:
            _ = try? NPY<Int64>(bytes: bytes)
            _ = try NPY<Float>(bytes: bytes)
        case .json: _ = try? JSONReader.value(of: bytes[...])
        }
    }

    /// A file that has no name any more.
    private func withFile(of bytes: [UInt8], _ body: (URL) throws(FormatError) -> Void) throws(FormatError) {
        var path = Array("/tmp/reader-XXXXXX".utf8CString)
        let descriptor = mkstemp(&path)
        guard descriptor >= 0 else { return }
        unlink(path)
        defer { close(descriptor) }
        guard write(descriptor, bytes, bytes.count) == bytes.count else { return }
        try body(URL(fileURLWithPath: "/proc/self/fd/\(descriptor)"))
    }

    private static func withRightChecksums(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        var position = PNG.signature.count
        while bytes.count - position >= 12 {
            let length = Int(bytes.bigEndian(UInt32.self, at: position))
            let end = position + 8 + length
            guard bytes.count - end >= 4 else { break }
            let checksum = CRC32.checksum(bytes[position + 4..<end])
            for index in 0..<4 { bytes[end + index] = UInt8(truncatingIfNeeded: checksum >> UInt32(24 - 8 * index)) }
            position = end + 4
        }
        return bytes
    }

    /// Whole files of this format.
    func seeds() throws -> [[UInt8]] {
        switch self {
        case .safetensors:
            let tensors = [
                try TensorEntry(name: "weight", shape: [2, 3], values: [Float](repeating: 0.5, count: 6)),
                try TensorEntry(name: "step", shape: [], values: [Int64(7)]),
                try TensorEntry(name: "empty", shape: [0, 4], values: [Float]()),
            ]
            let url = FileManager.default.temporaryDirectory.appendingPathComponent("seed-\(UUID().uuidString)")
            defer { try? FileManager.default.removeItem(at: url) }
            try SafetensorsFile.write(tensors, metadata: ["format": "pt"], to: url)
            let plain = #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#
            return [
                [UInt8](try Data(contentsOf: url)),
                [UInt8(plain.utf8.count)] + [0, 0, 0, 0, 0, 0, 0] + plain.utf8 + [UInt8](repeating: 1, count: 8),
            ]
        case .idx:
            return [
                try IDXFile(shape: [2, 3, 2], values: Array(0..<12)).encoded,
                try IDXFile(shape: [3], values: [1, 2, 3]).encoded,
            ]
        case .gzip:
            return [
                [
                    0x1F, 0x8B, 0x08, 0, 0, 0, 0, 0, 0, 0x03, 0xCB, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0, 0x86, 0xA6, 0x10,
                    0x36,
                    0x05, 0, 0, 0,
                ]
            ]
        case .png, .pngBehindChecksums:
            return try [1, 3, 4].flatMap { channels in
                let pixels = (0..<7 * 5 * channels).map { UInt8(truncatingIfNeeded: $0 * 37) }
                let image = try RasterImage(width: 7, height: 5, channels: channels, pixels: pixels)
                return [try PNG.encode(image), try APNG.encode(frames: [image, image], delayMilliseconds: 60)]
            }
        case .npy:
            return [
                try NPY<Float>(shape: [2, 3], values: [1, 2, 3, 4, 5, 6]).encoded,
                try NPY<Float>(shape: [], values: [1]).encoded,
            ]
        case .pytorch: return [PyTorchFixture.file()]
        case .json:
            return [
                Array(#"{"a": [1, -2.5e-3, true, null, "x\u00e9\ud83d\ude00\n"], "b": {"": []}}"#.utf8),
                Array("[]".utf8),
            ]
        }
    }
}
