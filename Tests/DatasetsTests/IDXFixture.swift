import Formats
import Foundation

/// Writes a small data set's files into folders.
enum IDXFixture {
    /// Images and labels of both splits.
    static func writeBoth(to folder: URL) throws {
        try write(to: folder)
        try write(to: folder, imageName: "t10k-images-idx3-ubyte", labelName: "t10k-labels-idx1-ubyte")
    }

    /// The images and labels of one split, as files named `train` + the given endings.
    static func write(
        to folder: URL, count: Int = 3, labels: [UInt8] = [1, 9, 1], side: Int = 28,
        imageName: String = "train-images-idx3-ubyte", labelName: String = "train-labels-idx1-ubyte"
    ) throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let pixels = (0..<count * side * side).map { UInt8(truncatingIfNeeded: $0) }
        try IDXFile(shape: [count, side, side], values: pixels).write(to: folder.appendingPathComponent(imageName))
        try IDXFile(shape: [labels.count], values: labels).write(to: folder.appendingPathComponent(labelName))
    }
}
