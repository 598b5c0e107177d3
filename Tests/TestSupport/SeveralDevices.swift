package import Compute
import PJRT
package import StableHLO
package import Tensors

extension Engine {
    /// An engine on CPU devices of its own, without a cache on disk.
    package static func of(devices: Int, loweringOptions: LoweringOptions = LoweringOptions()) throws -> Engine {
        let client = try Client(DeviceGroup.shared.client.plugin, options: ["cpu_device_count": .int64(Int64(devices))])
        return Engine(device: try DeviceGroup(client, count: devices), loweringOptions: loweringOptions)
    }

    /// The shared engine's device with another precision of products.
    package static func of(_ precision: MatrixPrecision) throws -> Engine {
        Engine(device: try DeviceGroup.shared, loweringOptions: LoweringOptions(precision: precision))
    }
}
