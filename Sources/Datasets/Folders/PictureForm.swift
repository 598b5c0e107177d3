import Formats

/// What pictures of any form are made into: squares of one side, gray or colour.
struct PictureForm: Equatable, Sendable {
    let side: Int
    let fit: ImageFit
    let background: Background
    let colors: PictureColors

    /// A picture made into that form.
    struct Square: Sendable {
        /// 1 or 3; pictures of both are in a folder where colours are not decided.
        let channels: Int
        /// Channels x side x side.
        let pixels: [UInt8]
    }

    /// - Throws: ``UnreadablePicture`` for a size that cannot be resized.
    func square(of picture: DecodedPicture) throws(UnreadablePicture) -> Square {
        let (channels, planes) = opaque(picture)
        do throws(DatasetError) {
            let squaring = try ImageSquaring(width: picture.width, height: picture.height, side: side, fit)
            let values = background.values(channels: channels)
            return Square(channels: channels, pixels: squaring(planes, background: values))
        } catch {
            throw UnreadablePicture(error.description)
        }
    }

    /// The picture without alpha, in the colours that are wanted: channels x height x width.
    private func opaque(_ picture: DecodedPicture) -> (channels: Int, planes: [UInt8]) {
        let (stored, count) = (picture.channels, picture.width * picture.height)
        let isGray = stored <= 2 && (stored == 1 || background.isGray)
        // Padding in a colour makes a gray picture a coloured one.
        let isPadded = fit == .pad && picture.width != picture.height
        let keepsGray = colors != .color && isGray && (background.isGray || !isPadded || colors == .gray)
        let channels = colors == .gray || keepsGray ? 1 : 3
        let behind = background.values(channels: 3)
        let planes = [UInt8](unsafeUninitializedCapacity: channels * count) { target, initialized in
            picture.pixels.withUnsafeBufferPointer { source in
                for pixel in 0..<count {
                    let start = pixel * stored
                    var (red, green, blue) = (source[start], source[start], source[start])
                    if stored >= 3 { (green, blue) = (source[start + 1], source[start + 2]) }
                    if stored == 2 || stored == 4 {
                        let alpha = source[start + stored - 1]
                        red = Self.blend(red, behind[0], alpha)
                        green = Self.blend(green, behind[1], alpha)
                        blue = Self.blend(blue, behind[2], alpha)
                    }
                    if channels == 1 {
                        target[pixel] = red == green && green == blue ? red : Luma.gray(red, green, blue)
                    } else {
                        target[pixel] = red
                        target[count + pixel] = green
                        target[2 * count + pixel] = blue
                    }
                }
            }
            initialized = channels * count
        }
        return (channels, planes)
    }

    /// A value over another, rounded to the nearest.
    private static func blend(_ over: UInt8, _ under: UInt8, _ alpha: UInt8) -> UInt8 {
        let sum = Int(over) * Int(alpha) + Int(under) * (255 - Int(alpha)) + 128
        return UInt8((sum + (sum >> 8)) >> 8)
    }
}
