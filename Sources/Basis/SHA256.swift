import CSHA256

/// SHA-256 (FIPS 180-4) of bytes that come in pieces.
package struct SHA256: Sendable {
    private var hash = csha256()

    /// The hash of no bytes yet.
    package init() { csha256_begin(&hash) }

    /// Takes up bytes.
    package mutating func append(_ bytes: UnsafeRawBufferPointer) {
        csha256_append(&hash, bytes.baseAddress, bytes.count)
    }

    /// Takes up bytes.
    package mutating func append(_ bytes: some Collection<UInt8>) {
        let isDone: Void? = bytes.withContiguousStorageIfAvailable { append(UnsafeRawBufferPointer($0)) }
        if isDone == nil { Array(bytes).withUnsafeBytes { append($0) } }
    }

    /// The 32 bytes of the hash.
    package consuming func digest() -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: 32) { buffer, count in
            if let start = buffer.baseAddress { csha256_finish(&hash, start) }
            count = 32
        }
    }

    /// The hash of bytes that are all there.
    package static func digest(_ bytes: some Collection<UInt8>) -> [UInt8] {
        var hash = SHA256()
        hash.append(bytes)
        return hash.digest()
    }

    /// A digest as it is written: 64 hexadecimal digits.
    package static func text(_ digest: [UInt8]) -> String {
        digest.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
    }
}
