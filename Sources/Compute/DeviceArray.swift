public import PJRT
public import StableHLO

/// An array in a device's memory. Sharing it is free; a donated one can no longer be read.
public struct DeviceArray: Sendable {
    public let type: TensorType
    let buffer: Buffer

    init(_ buffer: Buffer) {
        self.buffer = buffer
        type = TensorType(buffer.dimensions, ElementType(buffer.type))
    }

    /// Copies values, row-major, to a device.
    ///
    /// - Throws: ``ComputeError`` where their number is not that of the type, or the device has no room.
    public init<Value: BitwiseCopyable>(_ values: [Value], _ type: TensorType, on device: Device) throws(ComputeError) {
        guard values.count * MemoryLayout<Value>.stride == type.byteCount else {
            throw .valueCount(type: type, actual: values.count)
        }
        do {
            let shape = ArrayShape(BufferType(type.elementType), type.shape)
            self.init(try Buffer(values, shape: shape, on: device))
        } catch { throw .plugin(error) }
    }

    /// All values, row-major; waits until they are computed.
    public func values<Value: BitwiseCopyable>(as value: Value.Type) throws(ComputeError) -> [Value] {
        guard MemoryLayout<Value>.stride == type.elementType.byteCount || Value.self == UInt8.self else {
            throw .elementType(type: type, asked: "\(value)")
        }
        do { return try buffer.values(as: value) } catch { throw .plugin(error) }
    }
}

extension ElementType {
    init(_ type: BufferType) {
        switch type {
        case .float32: self = .float32
        case .float64: self = .float64
        case .float16: self = .float16
        case .bfloat16: self = .bfloat16
        case .int32: self = .int32
        case .int64: self = .int64
        case .uint8: self = .uint8
        case .uint32: self = .uint32
        case .uint64: self = .uint64
        case .bool: self = .bool
        }
    }
}

extension BufferType {
    init(_ type: ElementType) {
        switch type {
        case .float32: self = .float32
        case .float64: self = .float64
        case .float16: self = .float16
        case .bfloat16: self = .bfloat16
        case .int32: self = .int32
        case .int64: self = .int64
        case .uint8: self = .uint8
        case .uint32: self = .uint32
        case .uint64: self = .uint64
        case .bool: self = .bool
        }
    }
}
