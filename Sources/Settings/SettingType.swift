import Foundation

/// A type that a setting can have.
public protocol SettingType: Sendable, Equatable {
    /// What a value of the type is called in a sentence, such as "an integer".
    static var typeName: String { get }

    /// What kind of value it is, for programs.
    static var form: SettingForm { get }

    /// The words it can be, where it is one of a few.
    static var choices: [String] { get }

    /// Nil where a value is of another type.
    init?(_ value: SettingValue)

    /// The value as files and command lines have it.
    var settingValue: SettingValue { get }
}

extension SettingType {
    public static var choices: [String] { [] }
}

/// What kind of value a setting has, for programs that show or ask for one.
public enum SettingForm: String, Codable, Sendable {
    /// A number without and with a fraction, true or false, text, lists of numbers, one of a few words.
    case integer, number, boolean, text, integers, numbers, choice
}

extension Int: SettingType {
    public static var typeName: String { "an integer" }
    public static var form: SettingForm { .integer }

    public init?(_ value: SettingValue) {
        switch value {
        case .integer(let integer): self = integer
        case .number(let number): self.init(exactly: number)
        case .typed(let text):
            guard let integer = Int(text) ?? Double(text).flatMap(Int.init(exactly:)) else { return nil }
            self = integer
        case .flag, .natural, .text, .list: return nil
        }
    }

    /// An integer.
    public var settingValue: SettingValue { .integer(self) }
}

extension UInt64: SettingType {
    public static var typeName: String { "an integer of 0 or more" }
    public static var form: SettingForm { .integer }

    public init?(_ value: SettingValue) {
        switch value {
        case .natural(let natural): self = natural
        case .typed(let text):
            guard let natural = UInt64(text) ?? Double(text).flatMap(UInt64.init(exactly:)) else { return nil }
            self = natural
        case .flag, .integer, .number, .text, .list:
            guard let integer = Int(value) else { return nil }
            self.init(exactly: integer)
        }
    }

    /// An integer, or beyond the range of `Int` a natural number.
    public var settingValue: SettingValue { Int(exactly: self).map { .integer($0) } ?? .natural(self) }
}

extension Double: SettingType {
    public static var typeName: String { "a number" }
    public static var form: SettingForm { .number }

    /// Finite numbers alone.
    public init?(_ value: SettingValue) {
        let number: Double?
        switch value {
        case .integer(let integer): number = Double(integer)
        case .natural(let natural): number = Double(natural)
        case .number(let given): number = given
        case .typed(let text): number = Double(text)
        case .flag, .text, .list: number = nil
        }
        guard let number, number.isFinite else { return nil }
        self = number
    }

    /// A number.
    public var settingValue: SettingValue { .number(self) }
}

extension Bool: SettingType {
    public static var typeName: String { "true or false" }
    public static var form: SettingForm { .boolean }

    public init?(_ value: SettingValue) {
        switch value {
        case .flag(let flag): self = flag
        case .typed(let text): self.init(text)
        case .integer, .natural, .number, .text, .list: return nil
        }
    }

    /// True or false.
    public var settingValue: SettingValue { .flag(self) }
}

extension String: SettingType {
    public static var typeName: String { "a text" }
    public static var form: SettingForm { .text }

    public init?(_ value: SettingValue) {
        switch value {
        case .text(let text), .typed(let text): self = text
        case .flag, .integer, .natural, .number, .list: return nil
        }
    }

    /// Text.
    public var settingValue: SettingValue { .text(self) }
}

/// A type that a setting can have a list of.
public protocol SettingElement: SettingType {
    /// What a list of values is called in a sentence.
    static var listName: String { get }

    /// The form of a list of such values.
    static var listForm: SettingForm { get }
}

extension Int: SettingElement {
    public static var listName: String { "a list of integers, such as 16,32" }
    /// A list of integers.
    public static var listForm: SettingForm { .integers }
}

extension Double: SettingElement {
    public static var listName: String { "a list of numbers, such as 0,0.5,1" }
    /// A list of numbers.
    public static var listForm: SettingForm { .numbers }
}

extension Array: SettingType where Element: SettingElement {
    public static var typeName: String { Element.listName }
    public static var form: SettingForm { Element.listForm }

    /// `32,64`, with or without brackets; one value is a list of one.
    public init?(_ value: SettingValue) {
        guard let items = value.elements else { return nil }
        let values = items.compactMap { Element($0) }
        guard values.count == items.count else { return nil }
        self = values
    }

    /// A list.
    public var settingValue: SettingValue { .list(map(\.settingValue)) }
}

extension SettingValue {
    /// The elements of a list, or of what is written as one; nil for what cannot be one.
    fileprivate var elements: [SettingValue]? {
        switch self {
        case .list(let values): return values
        case .typed(let text):
            let isBracketed = text.hasPrefix("[") && text.hasSuffix("]")
            return (isBracketed ? text.dropFirst().dropLast() : text[...])
                .split(separator: ",", omittingEmptySubsequences: false)
                .map { .typed($0.trimmingCharacters(in: .whitespaces)) }
        case .integer, .number: return [self]
        case .flag, .natural, .text: return nil
        }
    }
}

/// A setting that is one of a few words.
public protocol SettingChoice: SettingType, RawRepresentable<String>, CaseIterable {}

extension SettingChoice {
    public static var typeName: String { "one of \(choices.joined(separator: ", "))" }
    public static var form: SettingForm { .choice }
    public static var choices: [String] { allCases.map(\.rawValue) }

    public init?(_ value: SettingValue) {
        guard let text = String(value) else { return nil }
        self.init(rawValue: text)
    }

    /// The word of the case.
    public var settingValue: SettingValue { .text(rawValue) }
}
