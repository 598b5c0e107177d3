/// The scalar types a tensor can hold, named as Swift names them; ``rawValue`` is the StableHLO spelling.
public enum ElementType: String, CaseIterable, Sendable, Hashable {
    case float16 = "f16"
    case bfloat16 = "bf16"
    case float32 = "f32"
    case float64 = "f64"
    case int32 = "i32"
    case int64 = "i64"
    case uint8 = "ui8"
    case uint32 = "ui32"
    case uint64 = "ui64"
    case bool = "i1"

    /// Bytes one element takes in a host or device buffer.
    public var byteCount: Int {
        switch self {
        case .bool, .uint8: 1
        case .float16, .bfloat16: 2
        case .float32, .int32, .uint32: 4
        case .float64, .int64, .uint64: 8
        }
    }

    public var isFloatingPoint: Bool {
        switch self {
        case .float16, .bfloat16, .float32, .float64: true
        default: false
        }
    }

    public var isInteger: Bool { !isFloatingPoint && self != .bool }
}
