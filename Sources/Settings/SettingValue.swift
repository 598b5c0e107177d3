/// The value of a setting, apart from its declaration: what a file holds, or what stands after the `=` of a command line.
public enum SettingValue: Sendable, Hashable {
    /// True or false.
    case flag(Bool)
    /// A number without a fraction.
    case integer(Int)
    /// An integer above `Int.max`.
    case natural(UInt64)
    /// A number.
    case number(Double)
    /// Text, which may stand for any of the others.
    case text(String)
    /// Several values, such as `16,32,64`.
    case list([SettingValue])
    /// As it was typed: what it means depends on the type of the setting.
    case typed(String)
}

extension SettingValue: CustomStringConvertible {
    /// As it is written on a command line.
    public var description: String {
        switch self {
        case .flag(let value): "\(value)"
        case .integer(let value): "\(value)"
        case .natural(let value): "\(value)"
        case .number(let value): Int(exactly: value).map { "\($0)" } ?? "\(value)"
        case .text(let value), .typed(let value): value
        case .list(let values): values.map(\.description).joined(separator: ",")
        }
    }
}

extension SettingValue: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        // The kinds that most settings have come first: each that a value is not of costs an error.
        if let value = try? container.decode(Int.self) {
            self = .integer(value)
        } else if let value = try? container.decode(String.self) {
            self = .text(value)
        } else if let value = try? container.decode(Double.self) {
            let natural = value > 0 ? try? container.decode(UInt64.self) : nil
            self = natural.map { .natural($0) } ?? .number(value)
        } else if let value = try? container.decode(Bool.self) {
            self = .flag(value)
        } else {
            self = .list(try container.decode([SettingValue].self))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .flag(let value): try container.encode(value)
        case .integer(let value): try container.encode(value)
        case .natural(let value): try container.encode(value)
        case .number(let value): try container.encode(value)
        case .text(let value), .typed(let value): try container.encode(value)
        case .list(let values): try container.encode(values)
        }
    }
}
