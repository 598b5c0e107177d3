package import Compute
import PJRT
package import StableHLO
package import Tensors

extension Engine {
    /// The engine of this process, on one CPU device, without a cache on disk.
    package static var shared: Engine {
        get throws { try sharedResult.get() }
    }
}

extension DeviceGroup {
    /// The one device of this process.
    package static var shared: DeviceGroup {
        get throws { try deviceResult.get() }
    }
}

private let sharedResult = Result { Engine(device: try deviceResult.get()) }

private let deviceResult = Result<DeviceGroup, any Error> {
    guard let path = PluginGate.path else { throw NoPluginError() }
    let client = try Client(Plugin.load(path: path), options: ["cpu_device_count": 1])
    return try DeviceGroup(client)
}

/// Numbers on the host with the type of the tensor that they fill.
package struct HostArray: Sendable {
    package let type: TensorType
    package let values: [Double]

    package init(_ values: [Double], _ shape: [Int], _ elementType: ElementType = .float32) {
        precondition(values.count == shape.reduce(1, *), "\(values.count) values for shape \(shape)")
        self.values = values
        type = TensorType(shape, elementType)
    }

    /// A float64 array whose elements are computed from their indices.
    package init(_ shape: [Int], element: ([Int]) -> Double) {
        var index = [Int](repeating: 0, count: shape.count)
        var values: [Double] = []
        for _ in 0..<shape.reduce(1, *) {
            values.append(element(index))
            for dimension in shape.indices.reversed() {
                index[dimension] += 1
                if index[dimension] < shape[dimension] { break }
                index[dimension] = 0
            }
        }
        self.init(values, shape, .float64)
    }

    package var shape: [Int] { type.shape }

    package subscript(index: Int...) -> Double {
        values[zip(index, shape).reduce(0) { $0 * $1.1 + $1.0 }]
    }

    package func array(on device: DeviceGroup) throws(ComputeError) -> DeviceArray {
        switch type.elementType {
        case .float32: try DeviceArray(values.map(Float.init), type, on: device)
        case .float64: try DeviceArray(values, type, on: device)
        case .float16: try DeviceArray(values.map { Float16($0) }, type, on: device)
        case .bfloat16: throw .elementType(type: type, asked: "\(Double.self)")
        case .int8: try DeviceArray(values.map { Int8($0) }, type, on: device)
        case .int16: try DeviceArray(values.map { Int16($0) }, type, on: device)
        case .int32: try DeviceArray(values.map { Int32($0) }, type, on: device)
        case .int64: try DeviceArray(values.map { Int64($0) }, type, on: device)
        case .uint8: try DeviceArray(values.map { UInt8($0) }, type, on: device)
        case .uint16: try DeviceArray(values.map { UInt16($0) }, type, on: device)
        case .uint32: try DeviceArray(values.map { UInt32($0) }, type, on: device)
        case .uint64: try DeviceArray(values.map { UInt64($0) }, type, on: device)
        case .bool: try DeviceArray(values.map { $0 != 0 }, type, on: device)
        }
    }
}

extension DeviceArray {
    /// The values as numbers, whatever they are stored as.
    package func numbers() throws(ComputeError) -> [Double] {
        switch type.elementType {
        case .float32: try values(as: Float.self).map(Double.init)
        case .float64: try values(as: Double.self)
        case .float16: try values(as: Float16.self).map { Double($0) }
        case .bfloat16: throw .elementType(type: type, asked: "\(Double.self)")
        case .int8: try values(as: Int8.self).map { Double($0) }
        case .int16: try values(as: Int16.self).map { Double($0) }
        case .int32: try values(as: Int32.self).map { Double($0) }
        case .int64: try values(as: Int64.self).map { Double($0) }
        case .uint8: try values(as: UInt8.self).map { Double($0) }
        case .uint16: try values(as: UInt16.self).map { Double($0) }
        case .uint32: try values(as: UInt32.self).map { Double($0) }
        case .uint64: try values(as: UInt64.self).map { Double($0) }
        case .bool: try values(as: Bool.self).map { $0 ? 1 : 0 }
        }
    }
}

/// Traces a function, runs it on the shared engine and reads its results.
package func evaluate(_ inputs: HostArray..., body: ([Tensor]) throws -> [Tensor]) throws -> [[Double]] {
    try evaluate(inputs, body: body)
}

/// As ``evaluate(_:body:)-(HostArray...,_)``, for a list of inputs.
package func evaluate(_ inputs: [HostArray], body: ([Tensor]) throws -> [Tensor]) throws -> [[Double]] {
    let engine = try Engine.shared
    let function = try engine.function("test", arguments: inputs.map(\.type), body: body)
    return try function(inputs.map { try $0.array(on: engine.device) }).map { try $0.numbers() }
}
