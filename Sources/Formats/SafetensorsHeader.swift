/// The header of a safetensors file: an 8-byte little-endian length, then that many bytes of JSON, then the data.
///
/// Checked against the rules of the format: every tensor's range is as long as its shape and type need, and together,
/// in order, the ranges cover the data exactly, without overlap and without a hole.
struct SafetensorsHeader {
    /// What the description of one tensor says; `range` counts from the start of the data.
    struct Tensor {
        var name: String
        var dataType: ElementType
        var shape: [Int]
        var range: Range<Int>
    }

    static let lengthByteCount = 8
    static let maximumByteCount = 100_000_000
    static let metadataName = "__metadata__"

    /// In the order of the header.
    var tensors: [Tensor] = []
    var metadata: [String: String] = [:]

    init() {}

    /// Reads the JSON `text` of a file with `dataByteCount` bytes after the header.
    init(json text: [UInt8], dataByteCount: Int) throws(SafetensorsProblem) {
        guard String(validating: text, as: UTF8.self) != nil else { throw .headerNotUTF8 }
        guard case .object(let members) = try Self.parse(text[...]) else {
            throw .headerNotJSON(byteOffset: 0, expected: "an object")
        }
        for member in members {
            if member.name == Self.metadataName {
                metadata = try Self.strings(of: member.value)
            } else {
                tensors.append(try Self.tensor(member.name, member.value, dataByteCount: dataByteCount))
            }
        }
        try checkCoverage(of: dataByteCount)
    }

    private static func parse(_ text: ArraySlice<UInt8>) throws(SafetensorsProblem) -> JSONValue {
        do throws(JSONReader.Failure) {
            return try JSONReader.value(of: text)
        } catch {
            switch error {
            case .syntax(let offset, let expected): throw .headerNotJSON(byteOffset: offset, expected: expected)
            case .duplicateName(let name): throw .duplicateName(name)
            }
        }
    }

    private static func strings(of value: JSONValue) throws(SafetensorsProblem) -> [String: String] {
        guard case .object(let members) = value else { throw .metadataNotStrings }
        var result: [String: String] = [:]
        for member in members {
            guard case .string(let text) = member.value else { throw .metadataNotStrings }
            result[member.name] = text
        }
        return result
    }

    private static func tensor(
        _ name: String, _ value: JSONValue, dataByteCount: Int
    ) throws(SafetensorsProblem) -> Tensor {
        guard case .object(let members) = value, members.count == 3,
            let typeValue = members.first(where: { $0.name == "dtype" })?.value,
            let shapeValue = members.first(where: { $0.name == "shape" })?.value,
            let offsetsValue = members.first(where: { $0.name == "data_offsets" })?.value
        else { throw .tensorDescription(tensor: name, expected: "an object of dtype, shape and data_offsets") }
        guard case .string(let typeName) = typeValue else {
            throw .tensorDescription(tensor: name, expected: "a string for dtype")
        }
        guard let dataType = ElementType(safetensorsName: typeName) else {
            throw .unknownDataType(tensor: name, name: typeName)
        }
        guard let shape = counts(shapeValue) else {
            throw .tensorDescription(tensor: name, expected: "an array of sizes for shape")
        }
        guard let offsets = counts(offsetsValue), offsets.count == 2, offsets[0] <= offsets[1] else {
            throw .tensorDescription(tensor: name, expected: "a start and an end not before it for data_offsets")
        }
        guard offsets[1] <= dataByteCount else {
            throw .outOfRange(tensor: name, end: offsets[1], dataByteCount: dataByteCount)
        }
        let expected = checkedElementCount(shape, times: dataType.byteCount)
        guard expected == offsets[1] - offsets[0] else {
            throw .byteCount(tensor: name, stored: offsets[1] - offsets[0], expected: expected)
        }
        return Tensor(name: name, dataType: dataType, shape: shape, range: offsets[0]..<offsets[1])
    }

    private static func counts(_ value: JSONValue) -> [Int]? {
        guard case .array(let elements) = value else { return nil }
        var result: [Int] = []
        for element in elements {
            guard case .number(let text) = element, let count = Int(text), count >= 0 else { return nil }
            result.append(count)
        }
        return result
    }

    private func checkCoverage(of dataByteCount: Int) throws(SafetensorsProblem) {
        let ordered = tensors.sorted {
            ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
        }
        var end = 0
        var last = ""
        for tensor in ordered {
            if tensor.range.lowerBound < end { throw .overlap(tensor: tensor.name, other: last) }
            if tensor.range.lowerBound > end {
                throw .hole(byteOffset: end, byteCount: tensor.range.lowerBound - end)
            }
            (end, last) = (tensor.range.upperBound, tensor.name)
        }
        if end < dataByteCount { throw .hole(byteOffset: end, byteCount: dataByteCount - end) }
    }

    /// The length field and the JSON, padded with spaces so that the data starts at a multiple of 8 bytes.
    var encoded: [UInt8] {
        var members: [String] = []
        if !metadata.isEmpty {
            let pairs = metadata.sorted { $0.key < $1.key }.map { quotedJSON($0.key) + ":" + quotedJSON($0.value) }
            members.append(quotedJSON(Self.metadataName) + ":{" + pairs.joined(separator: ",") + "}")
        }
        for tensor in tensors {
            let shape = tensor.shape.map(String.init).joined(separator: ",")
            members.append(
                quotedJSON(tensor.name) + ":{\"dtype\":\"\(tensor.dataType.safetensorsName)\",\"shape\":[\(shape)],"
                    + "\"data_offsets\":[\(tensor.range.lowerBound),\(tensor.range.upperBound)]}")
        }
        var text = Array(("{" + members.joined(separator: ",") + "}").utf8)
        text.append(contentsOf: repeatElement(UInt8(ascii: " "), count: (8 - text.count % 8) % 8))
        var result: [UInt8] = []
        result.appendLittleEndian(UInt64(text.count))
        return result + text
    }
}
