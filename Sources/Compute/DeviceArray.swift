import Formats
import PJRT
public import StableHLO

/// An array in the memory of a device, or a copy on each of several. Sharing it is free; a donated one can no longer be read.
public struct DeviceArray: Sendable {
    /// Shape and element type.
    public let type: TensorType
    /// One copy a device.
    let buffers: [Buffer]

    init(_ buffers: [Buffer], _ type: TensorType) {
        self.buffers = buffers
        self.type = type
    }

    /// Copies values, row-major, to every device of a group.
    ///
    /// - Parameters:
    ///   - values: of the type's elements, or the plain bytes of them all
    ///   - type: shape and element type
    ///   - group: where it lies, a copy on each device
    /// - Throws: ``ComputeError`` where their number or kind is not that of the type, or the device has no room.
    public init<Value: BitwiseCopyable>(
        _ values: [Value], _ type: TensorType, on group: DeviceGroup
    ) throws(ComputeError) {
        guard type.elementType.isStored(as: Value.self) else {
            throw .elementType(type: type, asked: "\(Value.self)")
        }
        guard values.count * MemoryLayout<Value>.stride == type.byteCount else {
            throw .valueCount(type: type, actual: values.count)
        }
        do {
            let shape = ArrayShape(type.elementType, type.shape)
            var buffers: [Buffer] = []
            for device in group.devices { buffers.append(try Buffer(values, shape: shape, on: device)) }
            self.init(buffers, type)
        } catch { throw .plugin(error) }
    }

    /// All values, row-major, or the plain bytes of them all; waits until they are computed.
    public func values<Value: BitwiseCopyable>(as value: Value.Type) throws(ComputeError) -> [Value] {
        guard type.elementType.isStored(as: value) else {
            throw .elementType(type: type, asked: "\(value)")
        }
        do { return try buffers[0].values(as: value) } catch { throw .plugin(error) }
    }
}

extension ElementType {
    /// Whether values of a Swift type are, bit for bit, elements of this type; plain bytes are of any.
    func isStored(as value: Any.Type) -> Bool {
        if value == UInt8.self { return true }
        switch self {
        case .bfloat16: return value == UInt16.self
        case .int64 where value == Int.self: return true
        case .uint64 where value == UInt.self: return true
        default: return (value as? any TensorScalar.Type)?.elementType == self
        }
    }
}
