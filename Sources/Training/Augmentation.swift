public import Settings
import StableHLO
public import Tensors

/// Random changes of the images of a batch that leave their class what it is, drawn anew for each image and step.
///
/// What is off adds nothing to a step.
public struct Augmentation: SettingGroup {
    @Setting("Whether each image is mirrored, left to right, with probability 1/2.") public var horizontalFlip = false
    @Setting(
        "The most pixels by which an image is moved, evenly drawn for each direction; what comes in is black, as with torchvision's RandomCrop and its padding.",
        unit: "pixels", .from(0, through: 1024))
    public var translation = 0

    public init() {}

    /// - Parameters:
    ///   - images: bytes, (batch, channels, height, width)
    ///   - random: of a step; what is drawn for an image depends on it and the image's place in the batch alone
    /// - Returns: images of the same shape
    public func callAsFunction(_ images: Tensor, _ random: RandomStream) -> Tensor {
        translated(flipped(images, random.stream("horizontal flip")), random.stream("translation"))
    }

    private func flipped(_ images: Tensor, _ random: RandomStream) -> Tensor {
        guard horizontalFlip else { return images }
        let isFlipped = random.bernoulli(0.5, [images.shape[0], 1, 1, 1])
        return isFlipped.select(images.reversed(along: [3]), images)
    }

    private func translated(_ images: Tensor, _ random: RandomStream) -> Tensor {
        guard translation > 0 else { return images }
        let (batch, height, width) = (images.shape[0], images.shape[2], images.shape[3])
        let shifts = random.integers(below: 2 * translation + 1, [batch, 2, 1, 1]) - Double(translation)
        let (down, right) = (shifts.sliced(0..<1, along: 1), shifts.sliced(1..<2, along: 1))
        func isInside(_ place: Tensor, _ size: Int) -> Tensor {
            place.compared(.greaterOrEqual, to: 0) & place.compared(.less, to: Double(size))
        }
        let (row, column) = (Tensor.iota([height, 1]) - down, Tensor.iota([1, width], dimension: 1) - right)
        // Each pixel is a row of one table; beyond an image's edge there are other images' pixels.
        let places = Tensor.iota([images.elementCount]).reshaped(to: images.shape)
        let moved = images.reshaped(to: [images.elementCount]).rows(at: places - (down * Double(width) + right))
        let black = Tensor(integer: 0, elementType: images.elementType)
        return (isInside(row, height) & isInside(column, width)).select(moved, black)
    }
}
