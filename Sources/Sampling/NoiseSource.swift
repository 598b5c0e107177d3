import StableHLO
import Tensors

/// Noise of numbered images: image `i` gets the same noise in every batch.
struct NoiseSource {
    private let random: RandomStream

    init(seed: Tensor) { self.init(RandomStream(seed: seed).stream("sampling")) }

    private init(_ random: RandomStream) { self.random = random }

    /// The noise that a stochastic solver adds in a step, by the step's number.
    func ofStep(_ step: Tensor) -> NoiseSource { NoiseSource(random.stream("diffusion").stream(step)) }

    /// The random vectors of an estimate, by its number.
    func ofProbe(_ estimate: Tensor) -> NoiseSource { NoiseSource(random.stream("probe").stream(estimate)) }

    /// What is added to the bytes of images.
    var ofDequantization: NoiseSource { NoiseSource(random.stream("dequantization")) }

    /// Standard normal (count, shape...) of images `first ..< first + count`; `first` is a scalar uint64.
    func images(_ count: Int, from first: Tensor, shape: [Int]) -> Tensor {
        RandomStream.normal(of: bits(count, from: first, shape: shape))
    }

    /// Uniform on [0, 1), as ``images(_:from:shape:)``.
    func uniform(_ count: Int, from first: Tensor, shape: [Int]) -> Tensor {
        RandomStream.uniform(of: bits(count, from: first, shape: shape))
    }

    private func bits(_ count: Int, from first: Tensor, shape: [Int]) -> Tensor {
        // A stream is read in blocks of four numbers; each image begins a block.
        let blocks = (shape.reduce(1, *) + 3) / 4
        let perImage = Tensor(integer: blocks, elementType: .uint64)
        let numbers = random.skipping(blocks: first * perImage).bits([count, blocks * 4])
        return numbers.sliced(0..<shape.reduce(1, *), along: 1).reshaped(to: [count] + shape)
    }
}
