public import Compute
public import Datasets
import StableHLO

/// A data set in a device's memory: 8-bit pixels (count, channels, height, width) and int32 labels (count).
public struct DeviceDataset: Sendable {
    /// Bytes (count, channels, height, width).
    public let images: DeviceArray
    /// Int32 (count).
    public let labels: DeviceArray
    /// How many images there are.
    public let count: Int
    let device: DeviceGroup

    /// Images and labels, as a training program takes them.
    public var arrays: [DeviceArray] { [images, labels] }

    /// - Throws: what the device reports.
    public init(_ dataset: ImageDataset, on device: DeviceGroup) throws {
        count = dataset.count
        self.device = device
        images = try DeviceArray(
            dataset.images, TensorType([count] + dataset.imageShape, .uint8), on: device)
        labels = try DeviceArray(dataset.labels, TensorType([count], .int32), on: device)
    }
}
