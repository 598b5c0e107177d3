import Testing

@Suite("Shape mistakes")
struct ShapeMistakeTests {
    @Test(
        "A mistake ends the process with operation, shapes, and the caller's file and line", arguments: Mistake.allCases
    )
    func mistake(mistake: Mistake) async throws {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { [mistake] in
            mistake.make()
        }
        let text = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
        #expect(text.contains(mistake.message))
        guard let lines = mistake.lines else { return }
        let place = try #require(
            text.firstMatch(of: /at TensorsTests\/Mistake\.swift:(\d+)/), "the message is '\(text)'")
        #expect(lines.contains(try #require(Int(place.1))))
    }
}
