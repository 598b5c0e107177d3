import Hummingbird

/// The parameters of a request, each read with its limits.
struct Parameters: Sendable {
    private let values: [String: [String]]

    /// More of them than any page sends are refused.
    static let most = 2_000

    /// Those of a request's address.
    init(_ request: Request) throws(Refusal) {
        let parts = (request.head.path ?? "").split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        try self.init(encoded: parts.count > 1 ? String(parts[1]) : "")
    }

    /// - Parameter encoded: `name=value&name=value`, as in a query or a form
    init(encoded: String) throws(Refusal) {
        let parts = Array(encoded.utf8).split(separator: UInt8(ascii: "&"))
        guard parts.count <= Parameters.most else {
            throw .bad("a request has at most \(Parameters.most) parameters, this has \(parts.count)")
        }
        var values: [String: [String]] = [:]
        for part in parts {
            let sides = part.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = Parameters.decoded(sides[0]),
                let value = Parameters.decoded(sides.count > 1 ? sides[1] : [])
            else { throw .bad("a parameter is not written as a query is: percent signs and UTF-8") }
            values[name, default: []].append(value)
        }
        self.values = values
    }

    var names: [String] { values.keys.sorted() }

    /// The first value of a name; nil where it is left out or empty.
    subscript(_ name: String) -> String? { values[name]?.first.flatMap { $0.isEmpty ? nil : $0 } }

    /// The first value of a name, were it empty.
    func given(_ name: String) -> String? { values[name]?.first }

    func all(_ name: String) -> [String] { values[name] ?? [] }

    func required(_ name: String) throws(Refusal) -> String {
        guard let value = self[name] else { throw .bad("'\(name)' is missing") }
        return value
    }

    func integer(_ name: String, _ range: ClosedRange<Int>, default value: Int) throws(Refusal) -> Int {
        guard let text = self[name] else { return value }
        return try Parameters.integer(text, name, range)
    }

    func number(_ name: String, _ range: ClosedRange<Double>, default value: Double) throws(Refusal) -> Double {
        guard let text = self[name] else { return value }
        return try Parameters.number(text, name, range)
    }

    func natural(_ name: String, default value: UInt64) throws(Refusal) -> UInt64 {
        guard let text = self[name] else { return value }
        guard let number = UInt64(text) else { throw .bad("\(name) must be an integer of 0 or more, not '\(text)'") }
        return number
    }

    func choice(_ name: String, _ choices: [String], default value: String) throws(Refusal) -> String {
        guard let text = self[name] else { return value }
        guard choices.contains(text) else {
            throw .bad("\(name) must be one of \(choices.joined(separator: ", ")), not '\(text)'")
        }
        return text
    }

    static func integer(_ text: String, _ name: String, _ range: ClosedRange<Int>) throws(Refusal) -> Int {
        guard let number = Int(text), range.contains(number) else {
            throw .bad("\(name) must be an integer from \(range.lowerBound) to \(range.upperBound), not '\(text)'")
        }
        return number
    }

    static func number(_ text: String, _ name: String, _ range: ClosedRange<Double>) throws(Refusal) -> Double {
        guard let number = Double(text), range.contains(number) else {
            throw .bad("\(name) must be a number from \(range.lowerBound) to \(range.upperBound), not '\(text)'")
        }
        return number
    }

    /// Percent signs and plus signs undone; nil for what is not UTF-8 then, or holds a NUL.
    private static func decoded(_ text: ArraySlice<UInt8>) -> String? {
        var bytes: [UInt8] = []
        var rest = text
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "+"): bytes.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard let high = rest.popFirst().flatMap(hexadecimal), let low = rest.popFirst().flatMap(hexadecimal)
                else { return nil }
                bytes.append(high << 4 | low)
            default: bytes.append(byte)
            }
        }
        guard !bytes.contains(0) else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func hexadecimal(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
