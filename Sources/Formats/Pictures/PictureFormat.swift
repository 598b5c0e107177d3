/// A format of pictures that ``PictureDecoder`` reads.
package enum PictureFormat: Sendable, CaseIterable {
    case png
    case jpeg

    /// Told by what a file begins with, whatever it is called; nil for anything else.
    package init?(of bytes: some Sequence<UInt8>) {
        let found = PictureFormat.allCases.first { bytes.starts(with: $0.signature) }
        guard let found else { return nil }
        self = found
    }

    /// The endings of its files' names, in lower case.
    package var extensions: [String] {
        switch self {
        case .png: ["png"]
        case .jpeg: ["jpg", "jpeg", "jpe", "jfif"]
        }
    }

    private var signature: [UInt8] {
        switch self {
        case .png: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
        case .jpeg: [0xFF, 0xD8, 0xFF]
        }
    }

    /// The library that decodes it, the name it is loaded by, and the package that has it.
    var library: (name: String, file: String, package: String) {
        switch self {
        case .png: ("libpng", "libpng16.so.16", "libpng16-16")
        case .jpeg: ("libjpeg-turbo", "libjpeg.so.62", "libjpeg62-turbo")
        }
    }
}
