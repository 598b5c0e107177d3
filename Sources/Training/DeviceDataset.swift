public import Compute
public import Datasets
import StableHLO

/// A data set in a device's memory: 8-bit pixels (count, channels, height, width) and int32 labels (count).
public struct DeviceDataset: Sendable {
    public let images: DeviceArray
    public let labels: DeviceArray
    public let count: Int
    let device: DeviceGroup

    /// Images and labels, as a training program takes them.
    public var arrays: [DeviceArray] { [images, labels] }

    public init(_ dataset: ImageDataset, on device: DeviceGroup) throws {
        count = dataset.count
        self.device = device
        images = try DeviceArray(
            dataset.images, TensorType([count] + dataset.imageShape, .uint8), on: device)
        labels = try DeviceArray(dataset.labels, TensorType([count], .int32), on: device)
    }
}
