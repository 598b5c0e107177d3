import CZlib
import Glibc

/// The system's zlib, loaded at its first use and never unloaded.
package struct Zlib: Sendable {
    private let inflateInit2: czlib_inflate_init2_function
    private let inflateNext: czlib_inflate_function
    private let inflateReset: czlib_inflate_reset_function
    private let inflateEnd: czlib_inflate_end_function
    private let compressBound: czlib_compress_bound_function
    private let compress2: czlib_compress2_function

    private static let loaded: Result<Zlib, FormatError> = Result { () throws(FormatError) in
        try Zlib(library: "libz.so.1")
    }

    /// - Throws: `FormatError.zlibUnavailable`.
    static func load() throws(FormatError) -> Zlib { try loaded.get() }

    /// Loads `library`, which is `libz.so.1` but in tests.
    ///
    /// - Throws: `FormatError.zlibUnavailable`.
    package init(library: String) throws(FormatError) {
        guard let handle = dlopen(library, RTLD_NOW | RTLD_LOCAL) else { throw Self.loaderError() }
        inflateInit2 = try Self.function("inflateInit2_", in: handle)
        inflateNext = try Self.function("inflate", in: handle)
        inflateReset = try Self.function("inflateReset", in: handle)
        inflateEnd = try Self.function("inflateEnd", in: handle)
        compressBound = try Self.function("compressBound", in: handle)
        compress2 = try Self.function("compress2", in: handle)
    }

    private static func function<Function>(
        _ name: String, in handle: UnsafeMutableRawPointer
    ) throws(FormatError) -> Function {
        guard let address = dlsym(handle, name) else { throw loaderError() }
        return unsafeBitCast(address, to: Function.self)
    }

    private static func loaderError() -> FormatError {
        .zlibUnavailable(reason: dlerror().map { String(cString: $0) } ?? "no reason given")
    }

    /// `bytes` as a zlib stream (RFC 1950), at zlib's default level.
    func compress(_ bytes: [UInt8]) throws(FormatError) -> [UInt8] {
        var length = compressBound(UInt(bytes.count))
        var result = [UInt8](repeating: 0, count: Int(length))
        let code = compress2(&result, &length, bytes, UInt(bytes.count), -1)
        guard Int(code) == CZLIB_OK else {
            throw .compressedStream(source: "the given bytes", .zlibFailed(code: Int(code)))
        }
        result.removeLast(result.count - Int(length))
        return result
    }

    /// How a compressed stream is wrapped; the raw value is zlib's name for it, on top of the largest window.
    enum Container: Int32 {
        /// RFC 1950, exactly one stream.
        case zlib = 15
        /// RFC 1952, one member or several.
        case gzip = 31
        /// RFC 1951, a stream without a wrapping.
        case deflate = -15
    }

    /// What the compressed `bytes` hold.
    ///
    /// - Parameters:
    ///   - expectedByteCount: the size reserved at first.
    ///   - maximumByteCount: a longer result is an error, so that a small file cannot fill the memory.
    ///   - source: named in errors.
    func decompress(
        _ bytes: [UInt8], as container: Container, expectedByteCount: Int, maximumByteCount: Int, source: String
    ) throws(FormatError) -> [UInt8] {
        try bytes.withUnsafeBufferPointer { (input) throws(FormatError) in
            var stream = czlib_stream()
            let code = inflateInit2(&stream, container.rawValue, "1", Int32(MemoryLayout<czlib_stream>.size))
            guard Int(code) == CZLIB_OK else {
                throw .compressedStream(source: source, .zlibFailed(code: Int(code)))
            }
            defer { _ = inflateEnd(&stream) }
            do throws(CompressionProblem) {
                return try run(
                    &stream, input, as: container, expectedByteCount: expectedByteCount,
                    maximumByteCount: maximumByteCount)
            } catch {
                throw .compressedStream(source: source, error)
            }
        }
    }

    private func run(
        _ stream: inout czlib_stream, _ input: UnsafeBufferPointer<UInt8>, as container: Container,
        expectedByteCount: Int, maximumByteCount: Int
    ) throws(CompressionProblem) -> [UInt8] {
        // zlib counts in 32 bits, so long buffers are handed over in pieces.
        let longestPiece = 1 << 30
        var consumed = 0
        var produced = 0
        var output = [UInt8](repeating: 0, count: min(max(expectedByteCount, 1), maximumByteCount))
        while true {
            if produced == output.count {
                // One byte more than allowed is asked for: whether it comes decides.
                let wanted = min(max(output.count * 2, 1 << 16), maximumByteCount + 1)
                guard wanted > output.count else { throw .larger(thanBytes: maximumByteCount) }
                output.append(contentsOf: repeatElement(0, count: wanted - output.count))
            }
            let inputCount = min(input.count - consumed, longestPiece)
            let outputCount = min(output.count - produced, longestPiece)
            let code = output.withUnsafeMutableBufferPointer { buffer in
                stream.next_in = input.baseAddress.map { $0 + consumed }
                stream.avail_in = UInt32(inputCount)
                stream.next_out = buffer.baseAddress.map { $0 + produced }
                stream.avail_out = UInt32(outputCount)
                return Int(inflateNext(&stream, Int32(CZLIB_NO_FLUSH)))
            }
            consumed += inputCount - Int(stream.avail_in)
            produced += outputCount - Int(stream.avail_out)
            if code == CZLIB_STREAM_END {
                if produced > maximumByteCount { throw .larger(thanBytes: maximumByteCount) }
                if consumed == input.count {
                    output.removeLast(output.count - produced)
                    return output
                }
                guard container == .gzip, Gzip.isGzip(input[consumed...]) else {
                    throw .trailingBytes(count: input.count - consumed)
                }
                guard Int(inflateReset(&stream)) == CZLIB_OK else { throw .damaged }
            } else if code == CZLIB_OK || code == CZLIB_BUFFER_ERROR {
                let stuck = stream.avail_out > 0 && consumed == input.count
                if stuck { throw .truncated }
            } else {
                throw .damaged
            }
        }
    }
}
