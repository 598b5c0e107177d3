import Basis
import Testing

@Suite("FNV-1a")
struct FNV1aTests {
    @Test(
        "Its authors' test vectors",
        arguments: [
            ("", 0xcbf2_9ce4_8422_2325), ("a", 0xaf63_dc4c_8601_ec8c), ("foobar", 0x8594_4171_f739_67e8),
        ] as [(String, UInt64)])
    func vectors(text: String, hash: UInt64) { #expect(FNV1a.hash(text.utf8) == hash) }

    @Test("Bytes mixed in one by one give the hash of them all")
    func mixing() {
        var hash = FNV1a()
        for byte in "foobar".utf8 { hash.mix(UInt64(byte)) }
        #expect(hash.value == FNV1a.hash("foobar".utf8))
    }
}
