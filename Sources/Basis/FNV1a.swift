/// The 64-bit hash FNV-1a (Fowler, Noll and Vo). Quick and the same everywhere; no protection against intent.
package struct FNV1a: Sendable {
    /// The hash of what has been mixed in so far.
    package var value: UInt64 = 0xcbf2_9ce4_8422_2325

    /// The hash of no bytes.
    @inlinable
    package init() {}

    /// The hash of some bytes.
    @inlinable
    package static func hash(_ bytes: some Sequence<UInt8>) -> UInt64 {
        bytes.reduce(into: FNV1a()) { $0.mix(UInt64($1)) }.value
    }

    /// Takes a byte, or a word at once, into the hash.
    @inlinable
    package mutating func mix(_ word: UInt64) { value = (value ^ word) &* 0x0100_0000_01b3 }
}
