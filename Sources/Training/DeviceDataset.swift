public import Compute
public import Datasets
import StableHLO

/// A data set in a device's memory: 8-bit pixels (count, 1, height, width) and labels (count).
public struct DeviceDataset: Sendable {
    public let images: DeviceArray
    public let labels: DeviceArray
    public let count: Int
    let device: DeviceGroup

    public init(_ dataset: ImageDataset, on device: DeviceGroup) throws {
        count = dataset.count
        self.device = device
        images = try DeviceArray(
            dataset.images, TensorType([count, 1, dataset.height, dataset.width], .uint8), on: device)
        labels = try DeviceArray(dataset.labels, TensorType([count], .uint8), on: device)
    }
}
