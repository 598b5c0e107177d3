/// The header of an NPY file: a magic number, a version, a length, and a Python dictionary of `descr`,
/// `fortran_order` and `shape`.
struct NPYHeader {
    private static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

    let elementType: String
    var isFortranOrder = false
    let shape: [Int]
    /// The bytes before the elements.
    var byteCount = 0

    init(elementType: String, shape: [Int]) {
        self.elementType = elementType
        self.shape = shape
    }

    init(_ bytes: [UInt8]) throws(NPYProblem) {
        guard bytes.starts(with: Self.magic), bytes.count >= 12 else { throw .magic }
        let major = Int(bytes[6])
        guard (1...3).contains(major) else { throw .version(major) }
        let textStart = major == 1 ? 10 : 12
        let length =
            major == 1 ? Int(bytes.littleEndian(UInt16.self, at: 8)) : Int(bytes.littleEndian(UInt32.self, at: 8))
        guard bytes.count - textStart >= length else { throw .header }
        byteCount = textStart + length

        var fields = Fields(text: bytes[textStart..<byteCount])
        try fields.read()
        guard let type = fields.elementType, let order = fields.isFortranOrder, let shape = fields.shape else {
            throw .header
        }
        elementType = type
        isFortranOrder = order
        self.shape = shape
    }

    /// Padded with spaces so that the elements start at a multiple of 64 bytes, the last byte being a line feed.
    var encoded: [UInt8] {
        let extents = shape.map(String.init).joined(separator: ", ") + (shape.count == 1 ? "," : "")
        var text = "{'descr': '\(elementType)', 'fortran_order': False, 'shape': (\(extents)), }"
        text += String(repeating: " ", count: 63 - (10 + text.utf8.count) % 64) + "\n"
        var bytes = Self.magic + [1, 0]
        bytes.appendLittleEndian(UInt16(text.utf8.count))
        return bytes + text.utf8
    }

    /// Reads exactly the dictionary that the format allows: three keys, a string, a truth value and a tuple.
    private struct Fields {
        var text: ArraySlice<UInt8>
        var elementType: String?
        var isFortranOrder: Bool?
        var shape: [Int]?

        mutating func read() throws(NPYProblem) {
            guard take("{") else { throw .header }
            while !take("}") {
                let key = try readString()
                guard take(":") else { throw .header }
                switch key {
                case "descr" where elementType == nil: elementType = try readString()
                case "fortran_order" where isFortranOrder == nil: isFortranOrder = try readTruth()
                case "shape" where shape == nil: shape = try readTuple()
                default: throw .header
                }
                guard take(",") || text.first == UInt8(ascii: "}") else { throw .header }
            }
            skipWhitespace()
            guard text.isEmpty else { throw .header }
        }

        private mutating func skipWhitespace() {
            text = text.drop { $0 == 0x20 || $0 == 0x0A }
        }

        private mutating func take(_ word: String) -> Bool {
            skipWhitespace()
            guard text.starts(with: word.utf8) else { return false }
            text = text.dropFirst(word.utf8.count)
            skipWhitespace()
            return true
        }

        private mutating func readString() throws(NPYProblem) -> String {
            let quote = text.first
            guard quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") else { throw .header }
            let content = text.dropFirst().prefix { $0 != quote }
            text = text.dropFirst(content.count + 2)
            return String(decoding: content, as: UTF8.self)
        }

        private mutating func readTruth() throws(NPYProblem) -> Bool {
            if take("True") { return true }
            if take("False") { return false }
            throw .header
        }

        private mutating func readTuple() throws(NPYProblem) -> [Int] {
            guard take("(") else { throw .header }
            var extents: [Int] = []
            while !take(")") {
                let digits = text.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
                guard let extent = Int(String(decoding: digits, as: UTF8.self)) else { throw .header }
                extents.append(extent)
                text = text.dropFirst(digits.count)
                guard take(",") || text.first == UInt8(ascii: ")") else { throw .header }
            }
            return extents
        }
    }
}
