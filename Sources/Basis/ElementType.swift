/// The scalar types that arrays hold, in programs, on devices and in files, named as Swift names them.
public enum ElementType: Sendable, Hashable, CaseIterable {
    /// Floating-point numbers: IEEE's of 16, 32 and 64 bits, and the upper half of a float32.
    case float16, bfloat16, float32, float64
    /// Signed integers of 8 to 64 bits.
    case int8, int16, int32, int64
    /// Unsigned integers of 8 to 64 bits.
    case uint8, uint16, uint32, uint64
    /// True or false, a byte each in memory.
    case bool

    /// Bytes an element.
    public var byteCount: Int {
        switch self {
        case .int8, .uint8, .bool: 1
        case .float16, .bfloat16, .int16, .uint16: 2
        case .float32, .int32, .uint32: 4
        case .float64, .int64, .uint64: 8
        }
    }

    /// Whether it is one of the floating-point types.
    public var isFloatingPoint: Bool {
        switch self {
        case .float16, .bfloat16, .float32, .float64: true
        default: false
        }
    }

    /// Whether it is a signed or unsigned integer.
    public var isInteger: Bool { !isFloatingPoint && self != .bool }
}
