import StableHLO
import Tensors
import TestSupport
import Testing

@testable import Training

@Suite("Augmentation", .needsPlugin)
struct AugmentationTests {
    private static let shape = [3, 4, 5]
    private static let count = 512

    private func augmentation(_ settings: String...) throws -> Augmentation {
        try TinyRun.configuration(steps: 1, settings.map { "augmentation.\($0)" }).augmentation
    }

    /// No two pixels of an image are alike, and none is 0.
    private func images(_ count: Int) -> HostArray {
        let size = Self.shape.reduce(1, *)
        return HostArray((0..<count * size).map { Double(1 + $0 % size) }, [count] + Self.shape, .uint8)
    }

    private func augmented(_ count: Int, _ augmentation: Augmentation, times: Int = 1) throws -> [[Double]] {
        let images = images(count)
        let pixels = try evaluate(images) { arguments in
            let random = RandomStream(seed: Tensor(integer: 3, elementType: .uint64))
            return [(0..<times).reduce(arguments[0]) { images, _ in augmentation(images, random) }]
        }[0]
        let size = Self.shape.reduce(1, *)
        return (0..<count).map { Array(pixels[$0 * size..<($0 + 1) * size]) }
    }

    /// The image with its pixels moved on the host: mirrored first, then `down` and `right`.
    private func moved(flipped: Bool, down: Int, right: Int) -> [Double] {
        let (channels, height, width) = (Self.shape[0], Self.shape[1], Self.shape[2])
        var pixels: [Double] = []
        for channel in 0..<channels {
            for y in 0..<height {
                for x in 0..<width {
                    let (row, column) = (y - down, x - right)
                    let isInside = (0..<height).contains(row) && (0..<width).contains(column)
                    let source = flipped ? width - 1 - column : column
                    pixels.append(isInside ? Double(1 + (channel * height + row) * width + source) : 0)
                }
            }
        }
        return pixels
    }

    @Test("Every image is one of the possible ones, pixel by pixel, and each of those is as frequent as the others")
    func exact() throws {
        let settings = try augmentation("horizontal_flip=true", "translation=1")
        var counts: [[Double]: Int] = [:]
        for image in try augmented(Self.count, settings) { counts[image, default: 0] += 1 }
        var possible: Set<[Double]> = []
        for flipped in [false, true] {
            for down in -1...1 {
                for right in -1...1 { possible.insert(moved(flipped: flipped, down: down, right: right)) }
            }
        }
        #expect(possible.count == 18 && Set(counts.keys) == possible)
        let expected = Double(Self.count) / 18
        // Chi-squared of 17 degrees of freedom: above 50 once in 20,000.
        #expect(counts.values.reduce(0) { $0 + (Double($1) - expected) * (Double($1) - expected) / expected } < 50)
    }

    @Test("An image that is moved beyond its own size is black")
    func beyond() throws {
        let images = try augmented(64, augmentation("translation=40"))
        #expect(images.contains { $0.allSatisfy { $0 == 0 } })
        #expect(images.allSatisfy { image in image.allSatisfy { (0...60).contains($0) } })
    }

    @Test("Mirrored twice by the same draw, every image is itself; about half of them are mirrored once")
    func flippedTwice() throws {
        let flip = try augmentation("horizontal_flip=true")
        let original = images(1).values
        #expect(try augmented(64, flip, times: 2).allSatisfy { $0 == original })
        let same = try augmented(Self.count, flip).count { $0 == original }
        #expect(abs(Double(same) / Double(Self.count) - 0.5) < 0.12)
    }

    @Test("What is drawn for an image does not depend on how many there are")
    func prefix() throws {
        let settings = try augmentation("horizontal_flip=true", "translation=2")
        #expect(try Array(augmented(64, settings).prefix(8)) == augmented(8, settings))
    }

    @Test("What is off adds nothing to a program")
    func off() {
        func program(_ body: @escaping (Tensor, RandomStream) -> Tensor) -> String {
            Tracer.program("test", arguments: [images(2).type, TensorType([], .uint64)], options: LoweringOptions()) {
                [body($0[0], RandomStream(seed: $0[1]))]
            }.text
        }
        #expect(program { Augmentation()($0, $1) } == program { images, _ in images })
    }

    @Test("A resumed run is the uninterrupted one, and another one than without; devices make no difference")
    func resumed() throws {
        let folders = (0..<4).map { _ in TinyRun.folder() }
        defer { for folder in folders { TinyRun.remove(folder) } }
        let settings = ["augmentation.horizontal_flip=true", "augmentation.translation=2"]
        let whole = try TinyRun.train(folders[0], TinyRun.configuration(steps: 4, settings), stepsPerDispatch: 4)
        _ = try TinyRun.train(folders[1], TinyRun.configuration(steps: 2, settings), stepsPerDispatch: 1)
        let resumed = try TinyRun.train(folders[1], TinyRun.configuration(steps: 4, settings), stepsPerDispatch: 1)
        #expect(resumed.map(\.loss) == whole.map(\.loss))
        #expect(try TinyRun.state(folders[0]) == TinyRun.state(folders[1]))
        let plain = try TinyRun.train(folders[2], TinyRun.configuration(steps: 4))
        #expect(zip(plain, whole).allSatisfy { $0.loss != $1.loss })
        let shared = try TinyRun.train(
            folders[3], TinyRun.configuration(steps: 4, settings), on: .of(devices: 2))
        for (several, one) in zip(shared, whole) { #expect(abs(several.loss - one.loss) <= 1e-5 * one.loss) }
    }
}
