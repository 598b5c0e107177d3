import Foundation

/// Numbers as text, the same on every machine and in every locale.
public enum DecimalText {
    /// A power of ten, correctly rounded.
    package static func powerOfTen(_ exponent: Int) -> Double {
        Double("1e\(exponent)") ?? .nan
    }

    /// The number with `places` digits after the point and commas between thousands: `1,403.5`.
    ///
    /// Numbers of 10^15 and more, which have no such digits, are written by ``scientific(_:digits:)``.
    /// - Parameter places: held to 0...18.
    package static func fixed(_ value: Double, places: Int) -> String {
        guard value.isFinite else { return nonFinite(value) }
        let places = min(max(places, 0), 18)
        let scale = powerOfTen(places)
        let scaled = (abs(value) * scale).rounded()
        guard scaled < 1e15 else { return scientific(value, digits: 4) }
        let units = Int64(scaled)
        let divisor = Int64(scale)
        var text = grouped(Int(units / divisor))
        if places > 0 {
            let fraction = String(units % divisor)
            text += "." + String(repeating: "0", count: places - fraction.count) + fraction
        }
        return value < 0 && units > 0 ? "-" + text : text
    }

    /// The number with `digits` significant digits, written out where that reads well: `0.00213`, `15.2`, `3,788`.
    ///
    /// A number of one million and more or under one ten-thousandth is written by ``scientific(_:digits:)``.
    /// - Parameter digits: held to 1...15.
    package static func significant(_ value: Double, digits: Int) -> String {
        guard value.isFinite else { return nonFinite(value) }
        guard value != 0 else { return "0" }
        let digits = held(digits)
        let exponent = decimalExponent(value, digits: digits)
        guard (-4..<6).contains(exponent) else { return scientific(value, digits: digits) }
        return fixed(value, places: max(0, digits - 1 - exponent))
    }

    /// The number as `1.25e7`, its trailing zeros dropped.
    ///
    /// - Parameter digits: held to 1...15.
    package static func scientific(_ value: Double, digits: Int) -> String {
        guard value.isFinite else { return nonFinite(value) }
        guard value != 0 else { return "0" }
        var text = String(format: "%.\(held(digits) - 1)e", value)
        guard let mark = text.firstIndex(of: "e") else { return text }
        let exponent = Int(text[text.index(after: mark)...]) ?? 0
        text = String(text[..<mark])
        if text.contains(".") {
            while text.hasSuffix("0") { text.removeLast() }
            if text.hasSuffix(".") { text.removeLast() }
        }
        return "\(text)e\(exponent)"
    }

    /// All digits of a value and no more: `3`, `1.5`, `1e-07`. Two values have one text only where they are equal.
    package static func exact(_ value: Double) -> String {
        let text = "\(value)"
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }

    /// The whole number with commas between thousands.
    public static func grouped(_ value: Int) -> String {
        let digits = Array(String(value.magnitude))
        var text = value < 0 ? "-" : ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index).isMultiple(of: 3) { text.append(",") }
            text.append(digit)
        }
        return text
    }

    /// The exponent of ten of the number once it is rounded to `digits` significant digits.
    private static func decimalExponent(_ value: Double, digits: Int) -> Int {
        let text = String(format: "%.\(digits - 1)e", value)
        guard let mark = text.firstIndex(of: "e") else { return 0 }
        return Int(text[text.index(after: mark)...]) ?? 0
    }

    /// As many significant digits as a `Double` has.
    private static func held(_ digits: Int) -> Int { min(max(digits, 1), 15) }

    private static func nonFinite(_ value: Double) -> String {
        value.isNaN ? "nan" : value < 0 ? "-inf" : "inf"
    }
}
