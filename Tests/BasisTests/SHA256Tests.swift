import Basis
import Testing

@Suite("SHA-256")
struct SHA256Tests {
    /// Messages of FIPS 180-4's examples, with the empty one.
    @Test(
        "The standard's examples",
        arguments: [
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
            ),
        ])
    func examples(text: String, digest: String) { #expect(SHA256.text(SHA256.digest(Array(text.utf8))) == digest) }

    @Test("A million letters a")
    func long() {
        let digest = SHA256.digest([UInt8](repeating: 0x61, count: 1_000_000))
        #expect(SHA256.text(digest) == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
    }

    @Test("Pieces of any size give the hash of the whole")
    func pieces() {
        let bytes = (0..<300).map { UInt8(truncatingIfNeeded: $0 * 7) }
        for size in [1, 55, 56, 63, 64, 65, 119, 128, 299] {
            var hash = SHA256()
            for start in stride(from: 0, to: bytes.count, by: size) {
                hash.append(bytes[start..<min(start + size, bytes.count)])
            }
            #expect(hash.digest() == SHA256.digest(bytes))
        }
    }
}
