internal import CPJRT

extension ElementType {
    /// How the ABI numbers it.
    var code: Int32 {
        let code =
            switch self {
            case .float16: PJRT_TYPE_FLOAT16
            case .bfloat16: PJRT_TYPE_BFLOAT16
            case .float32: PJRT_TYPE_FLOAT32
            case .float64: PJRT_TYPE_FLOAT64
            case .int8: PJRT_TYPE_INT8
            case .int16: PJRT_TYPE_INT16
            case .int32: PJRT_TYPE_INT32
            case .int64: PJRT_TYPE_INT64
            case .uint8: PJRT_TYPE_UINT8
            case .uint16: PJRT_TYPE_UINT16
            case .uint32: PJRT_TYPE_UINT32
            case .uint64: PJRT_TYPE_UINT64
            case .bool: PJRT_TYPE_BOOL
            }
        return Int32(code)
    }

    private static let byCode = Dictionary(uniqueKeysWithValues: allCases.map { ($0.code, $0) })

    init(code: Int32) throws(PJRTError) {
        guard let type = Self.byCode[code] else { throw .unsupportedElementType(code: code) }
        self = type
    }
}
