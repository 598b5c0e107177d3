public import Formats

/// A grid of gray or colour images of one size, row by row, with equal gaps between and around them.
public struct ContactSheet: Sendable {
    /// Images one below the other.
    public let rows: Int
    /// Images beside each other.
    public let columns: Int
    /// Pixels between and around the images, after scaling.
    public let padding: Int
    /// How many pixels wide and high each image pixel is drawn.
    public let scale: Int
    /// The gray of gaps and empty cells.
    public let background: UInt8

    /// - Parameters:
    ///   - rows: images one below the other
    ///   - columns: images beside each other
    ///   - padding: pixels between and around the images
    ///   - scale: how many pixels wide and high each image pixel is drawn, at least 1
    ///   - background: the gray of gaps and empty cells
    public init(rows: Int, columns: Int, padding: Int = 2, scale: Int = 1, background: UInt8 = 0) {
        precondition(padding >= 0 && scale >= 1, "padding cannot be negative, scale is at least 1")
        self.rows = rows
        self.columns = columns
        self.padding = padding
        self.scale = scale
        self.background = background
    }

    /// The sheet of `images`; cells beyond the last image stay empty.
    ///
    /// - Parameters:
    ///   - images: count x channels x height x width, row-major; 1 channel or 3.
    ///   - channels: of an image
    ///   - width: of an image, in pixels
    ///   - height: of an image, in pixels
    /// - Throws: `DatasetError.contactSheet` when there are more images than cells, or no cell; `.pixelCount` when
    ///   the pixels are not whole images; `.format` when the sheet is too large for an image.
    public func image(
        of images: [UInt8], channels: Int = 1, width: Int, height: Int
    ) throws(DatasetError) -> RasterImage {
        guard channels > 0, width > 0, height > 0 else { throw .resize(width: width, height: height) }
        let size = channels * width * height
        let count = images.count / size
        guard count * size == images.count else {
            let expected = count * size
            throw .pixelCount(dataset: "contact sheet", found: images.count, expected: expected)
        }
        guard rows > 0, columns > 0, count <= rows * columns else {
            throw .contactSheet(images: count, rows: rows, columns: columns)
        }
        let sheetWidth = columns * (width * scale + padding) + padding
        let sheetHeight = rows * (height * scale + padding) + padding
        do throws(FormatError) {
            guard RasterImage.isPossible(width: sheetWidth, height: sheetHeight, channels: channels) else {
                throw .image(.size(width: sheetWidth, height: sheetHeight))
            }
            var pixels = [UInt8](repeating: background, count: sheetWidth * sheetHeight * channels)
            for index in 0..<count {
                let top = padding + index / columns * (height * scale + padding)
                let left = padding + index % columns * (width * scale + padding)
                for y in 0..<height * scale {
                    let target = (top + y) * sheetWidth + left
                    for channel in 0..<channels {
                        let source = ((index * channels + channel) * height + y / scale) * width
                        for x in 0..<width * scale {
                            pixels[(target + x) * channels + channel] = images[source + x / scale]
                        }
                    }
                }
            }
            return try RasterImage(width: sheetWidth, height: sheetHeight, channels: channels, pixels: pixels)
        } catch {
            throw .format(error)
        }
    }
}
