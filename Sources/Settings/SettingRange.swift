/// The values that a setting may have, with the words that say which.
public struct SettingRange<Value: SettingType>: Sendable {
    /// Completes "it must be ...".
    public let rule: String
    let contains: @Sendable (Value) -> Bool

    /// - Parameters:
    ///   - rule: completes "it must be ..."
    ///   - contains: whether a value is within the range
    public init(_ rule: String, contains: @escaping @Sendable (Value) -> Bool) {
        self.rule = rule
        self.contains = contains
    }

    /// Every value of the type.
    public static var any: SettingRange { SettingRange(Value.typeName) { _ in true } }
}

extension SettingRange where Value: Comparable {
    /// From a value through another, both included.
    public static func from(_ least: Value, through most: Value) -> SettingRange {
        SettingRange("\(Value.typeName) from \(least.settingValue) to \(most.settingValue)") {
            $0 >= least && $0 <= most
        }
    }

    /// From a value, included, to another, excluded.
    public static func from(_ least: Value, below limit: Value) -> SettingRange {
        SettingRange("\(Value.typeName) of \(least.settingValue) or more and below \(limit.settingValue)") {
            $0 >= least && $0 < limit
        }
    }

    /// A value and everything above.
    public static func atLeast(_ least: Value) -> SettingRange {
        SettingRange("\(Value.typeName) of \(least.settingValue) or more") { $0 >= least }
    }

    /// Everything above a value, which is excluded.
    public static func above(_ bound: Value) -> SettingRange {
        SettingRange("\(Value.typeName) above \(bound.settingValue)") { $0 > bound }
    }
}

extension SettingRange<[Int]> {
    /// Lists of so many integers, each in a range.
    public static func list(of counts: ClosedRange<Int>, each range: ClosedRange<Int>) -> SettingRange {
        SettingRange(
            "a list of \(counts.lowerBound) to \(counts.upperBound) integers from \(range.lowerBound) to "
                + "\(range.upperBound)"
        ) { counts.contains($0.count) && $0.allSatisfy(range.contains) }
    }
}
