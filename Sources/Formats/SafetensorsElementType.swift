@_exported public import enum Basis.ElementType

extension ElementType {
    /// The name in a safetensors file.
    package var safetensorsName: String {
        switch self {
        case .float16: "F16"
        case .bfloat16: "BF16"
        case .float32: "F32"
        case .float64: "F64"
        case .int8: "I8"
        case .int16: "I16"
        case .int32: "I32"
        case .int64: "I64"
        case .uint8: "U8"
        case .uint16: "U16"
        case .uint32: "U32"
        case .uint64: "U64"
        case .bool: "BOOL"
        }
    }

    private static let byName = Dictionary(uniqueKeysWithValues: allCases.map { ($0.safetensorsName, $0) })

    init?(safetensorsName name: String) {
        guard let type = Self.byName[name] else { return nil }
        self = type
    }
}
