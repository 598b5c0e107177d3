import Basis
import Testing

@Suite struct PrintableTextTests {
    @Test func textOfAFileDoesNotCommandATerminal() {
        #expect("blocks.0.attn.größe".printable == "blocks.0.attn.größe")
        #expect("a\u{1B}[2Jb\nc\u{202E}d\u{7F}".printable == "a?[2Jb?c?d?")
        #expect(String(repeating: "x", count: 500).printable.count == 123)
    }
}
