public import Settings

/// How a picture that is not square becomes one.
public enum ImageFit: String, SettingChoice {
    /// The largest square in the middle.
    case crop
    /// The smallest square around it, filled with the background.
    case pad
    /// Drawn out to a square.
    case stretch

    static let summary =
        "How a picture that is not square becomes one: its middle, padded with the background, or stretched."

    /// For an identity: what was done, as far as it was needed.
    func description(isSquare: Bool) -> String { (isSquare ? "" : "\(rawValue), ") + "bilinear" }

    /// The rectangle of the picture that becomes the square; beyond the picture is background.
    func region(width: Int, height: Int) -> (left: Int, top: Int, width: Int, height: Int) {
        switch self {
        case .stretch: return (0, 0, width, height)
        case .crop, .pad:
            let side = self == .crop ? min(width, height) : max(width, height)
            // Floored, so that the left and the top get the smaller half.
            return ((width - side) >> 1, (height - side) >> 1, side, side)
        }
    }
}

/// The colour behind transparent pixels and around padded pictures.
struct Background: Equatable, Sendable {
    let red: UInt8
    let green: UInt8
    let blue: UInt8

    static let white = Background([255])

    /// - Parameter values: one gray, or red, green and blue, from 0 to 255
    init(_ values: [Int]) {
        let bytes = values.map { UInt8(clamping: $0) }
        red = bytes.first ?? 255
        green = bytes.count == 3 ? bytes[1] : red
        blue = bytes.count == 3 ? bytes[2] : red
    }

    var isGray: Bool { red == green && green == blue }

    /// One value a channel of an image of 1 or 3.
    func values(channels: Int) -> [UInt8] {
        channels == 3 ? [red, green, blue] : [Luma.gray(red, green, blue)]
    }

    static let summary = "Gray, or red, green and blue behind transparent pixels and around padded pictures."
    static let range = SettingRange<[Int]>("one integer or three from 0 to 255") {
        [1, 3].contains($0.count) && $0.allSatisfy((0...255).contains)
    }
}

/// The brightness of a colour, by ITU-R BT.601: as Pillow computes it, in 16 fractional bits.
enum Luma {
    static func gray(_ red: UInt8, _ green: UInt8, _ blue: UInt8) -> UInt8 {
        let sum: Int = Int(red) * 19595 + Int(green) * 38470 + Int(blue) * 7471
        return UInt8((sum + 0x8000) >> 16)
    }
}
