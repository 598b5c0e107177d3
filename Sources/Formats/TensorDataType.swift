/// The element types of a safetensors file; the raw value is the name used in the file.
public enum TensorDataType: String, Sendable, CaseIterable {
    case float64 = "F64"
    case float32 = "F32"
    case float16 = "F16"
    case bfloat16 = "BF16"
    case int64 = "I64"
    case int32 = "I32"
    case int16 = "I16"
    case int8 = "I8"
    case uint64 = "U64"
    case uint32 = "U32"
    case uint16 = "U16"
    case uint8 = "U8"
    case bool = "BOOL"

    /// Bytes an element.
    public var byteCount: Int {
        switch self {
        case .float64, .int64, .uint64: 8
        case .float32, .int32, .uint32: 4
        case .float16, .bfloat16, .int16, .uint16: 2
        case .int8, .uint8, .bool: 1
        }
    }
}

/// A Swift type whose memory is that of one `TensorDataType`. Not to be conformed to outside this module.
public protocol TensorScalar: BitwiseCopyable, Sendable {
    static var tensorDataType: TensorDataType { get }
}

extension Double: TensorScalar { public static var tensorDataType: TensorDataType { .float64 } }
extension Float: TensorScalar { public static var tensorDataType: TensorDataType { .float32 } }
extension Float16: TensorScalar { public static var tensorDataType: TensorDataType { .float16 } }
extension Int64: TensorScalar { public static var tensorDataType: TensorDataType { .int64 } }
extension Int32: TensorScalar { public static var tensorDataType: TensorDataType { .int32 } }
extension Int16: TensorScalar { public static var tensorDataType: TensorDataType { .int16 } }
extension Int8: TensorScalar { public static var tensorDataType: TensorDataType { .int8 } }
extension UInt64: TensorScalar { public static var tensorDataType: TensorDataType { .uint64 } }
extension UInt32: TensorScalar { public static var tensorDataType: TensorDataType { .uint32 } }
extension UInt16: TensorScalar { public static var tensorDataType: TensorDataType { .uint16 } }
extension UInt8: TensorScalar { public static var tensorDataType: TensorDataType { .uint8 } }
extension Bool: TensorScalar { public static var tensorDataType: TensorDataType { .bool } }
