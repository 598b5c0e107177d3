/// A JSON value whose objects keep their order.
enum JSONValue {
    case object([JSONMember])
    case array([JSONValue])
    case string(String)
    /// The number's text, which has been checked against the grammar.
    case number(String)
    case bool(Bool)
    case null
}

/// A name of a JSON object and what it stands for.
struct JSONMember {
    var name: String
    var value: JSONValue
}

/// Reads one JSON text (RFC 8259) strictly: names are unique within an object and nesting is bounded.
///
/// It exists because a safetensors header must be rejected when a name repeats, which general decoders hide.
struct JSONReader {
    enum Failure: Error, Equatable {
        case syntax(byteOffset: Int, expected: String)
        case duplicateName(String)
    }

    private static let maximumDepth = 64
    private let bytes: ArraySlice<UInt8>
    private var position: Int
    private var depth = 0

    /// Reads all of `bytes`, which must be valid UTF-8.
    static func value(of bytes: ArraySlice<UInt8>) throws(Failure) -> JSONValue {
        var reader = JSONReader(bytes: bytes)
        let value = try reader.readValue()
        reader.skipWhitespace()
        guard reader.position == bytes.endIndex else { throw reader.expected("the end") }
        return value
    }

    private init(bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        position = bytes.startIndex
    }

    private func expected(_ what: String) -> Failure {
        .syntax(byteOffset: position - bytes.startIndex, expected: what)
    }

    private var next: UInt8? { position < bytes.endIndex ? bytes[position] : nil }

    private mutating func skipWhitespace() {
        while let byte = next, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { position += 1 }
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard next == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func require(_ character: Unicode.Scalar) throws(Failure) {
        guard take(character) else { throw expected("'\(character)'") }
    }

    private mutating func readValue() throws(Failure) -> JSONValue {
        skipWhitespace()
        switch next {
        case UInt8(ascii: "{"): return try nested { (reader) throws(Failure) in try reader.readObject() }
        case UInt8(ascii: "["): return try nested { (reader) throws(Failure) in try reader.readArray() }
        case UInt8(ascii: "\""): return .string(try readString())
        case UInt8(ascii: "t"): return try readWord("true", .bool(true))
        case UInt8(ascii: "f"): return try readWord("false", .bool(false))
        case UInt8(ascii: "n"): return try readWord("null", .null)
        default: return try readNumber()
        }
    }

    private mutating func nested(
        _ read: (inout JSONReader) throws(Failure) -> JSONValue
    ) throws(Failure) -> JSONValue {
        guard depth < Self.maximumDepth else { throw expected("no more than \(Self.maximumDepth) nested values") }
        depth += 1
        defer { depth -= 1 }
        position += 1
        return try read(&self)
    }

    private mutating func readObject() throws(Failure) -> JSONValue {
        var members: [JSONMember] = []
        var names: Set<String> = []
        skipWhitespace()
        if take("}") { return .object(members) }
        repeat {
            skipWhitespace()
            let name = try readString()
            guard names.insert(name).inserted else { throw .duplicateName(name) }
            skipWhitespace()
            try require(":")
            members.append(JSONMember(name: name, value: try readValue()))
            skipWhitespace()
        } while take(",")
        try require("}")
        return .object(members)
    }

    private mutating func readArray() throws(Failure) -> JSONValue {
        var elements: [JSONValue] = []
        skipWhitespace()
        if take("]") { return .array(elements) }
        repeat {
            elements.append(try readValue())
            skipWhitespace()
        } while take(",")
        try require("]")
        return .array(elements)
    }

    private mutating func readWord(_ word: StaticString, _ value: JSONValue) throws(Failure) -> JSONValue {
        let text = String(describing: word).utf8
        guard bytes[position...].starts(with: text) else { throw expected(String(describing: word)) }
        position += text.count
        return value
    }

    private mutating func readNumber() throws(Failure) -> JSONValue {
        let start = position
        _ = take("-")
        if !take("0") { try readDigits() }
        if take(".") { try readDigits() }
        if take("e") || take("E") {
            if !take("+") { _ = take("-") }
            try readDigits()
        }
        return .number(String(decoding: bytes[start..<position], as: UTF8.self))
    }

    private mutating func readDigits() throws(Failure) {
        let start = position
        while let byte = next, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
        guard position > start else { throw expected("a value or a digit") }
    }

    private mutating func readString() throws(Failure) -> String {
        guard take("\"") else { throw expected("a string") }
        var text: [UInt8] = []
        while let byte = next {
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"):
                position += 1
                text.append(contentsOf: try readEscape())
            case 0..<0x20: throw expected("an escaped control character")
            default:
                text.append(byte)
                position += 1
            }
        }
        throw expected("'\"'")
    }

    private mutating func readEscape() throws(Failure) -> [UInt8] {
        guard let byte = next else { throw expected("an escape") }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
        case UInt8(ascii: "b"): return [0x08]
        case UInt8(ascii: "f"): return [0x0C]
        case UInt8(ascii: "n"): return [0x0A]
        case UInt8(ascii: "r"): return [0x0D]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "u"): return try readUnicodeEscape()
        default:
            position -= 1
            throw expected("an escape")
        }
    }

    private mutating func readUnicodeEscape() throws(Failure) -> [UInt8] {
        var scalar = try readHexadecimal()
        if (0xD800..<0xDC00).contains(scalar) {
            guard take("\\"), take("u") else { throw expected("the second half of a surrogate pair") }
            let low = try readHexadecimal()
            guard (0xDC00..<0xE000).contains(low) else { throw expected("the second half of a surrogate pair") }
            scalar = 0x10000 + (scalar - 0xD800) << 10 + (low - 0xDC00)
        }
        guard let character = Unicode.Scalar(scalar) else { throw expected("a Unicode character") }
        return Array(String(character).utf8)
    }

    private mutating func readHexadecimal() throws(Failure) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw expected("a hexadecimal digit")
            }
            value = value << 4 | UInt32(digit)
            position += 1
        }
        return value
    }
}

/// `text` as a JSON string, with its quotes.
func quotedJSON(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "\"": result += "\\\""
        case "\\": result += "\\\\"
        case _ where scalar.value < 0x20:
            let digits = String(scalar.value, radix: 16)
            result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        default: result.unicodeScalars.append(scalar)
        }
    }
    return result + "\""
}
