import Foundation

@testable import Formats

/// The readers of this module, as functions of bytes that give a value or throw, and whole files to begin
/// with. Shared with the fuzzer in `Tests/Fuzzing`.
enum ByteReader: String, CaseIterable, Sendable {
    case safetensors, idx, gzip, png, npy, npz, picture, json, pytorch
    /// A PNG file whose chunks' checksums are made right first, so that damage gets past them.
    case pngBehindChecksums = "png-behind-checksums"

    /// Reads all there is.
    func read(_ bytes: [UInt8]) throws {
        switch self {
        case .safetensors: try withFile(of: bytes, read: readSafetensors)
        case .pytorch: try withFile(of: bytes, read: readPyTorch)
        case .idx: for rank in [1, 3] { _ = try? IDXFile(bytes: bytes, rank: rank) }
        case .gzip: _ = try Gzip.decompress(bytes, maximumByteCount: 1 << 20)
        case .png: _ = try PNG.decode(bytes)
        case .pngBehindChecksums: _ = try PNG.decode(Self.withRightChecksums(bytes))
        case .npy:
            _ = try? NPY<Int64>(bytes: bytes)
            _ = try NPY<Float>(bytes: bytes)
        case .npz:
            try withFile(of: bytes) { path in
                let archive = try NPZFile(path)
                for name in archive.names { _ = try archive.array(name) }
            }
        case .picture: _ = try Self.decoder.decode(bytes)
        case .json: _ = try? JSONReader.value(of: bytes[...])
        }
    }

    private static let decoder = PictureDecoder(
        libraries: (0..<3).reduce(URL(fileURLWithPath: #filePath)) { folder, _ in folder.deletingLastPathComponent() }
            .appendingPathComponent(".setup/pictures"))

    private func readSafetensors(_ path: String) throws {
        let file = try SafetensorsFile(contentsOf: URL(fileURLWithPath: path))
        for entry in file.entries { _ = try? entry.values(as: Float.self) }
        for entry in file.entries { _ = try entry.bytes() }
    }

    private func readPyTorch(_ path: String) throws {
        for tensor in try PyTorchFile(contentsOf: URL(fileURLWithPath: path)).dictionaries.flatMap(\.tensors) {
            _ = try? tensor.floatValues()
        }
    }

    /// Through a file that has no name any more.
    private func withFile(of bytes: [UInt8], read: (String) throws -> Void) throws {
        var path = Array("/tmp/reader-XXXXXX".utf8CString)
        let descriptor = mkstemp(&path)
        guard descriptor >= 0 else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
        unlink(path)
        defer { close(descriptor) }
        guard write(descriptor, bytes, bytes.count) == bytes.count else { throw POSIXError(.EIO) }
        try read("/proc/self/fd/\(descriptor)")
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
        case .npz: return [Self.bytes(base64: Self.deflatedArchive), Self.storedArchive]
        case .picture:
            // A gray JPEG file, and a progressive one in colour that EXIF turns.
            return try Self.png.seeds() + Self.jpegs.map { Self.bytes(base64: $0) }
        case .json:
            return [
                Array(#"{"a": [1, -2.5e-3, true, null, "x\u00e9\ud83d\ude00\n"], "b": {"": []}}"#.utf8),
                Array("[]".utf8),
            ]
        }
    }

    private static let jpegs = [
        """
        /9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABsSFBcUERsXFhceHBsgKEIrKCUlKFE6PTBCYFVlZF9VXVtqeJmBanGQc1tdhbWGkJ6j\
        q62rZ4C8ybqmx5moq6T/wAALCAAHAAkBAREA/8QAFQABAQAAAAAAAAAAAAAAAAAAAQP/xAAiEAABAgQHAQAAAAAAAAAAAAABAiEA\
        AwRBERIVMVJUktL/2gAIAQEAAD8ABKCVmmCXDGTLOUYHkq7GzNsIrpNV16TyfqP/2Q==
        """,
        """
        /9j/4AAQSkZJRgABAQAAAQABAAD/4QAiRXhpZgAATU0AKgAAAAgAAQESAAMAAAABAAYAAAAAAAD/2wBDAFA3PEY8MlBGQUZaVVBf\
        eMiCeG5uePWvuZHI////////////////////////////////////////////////////2wBDAVVaWnhpeOuCguv/////////////\
        ////////////////////////////////////////////////////////////wgARCAAHAAkDASIAAhEBAxEB/8QAFQABAQAAAAAA\
        AAAAAAAAAAAAAAH/xAAVAQEBAAAAAAAAAAAAAAAAAAABAv/aAAwDAQACEAMQAAABlIf/xAAVEAEBAAAAAAAAAAAAAAAAAAAAEf/a\
        AAgBAQABBQJH/8QAFBEBAAAAAAAAAAAAAAAAAAAAAP/aAAgBAwEBPwF//8QAFBEBAAAAAAAAAAAAAAAAAAAAAP/aAAgBAgEBPwF/\
        /8QAFBABAAAAAAAAAAAAAAAAAAAAEP/aAAgBAQAGPwI//8QAFRABAQAAAAAAAAAAAAAAAAAAEGH/2gAIAQEAAT8hg//aAAwDAQAC\
        AAMAAAAQC//EABYRAQEBAAAAAAAAAAAAAAAAAAEAEf/aAAgBAwEBPxANv//EABYRAAMAAAAAAAAAAAAAAAAAAAABIf/aAAgBAgEB\
        PxBw/8QAGxAAAgEFAAAAAAAAAAAAAAAAAAERMVGBodH/2gAIAQEAAT8QhUJYXSVtI//Z
        """,
    ]

    /// Two arrays that `numpy.savez_compressed` wrote.
    private static let deflatedArchive = """
        UEsDBC0AAAAIAAAAIQBnMWao//////////8JABQAYXJyXzAubnB5AQAQAIYAAAAAAAAASQAAAAAAAACb7BfqGxDJyFDGUK2eklqc\
        XKRupaBeU2qorqOgnpZfVFKUmBefX5SSChJ3S8wpTgWKF2ckFqQC+RpGOgrGmjoKtQpkAy52MAAAUEsDBC0AAAAIAAAAIQB+avvJ\
        //////////8FABQAeS5ucHkBABAAkAAAAAAAAABJAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6loG6TaaGuo6Cell9UUpSYF59f\
        lJIKEndLzClOBYoXZyQWpAL5GkY6mjoKtQoUAC4GKGCE0gBQSwECLQMtAAAACAAAACEAZzFmqEkAAACGAAAACQAAAAAAAAAAAAAA\
        gAEAAAAAYXJyXzAubnB5UEsBAi0DLQAAAAgAAAAhAH5q+8lJAAAAkAAAAAUAAAAAAAAAAAAAAIABhAAAAHkubnB5UEsFBgAAAAAC\
        AAIAagAAAAQBAAAAAA==
        """

    /// An array of two numbers, stored.
    private static var storedArchive: [UInt8] {
        var framing = NPZFraming()
        var bytes = framing.begin("arr_0", UInt8.self, shape: [2])
        let values: [UInt8] = [3, 8]
        values.withUnsafeBytes { framing.pass($0) }
        bytes += values + framing.end()
        return bytes + framing.directory
    }

    private static func bytes(base64: String) -> [UInt8] { [UInt8](Data(base64Encoded: base64) ?? Data()) }
}
