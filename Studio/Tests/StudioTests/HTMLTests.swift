import Testing

@testable import Studio

@Suite struct HTMLTests {
    @Test("What is inserted into a page is escaped, whatever it is")
    func escaping() {
        let hostile = "<script>\"'&"
        let page: HTML = "<p title=\"\(hostile)\">\(["<b>" as HTML])\(hostile)</p>"
        #expect(page.text == "<p title=\"&lt;script&gt;&quot;&#39;&amp;\"><b>&lt;script&gt;&quot;&#39;&amp;</p>")
    }
}
