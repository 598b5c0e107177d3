/// How a camera held a picture: the orientation of EXIF (CIPA DC-008, tag 0x0112), 1 to 8.
struct PictureOrientation: Equatable {
    /// Where the first row of the file is to be seen, and where its first column: 1 is the top and the left.
    let value: Int

    static let upright = PictureOrientation(value: 1)

    init(value: Int) { self.value = (1...8).contains(value) ? value : 1 }

    /// As a file says; upright where it says nothing, or nothing that can be understood.
    init(of bytes: [UInt8], _ format: PictureFormat) {
        let block =
            switch format {
            case .jpeg: PictureOrientation.jpegBlock(bytes)
            case .png: PictureOrientation.pngBlock(bytes)
            }
        self.init(value: block.flatMap(PictureOrientation.tag) ?? 1)
    }

    /// What follows "Exif" in the first application segment of that name; segments come before the picture's scan.
    private static func jpegBlock(_ bytes: [UInt8]) -> ArraySlice<UInt8>? {
        let (application1, scan, name) = (UInt8(0xE1), UInt8(0xDA), Array("Exif\0\0".utf8))
        var position = 2
        while position + 4 <= bytes.count, bytes[position] == 0xFF {
            let marker = bytes[position + 1]
            // A marker may be preceded by any number of 0xFF.
            if marker == 0xFF {
                position += 1
                continue
            }
            let length = Int(bytes.bigEndian(UInt16.self, at: position + 2))
            let end = position + 2 + length
            guard marker != scan, length >= 2, end <= bytes.count else { return nil }
            let content = bytes[position + 4..<end]
            if marker == application1, content.starts(with: name) { return content.dropFirst(name.count) }
            position = end
        }
        return nil
    }

    /// The content of the eXIf chunk.
    private static func pngBlock(_ bytes: [UInt8]) -> ArraySlice<UInt8>? {
        var position = 8
        while position + 12 <= bytes.count {
            let length = Int(bytes.bigEndian(UInt32.self, at: position))
            guard length <= bytes.count - position - 12 else { return nil }
            let start = position + 8
            if bytes[position + 4..<start].elementsEqual("eXIf".utf8) { return bytes[start..<start + length] }
            position = start + length + 4
        }
        return nil
    }

    /// The tag's value in the first directory of a TIFF block.
    private static func tag(_ block: ArraySlice<UInt8>) -> Int? {
        let bytes = Array(block)
        guard bytes.count >= 8 else { return nil }
        let isLittle = bytes.starts(with: "II".utf8)
        guard isLittle || bytes.starts(with: "MM".utf8) else { return nil }
        func number<Value: FixedWidthInteger>(_ type: Value.Type, at offset: Int) -> Int? {
            guard offset >= 0, offset <= bytes.count - MemoryLayout<Value>.size else { return nil }
            return Int(isLittle ? bytes.littleEndian(type, at: offset) : bytes.bigEndian(type, at: offset))
        }
        guard let directory = number(UInt32.self, at: 4), let count = number(UInt16.self, at: directory) else {
            return nil
        }
        let (orientation, short) = (0x0112, 3)
        for index in 0..<count {
            let entry = directory + 2 + 12 * index
            guard let tag = number(UInt16.self, at: entry), let type = number(UInt16.self, at: entry + 2) else {
                return nil
            }
            if tag == orientation { return type == short ? number(UInt16.self, at: entry + 8) : nil }
        }
        return nil
    }

    /// The picture as it was seen.
    func upright(_ picture: DecodedPicture) -> DecodedPicture {
        if value == 1 { return picture }
        let (width, height, channels) = (picture.width, picture.height, picture.channels)
        let isTransposed = value >= 5
        let (newWidth, newHeight) = isTransposed ? (height, width) : (width, height)
        let pixels = [UInt8](unsafeUninitializedCapacity: picture.pixels.count) { target, count in
            picture.pixels.withUnsafeBufferPointer { source in
                for y in 0..<newHeight {
                    for x in 0..<newWidth {
                        let (row, column) = place(x, y, newWidth, newHeight)
                        for channel in 0..<channels {
                            target[(y * newWidth + x) * channels + channel] =
                                source[(row * width + column) * channels + channel]
                        }
                    }
                }
            }
            count = picture.pixels.count
        }
        return DecodedPicture(newWidth, newHeight, channels, pixels)
    }

    /// Where a pixel of the upright picture stands in the file.
    private func place(_ x: Int, _ y: Int, _ width: Int, _ height: Int) -> (row: Int, column: Int) {
        let (right, bottom) = (width - 1 - x, height - 1 - y)
        return switch value {
        case 2: (y, right)
        case 3: (bottom, right)
        case 4: (bottom, x)
        case 5: (x, y)
        case 6: (right, y)
        case 7: (right, bottom)
        case 8: (x, bottom)
        default: (y, x)
        }
    }
}
