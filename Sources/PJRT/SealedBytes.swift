import Basis

/// Bytes with a header that tells whether they are whole: plugins take serialised executables on trust, and one
/// changed bit may end the process.
///
/// Layout: 8 bytes of identification, an 8-byte little-endian checksum of the rest, the rest.
enum SealedBytes {
    private static let identification = Array("PJRTEXE1".utf8)
    private static let headerCount = 16

    static func seal(_ payload: UnsafeRawBufferPointer) -> [UInt8] {
        var sealed = identification
        sealed.reserveCapacity(headerCount + payload.count)
        withUnsafeBytes(of: checksum(payload).littleEndian) { sealed.append(contentsOf: $0) }
        sealed.append(contentsOf: payload)
        return sealed
    }

    /// The payload, or nil when the bytes were not sealed here or have changed since.
    static func open(_ sealed: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        guard sealed.count >= headerCount, sealed.starts(with: identification) else { return nil }
        let payload = UnsafeRawBufferPointer(rebasing: sealed[headerCount...])
        let written = UInt64(littleEndian: sealed.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        return checksum(payload) == written ? payload : nil
    }

    /// FNV-1a over the length, 64-bit words and the remaining bytes, with the high half folded down after each so that
    /// changes of high bits spread too.
    private static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        var hash = FNV1a()
        func mix(_ word: UInt64) {
            hash.mix(word)
            hash.value ^= hash.value >> 32
        }
        mix(UInt64(bytes.count))
        let words = bytes.count / 8
        for word in 0..<words {
            mix(UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 8 * word, as: UInt64.self)))
        }
        for byte in bytes[(8 * words)...] { mix(UInt64(byte)) }
        return hash.value
    }
}
