/// What a network must know of a data set to be made for it; the size of the images is the network's own.
public struct ImageForm: Sendable, Equatable {
    /// 1 (gray) or 3 (red, green, blue).
    public let channels: Int
    /// 0 where the images have no labels.
    public let classCount: Int

    /// - Parameters:
    ///   - channels: 1 (gray) or 3 (red, green, blue)
    ///   - classCount: 0 where there are no labels
    public init(channels: Int, classCount: Int) {
        self.channels = channels
        self.classCount = classCount
    }
}

extension ImageDataset {
    /// What a network must know of these images.
    public var form: ImageForm { ImageForm(channels: channels, classCount: classCount) }

    /// The same images with nothing said of their classes.
    package func withoutLabels() throws(DatasetError) -> ImageDataset {
        try ImageDataset(
            name: name, split: split, channels: channels, width: width, height: height, images: images,
            labels: [Int32](repeating: 0, count: count), classNames: [])
    }
}

extension DatasetSource {
    /// Read from the images, where it is not known without them.
    ///
    /// - Parameters:
    ///   - side: that the images will be wanted in
    ///   - places: where data is looked for that nobody named the folder of
    public func form(side: Int, from places: DatasetPlaces) throws(DatasetError) -> ImageForm {
        if let knownForm { return knownForm }
        return try load(.train, side: side, from: places).images.form
    }
}
