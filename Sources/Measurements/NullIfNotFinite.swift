/// A measured number, written as `null` where it is not finite: JSON has no word for NaN or infinity.
///
/// `null` is read back as NaN. Two numbers that are not finite count as equal, so that a report equals itself.
@propertyWrapper
public struct NullIfNotFinite: Codable, Sendable, Equatable {
    /// The number; NaN where `null` was read.
    public var wrappedValue: Double

    /// A number, finite or not.
    public init(wrappedValue: Double) {
        self.wrappedValue = wrappedValue
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        wrappedValue = container.decodeNil() ? .nan : try container.decode(Double.self)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        if wrappedValue.isFinite {
            try container.encode(wrappedValue)
        } else {
            try container.encodeNil()
        }
    }

    public static func == (left: Self, right: Self) -> Bool {
        left.wrappedValue == right.wrappedValue || !(left.wrappedValue.isFinite || right.wrappedValue.isFinite)
    }
}
