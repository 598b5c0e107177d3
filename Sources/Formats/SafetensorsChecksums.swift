/// What a safetensors file says of its own content, so that damage shows: CRC-32C of its header and of each tensor's data.
///
/// They are strings of the header's metadata, which other programs pass over: `"checksum": "crc32c"` and `"crc32c"`,
/// eight hexadecimal digits for the header and eight for each tensor, in the order of the header. The header's checksum
/// is that of its JSON text, the padding included, in which its own eight digits are zeros. Either key alone is damage,
/// since one byte that was changed cannot take both away.
struct SafetensorsChecksums {
    /// One for each tensor, in the order of the header.
    let tensors: [UInt32]

    static let methodKey = "checksum"
    static let method = "crc32c"
    static let valuesKey = "crc32c"
    static let keys: Set<String> = [methodKey, valuesKey]

    private static let digits = 8

    /// Reads what a header says and holds the header against it; nil where it says nothing.
    ///
    /// - Parameter text: the JSON that the header was read from
    /// - Throws: `SafetensorsProblem.headerChecksum`.
    init?(of header: SafetensorsHeader, text: [UInt8]) throws(SafetensorsProblem) {
        let (method, values) = (header.metadata[Self.methodKey], header.metadata[Self.valuesKey])
        if method == nil && values == nil { return nil }
        guard method == Self.method, let values, values.utf8.count == Self.digits * (header.tensors.count + 1)
        else { throw .headerChecksum }
        let characters = Array(values.utf8)
        var numbers: [UInt32] = []
        for start in stride(from: 0, to: characters.count, by: Self.digits) {
            let part = String(decoding: characters[start..<start + Self.digits], as: UTF8.self)
            guard let number = UInt32(hexadecimal: part) else { throw .headerChecksum }
            numbers.append(number)
        }
        var plain = text
        guard let place = Self.place(of: values, in: text) else { throw .headerChecksum }
        for offset in 0..<Self.digits { plain[place + offset] = UInt8(ascii: "0") }
        guard numbers[0] == CRC32C.checksum(plain) else { throw .headerChecksum }
        tensors = Array(numbers.dropFirst())
    }

    /// Where the digits stand in the text. Quotation marks inside a string are escaped, so the key is found nowhere else.
    private static func place(of values: String, in text: [UInt8]) -> Int? {
        let key = Array("\"\(valuesKey)\":\"".utf8)
        let wanted = key + Array(values.utf8)
        return text.withUnsafeBytes { bytes in
            (0...max(0, bytes.count - wanted.count)).first { start in
                bytes[start] == wanted[0] && start + wanted.count <= bytes.count
                    && bytes[start..<start + wanted.count].elementsEqual(wanted)
            }
        }.map { $0 + key.count }
    }

    /// The strings of a header whose checksums are not known yet; they take as much room as those that will be.
    static func placeholder(tensorCount: Int) -> [String: String] {
        metadata([UInt32](repeating: 0, count: tensorCount + 1))
    }

    /// Puts the checksums of tensors, and then its own, into a header.
    ///
    /// - Parameter tensors: one for each tensor, in the order of the header
    /// - Returns: the encoded header
    static func complete(_ header: SafetensorsHeader, tensors: [UInt32]) -> [UInt8] {
        var header = header
        header.metadata.merge(metadata([0] + tensors)) { $1 }
        let own = CRC32C.checksum(header.encoded.dropFirst(SafetensorsHeader.lengthByteCount))
        header.metadata.merge(metadata([own] + tensors)) { $1 }
        return header.encoded
    }

    private static func metadata(_ numbers: [UInt32]) -> [String: String] {
        [methodKey: method, valuesKey: numbers.map(\.hexadecimal).joined()]
    }
}
