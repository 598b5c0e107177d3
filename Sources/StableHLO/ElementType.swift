@_exported public import enum Basis.ElementType

extension ElementType {
    /// The StableHLO spelling.
    var spelling: String {
        switch self {
        case .float16: "f16"
        case .bfloat16: "bf16"
        case .float32: "f32"
        case .float64: "f64"
        case .int8: "i8"
        case .int16: "i16"
        case .int32: "i32"
        case .int64: "i64"
        case .uint8: "ui8"
        case .uint16: "ui16"
        case .uint32: "ui32"
        case .uint64: "ui64"
        case .bool: "i1"
        }
    }
}
