/// What the axes of an array of images mean: told by its shape.
struct ImageAxes: Equatable {
    let count: Int
    let channels: Int
    let height: Int
    let width: Int
    /// Whether the channels of a pixel lie side by side.
    let isChannelsLast: Bool

    /// - Parameters:
    ///   - shape: images x height x width, x channels at the end or after the images: 1 or 3
    ///   - source: for the error
    /// - Throws: `DatasetError.imageAxes` for any other shape, and where channels could be in both places.
    init(_ shape: [Int], source: String) throws(DatasetError) {
        let channelCounts = [1, 3]
        func isImage(_ height: Int, _ width: Int) -> Bool { height > 0 && width > 0 }
        if shape.count == 3, isImage(shape[1], shape[2]) {
            (count, channels, height, width, isChannelsLast) = (shape[0], 1, shape[1], shape[2], false)
            return
        }
        guard shape.count == 4, isImage(shape[1], shape[2]), shape[3] > 0 else {
            throw .imageAxes(source: source, shape: shape)
        }
        switch (channelCounts.contains(shape[1]), channelCounts.contains(shape[3])) {
        case (true, false):
            (count, channels, height, width, isChannelsLast) = (shape[0], shape[1], shape[2], shape[3], false)
        case (false, true):
            (count, channels, height, width, isChannelsLast) = (shape[0], shape[3], shape[1], shape[2], true)
        default: throw .imageAxes(source: source, shape: shape)
        }
    }

    /// For people.
    var description: String {
        let place = isChannelsLast ? ", channels last" : ", channels first"
        return "\(count) images of \(height) rows x \(width) columns" + (channels == 1 ? "" : place)
    }

    /// The pixels with each image's channels one after another.
    func planar(_ pixels: [UInt8]) -> [UInt8] {
        guard isChannelsLast, channels > 1 else { return pixels }
        let plane = height * width
        return [UInt8](unsafeUninitializedCapacity: pixels.count) { target, initialized in
            pixels.withUnsafeBufferPointer { source in
                for image in 0..<count {
                    let start = image * plane * channels
                    for pixel in 0..<plane {
                        for channel in 0..<channels {
                            target[start + channel * plane + pixel] = source[start + pixel * channels + channel]
                        }
                    }
                }
            }
            initialized = pixels.count
        }
    }
}
