internal import CPJRT

/// The element types of device arrays.
public enum BufferType: String, Sendable, Hashable, CaseIterable {
    case float32, float64, float16, bfloat16, int32, int64, uint8, uint32, uint64, bool

    /// Bytes an element.
    public var byteCount: Int {
        switch self {
        case .uint8, .bool: 1
        case .float16, .bfloat16: 2
        case .float32, .int32, .uint32: 4
        case .float64, .int64, .uint64: 8
        }
    }

    var code: Int32 {
        let code =
            switch self {
            case .float32: PJRT_TYPE_FLOAT32
            case .float64: PJRT_TYPE_FLOAT64
            case .float16: PJRT_TYPE_FLOAT16
            case .bfloat16: PJRT_TYPE_BFLOAT16
            case .int32: PJRT_TYPE_INT32
            case .int64: PJRT_TYPE_INT64
            case .uint8: PJRT_TYPE_UINT8
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

/// Element type and dimensions of a dense row-major array.
public struct ArrayShape: Sendable, Hashable, CustomStringConvertible {
    public var type: BufferType
    /// Outermost first; empty for a scalar.
    public var dimensions: [Int]

    public init(_ type: BufferType, _ dimensions: [Int]) {
        self.type = type
        self.dimensions = dimensions
    }

    public var description: String { "\(type.rawValue)\(dimensions)" }

    /// - Throws: ``PJRTError/invalidDimensions(_:)``.
    func byteCount() throws(PJRTError) -> Int {
        var count = type.byteCount
        for dimension in dimensions {
            let (product, overflow) = count.multipliedReportingOverflow(by: dimension)
            guard dimension >= 0, !overflow else { throw .invalidDimensions(dimensions) }
            count = product
        }
        return count
    }
}
