import Testing

@testable import Charts

@Suite struct TextStyleTests {
    private let style = TextStyle.label

    @Test func widthsAreThoseOfTheCharacters() {
        #expect(style.width(of: "") == 0)
        #expect(style.width(of: "iii") < style.width(of: "mmm"))
        #expect(Set("0123456789".map { style.width(of: String($0)) }).count == 1)
        // The pair that is last in the table: nothing in it has slipped.
        #expect(abs(TextWidths.width(of: "}~") - 1.48) < 1e-12)
        for character in ["\u{1F600}", "漢", "\u{1}"] {
            #expect(style.width(of: character) >= style.width(of: "W"), "\(character)")
        }
        let printable = (UInt8(32)..<127).map { String(UnicodeScalar($0)) }
        #expect(printable.map(TextWidths.width(of:)).min() == TextWidths.least)
    }

    @Test(arguments: [0.0, 5, 40, 200, 1e4]) func fittedTextFits(limit: Double) {
        for text in ["", "loss", String(repeating: "wide ", count: 40), String(repeating: "i", count: 100_000)] {
            let fitted = style.fitted(text, to: limit)
            let isWhole = fitted == text
            #expect(isWhole || fitted.hasSuffix("..."))
            #expect(isWhole == (style.width(of: text) <= limit))
            #expect(style.width(of: fitted) <= max(limit, style.width(of: "...")))
        }
    }
}
