import Formats
import Testing

@Suite struct MalformedSafetensorsTests {
    private func description(
        _ name: String, _ range: ClosedRange<Int>, type: String = "U8", shape: String
    ) -> String {
        "\"\(name)\":{\"dtype\":\"\(type)\",\"shape\":\(shape),"
            + "\"data_offsets\":[\(range.lowerBound),\(range.upperBound)]}"
    }

    @Test func overlap() {
        let header = "{\(description("a", 0...4, shape: "[4]")),\(description("b", 3...6, shape: "[3]"))}"
        #expect(
            SafetensorsFixture.problem(header, data: [UInt8](repeating: 0, count: 6))
                == .overlap(tensor: "b", other: "a"))
    }

    @Test func holes() {
        let data = [UInt8](repeating: 0, count: 6)
        let between = "{\(description("a", 0...2, shape: "[2]")),\(description("b", 4...6, shape: "[2]"))}"
        #expect(SafetensorsFixture.problem(between, data: data) == .hole(byteOffset: 2, byteCount: 2))
        let before = "{\(description("a", 2...6, shape: "[4]"))}"
        #expect(SafetensorsFixture.problem(before, data: data) == .hole(byteOffset: 0, byteCount: 2))
        let after = "{\(description("a", 0...2, shape: "[2]"))}"
        #expect(SafetensorsFixture.problem(after, data: data) == .hole(byteOffset: 2, byteCount: 4))
        #expect(SafetensorsFixture.problem("{}", data: data) == .hole(byteOffset: 0, byteCount: 6))
    }

    @Test func outOfRange() {
        let header = "{\(description("a", 0...8, shape: "[8]"))}"
        #expect(
            SafetensorsFixture.problem(header, data: [0, 0, 0])
                == .outOfRange(tensor: "a", end: 8, dataByteCount: 3))
    }

    @Test func shapeAgainstBytes() {
        let header = "{\(description("a", 0...8, type: "F32", shape: "[3]"))}"
        let data = [UInt8](repeating: 0, count: 8)
        #expect(SafetensorsFixture.problem(header, data: data) == .byteCount(tensor: "a", stored: 8, expected: 12))
        let huge = "{\(description("a", 0...8, shape: "[9223372036854775807,4]"))}"
        #expect(SafetensorsFixture.problem(huge, data: data) == .byteCount(tensor: "a", stored: 8, expected: nil))
    }

    @Test func headerLength() {
        #expect(SafetensorsFixture.problem("{}", length: 3) == .headerLength(3, fileByteCount: 10))
        #expect(SafetensorsFixture.problem("{}", length: .max) == .headerLength(.max, fileByteCount: 10))
        #expect(SafetensorsFixture.problem("{}", length: 1 << 62) == .headerLength(1 << 62, fileByteCount: 10))
        #expect(throws: FormatError.self) { try SafetensorsFixture.open(bytes: []) }
        #expect(throws: FormatError.self) { try SafetensorsFixture.open(bytes: [2, 0, 0, 0, 0, 0, 0]) }
    }

    @Test func repeatedNames() {
        let twice = "{\(description("a", 0...1, shape: "[1]")),\(description("a", 1...2, shape: "[1]"))}"
        #expect(SafetensorsFixture.problem(twice, data: [0, 0]) == .duplicateName("a"))
        let escaped = #"{"__metadata__":{"k":"1","\u006b":"2"}}"#
        #expect(SafetensorsFixture.problem(escaped) == .duplicateName("k"))
    }

    @Test func textThatIsNotUTF8() {
        let bytes = SafetensorsFixture.prefix(5) + [0x7B, 0x22, 0xFF, 0x22, 0x7D]
        let error = #expect(throws: FormatError.self) { try SafetensorsFixture.open(bytes: bytes) }
        guard case .safetensors(_, .headerNotUTF8) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test(arguments: [
        "", " ", "{", "}", "[", "{]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}", "{\"a\":01}", "{\"a\":+1}",
        "{\"a\":1.}", "{\"a\":1e}", "{\"a\":tru}", "{\"a\":\"\\x\"}", "{\"a\":\"\\u12g4\"}", "{\"a\":\"\\ud800\"}",
        "{\"a\":\"\\udc00\"}", "{\"a\":\"\\ud800\\u0061\"}", "{\"a\":\"\n\"}", "{\"a\":\"", "{} {}", "{}x",
        "{\"a\":[1,]}", "{\"a\":-}", "null", "[]", "\"a\"", "3",
    ])
    func textThatIsNotAJSONObject(header: String) {
        guard case .headerNotJSON = SafetensorsFixture.problem(header) else {
            Issue.record("\(header): \(String(describing: SafetensorsFixture.problem(header)))")
            return
        }
    }

    @Test func deepNestingIsRefusedRatherThanFollowed() {
        let header = String(repeating: "[", count: 1_000_000)
        guard case .headerNotJSON = SafetensorsFixture.problem(header) else {
            Issue.record("nesting was accepted")
            return
        }
    }

    @Test(arguments: [
        "1", "{}", #"{"dtype":"U8","shape":[1]}"#, #"{"dtype":8,"shape":[1],"data_offsets":[0,1]}"#,
        #"{"dtype":"U8","shape":1,"data_offsets":[0,1]}"#, #"{"dtype":"U8","shape":[-1],"data_offsets":[0,1]}"#,
        #"{"dtype":"U8","shape":[1.0],"data_offsets":[0,1]}"#, #"{"dtype":"U8","shape":[1],"data_offsets":[0]}"#,
        #"{"dtype":"U8","shape":["1"],"data_offsets":[0,1]}"#, #"{"dtype":"U8","shape":[1],"data_offsets":[1,0]}"#,
        #"{"dtype":"U8","shape":[1],"data_offsets":[0,1],"scale":2}"#,
        #"{"dtype":"U8","shape":[99999999999999999999],"data_offsets":[0,1]}"#,
    ])
    func wrongDescriptions(text: String) {
        guard case .tensorDescription(tensor: "a", _) = SafetensorsFixture.problem("{\"a\":\(text)}", data: [0]) else {
            Issue.record("\(text) was accepted")
            return
        }
    }

    @Test func unknownDataType() {
        let header = "{\(description("a", 0...1, type: "F8_E4M3", shape: "[1]"))}"
        #expect(SafetensorsFixture.problem(header, data: [0]) == .unknownDataType(tensor: "a", name: "F8_E4M3"))
    }

    @Test(arguments: ["1", "[]", "{\"a\":1}", "{\"a\":null}"])
    func metadataThatIsNotStrings(text: String) {
        #expect(SafetensorsFixture.problem("{\"__metadata__\":\(text)}") == .metadataNotStrings)
    }

    @Test func everyTruncationAndEveryChangedByteIsAnErrorOrAFile() throws {
        let header = "{\(description("a", 0...4, type: "F32", shape: "[1]")),\(description("b", 4...6, shape: "[2]"))}"
        let bytes = SafetensorsFixture.prefix(UInt64(header.utf8.count)) + header.utf8 + [1, 2, 3, 4, 5, 6]
        _ = try SafetensorsFixture.open(bytes: bytes)
        for count in 0..<bytes.count {
            #expect(throws: FormatError.self) { try SafetensorsFixture.open(bytes: Array(bytes.prefix(count))) }
        }
        var generator = SeededGenerator(seed: 2)
        for index in 0..<bytes.count {
            var changed = bytes
            changed[index] ^= UInt8.random(in: 1...255, using: &generator)
            do {
                for entry in try SafetensorsFixture.open(bytes: changed).entries {
                    #expect(try entry.bytes().count == entry.byteCount)
                }
            } catch is FormatError {}
        }
    }
}
