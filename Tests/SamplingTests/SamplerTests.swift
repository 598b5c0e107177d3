import Compute
import Flows
import Sampling
import TestSupport
import Testing

@Suite(.needsPlugin)
struct SamplerTests {
    private func sample(_ labels: [Int], batch: Int, guidance: Double = 2, steps: Int = 3) throws -> [Float] {
        try TinySampler().sample(SamplingRequest(labels: labels, guidance: guidance), steps: steps, batch: batch).images
    }

    @Test("Image i depends on seed and i alone, not on how many are drawn or how they are batched")
    func independence() throws {
        let many = try sample([3, 1, 4, 1, 5, 9, 2], batch: 5)
        let few = try sample([3, 1, 4], batch: 2)
        #expect(few.count == 3 * 64)
        #expect(worst(few, many.prefix(3 * 64)) < 1e-4)
    }

    @Test("One image of a seed drawn alone is the one drawn among many", arguments: [0, 3, 6])
    func alone(_ index: Int) throws {
        let labels = [3, 1, 4, 1, 5, 9, 2]
        let many = try sample(labels, batch: 128)
        let request = SamplingRequest(labels: [labels[index]], guidance: 2, noise: .numbered(from: index))
        let alone = try TinySampler().sample(request).images
        #expect(worst(alone, many[index * 64..<(index + 1) * 64]) < 1e-5)
        let other = try TinySampler().sample(
            SamplingRequest(labels: [labels[index]], guidance: 2, noise: .numbered(from: index + 1))
        )
        .images
        #expect(worst(alone, other) > 0.1)
    }

    @Test("The noise that a stochastic solver adds is an image's own, another in each step")
    func stochastic() throws {
        let labels = [3, 1, 4, 1]
        func drawn(_ labels: [Int], first: Int, steps: Int) throws -> [Float] {
            try TinySampler().sample(
                SamplingRequest(labels: labels, guidance: 1, noise: .numbered(from: first)), ClassifierFreeGuidance(),
                EulerMaruyama(),
                steps: steps
            ).images
        }
        let many = try drawn(labels, first: 0, steps: 3)
        #expect(try worst(drawn([4], first: 2, steps: 3), many[128..<192]) < 1e-5)
        let without = try TinySampler().sample(SamplingRequest(labels: labels, guidance: 1), steps: 3).images
        #expect(worst(many, without) > 0.1)
        #expect(many == (try drawn(labels, first: 0, steps: 3)))
    }

    @Test("A weaker network is led away from: not at a scale of 1, and at 0 it is what is drawn from")
    func autoguidance() throws {
        let tiny = try TinySampler()
        func drawn(_ scale: Double, _ weaker: WeakerNetwork?) throws -> Trajectory {
            try tiny.sample(SamplingRequest(labels: [1, 2], guidance: scale), Autoguidance(), weaker: weaker)
        }
        let weaker = try tiny.weaker(seed: 4)
        let (one, zero, two) = (try drawn(1, weaker), try drawn(0, weaker), try drawn(2, weaker))
        #expect(one.evaluations == 3 && two.evaluations == 6)
        let its = try tiny.sampler().sample(
            SamplingRequest(labels: [1, 2], guidance: 1), weights: weaker.weights, times: UniformGrid().times(steps: 3),
            seed: 9)
        #expect(worst(zero.images, its.images) < 1e-5)
        #expect(worst(two.images, one.images) > 1e-3 && worst(zero.images, one.images) > 1e-3)
        // Led away from itself, nothing moves.
        #expect(try worst(drawn(2, tiny.weaker(seed: 3)).images, one.images) < 1e-4)
    }

    @Test("Several devices share a batch, filled up where it is none of their multiples")
    func severalDevices() throws {
        let request = SamplingRequest(labels: [3, 1, 4, 1, 5, 9, 2], guidance: 2)
        let images = try TinySampler().sample(request, batch: 5, on: Engine.of(devices: 2)).images
        let one = try sample([3, 1, 4, 1, 5, 9, 2], batch: 5)
        #expect(images.count == 7 * 64)
        #expect(worst(images, one) < 1e-4)
    }

    @Test("The first stop of a trajectory is the noise, the last the sample")
    func trajectory() throws {
        let tiny = try TinySampler()
        let request = SamplingRequest(labels: [1, 2], guidance: 1)
        let sets = try tiny.sampler().sample(
            request, weights: tiny.weights(on: Engine.shared), times: [0, 0.25, 0.5, 0.75, 1], stops: [0, 2, 4], seed: 9
        ).sets
        let whole = try tiny.sample(request, steps: 4).images
        let one = try tiny.sample(request, steps: 1).images
        #expect(sets.count == 3 && worst(sets[2], whole) < 1e-5)
        let square = sets[0].reduce(0) { $0 + $1 * $1 } / Float(sets[0].count)
        #expect(abs(square - 1) < 0.4)
        #expect(sets[0] != one)
    }

    @Test("An image of a seed of its own is the first of that seed; given noise is taken as it is")
    func named() throws {
        let tiny = try TinySampler()
        let first = try tiny.sampler().sample(
            SamplingRequest(labels: [3], guidance: 2), weights: tiny.weights(on: Engine.shared),
            times: [0, 0.4, 0.7, 1],
            seed: 9
        ).images
        func drawn(_ noise: StartingNoise, _ labels: [Int]) throws -> Trajectory {
            let weights = try tiny.weights(on: Engine.shared)
            return try tiny.sampler(batch: 2).sample(
                SamplingRequest(labels: labels, guidance: 2, noise: noise), weights: weights, times: [0, 0.4, 0.7, 1],
                stops: [0, 3],
                seed: 1)
        }
        let names = [4, 9, 9].map { NoiseName(seed: $0) } + [NoiseName(seed: 9, number: 2)]
        let images = try drawn(.each(names), [5, 3, 3, 3])
        #expect(worst(images.images[64..<128], first) < 1e-5)
        #expect(worst(images.images[64..<128], images.images[128..<192]) < 1e-5)
        #expect(worst(images.images[128..<192], images.images[192...]) > 0.1)
        let given = try drawn(.given(images.sets[0]), [5, 3, 3, 3])
        #expect(worst(given.images, images.images) < 1e-5 && given.sets[0] == images.sets[0])
    }

    @Test("Steps that add noise need one seed: images of several are drawn one by one, and there is no way between two")
    func freshNoise() throws {
        let tiny = try TinySampler()
        func drawn(_ noise: StartingNoise, _ labels: [Int]) throws -> [Float] {
            try tiny.sample(
                SamplingRequest(labels: labels, guidance: 1, noise: noise), ClassifierFreeGuidance(), EulerMaruyama()
            ).images
        }
        let name = NoiseName(seed: 9, number: 1)
        let (alone, among) = (try drawn(.each([name]), [4]), try drawn(.numbered(from: 0), [3, 4]))
        #expect(worst(alone, among.suffix(64)) < 1e-5)
        #expect(throws: SamplingError.freshNoise) { try drawn(.each([name, name]), [4, 4]) }
        let arc = NoiseArc(from: name, to: NoiseName(seed: 1), share: 0.5)
        #expect(throws: SamplingError.freshNoise) { try drawn(.arcs([arc]), [4]) }
    }

    @Test("An arc of noise begins and ends at its ends, and keeps their length")
    func arcs() throws {
        let tiny = try TinySampler()
        let (start, end) = (NoiseName(seed: 9), NoiseName(seed: 4, number: 1))
        func noise(_ noise: StartingNoise, count: Int) throws -> [Float] {
            let request = SamplingRequest(labels: [Int](repeating: 1, count: count), guidance: 1, noise: noise)
            return try tiny.sampler().sample(
                request, weights: tiny.weights(on: Engine.shared), times: [0, 1], stops: [0], seed: 0
            ).images
        }
        let ends = try noise(.each([start, end]), count: 2)
        let way = try noise(
            .arcs([0, 0.25, 0.5, 1].map { NoiseArc(from: start, to: end, share: $0) }), count: 4)
        #expect(worst(way.prefix(64), ends.prefix(64)) < 1e-6 && worst(way.suffix(64), ends.suffix(64)) < 1e-6)
        func length(_ values: ArraySlice<Float>) -> Float { values.reduce(0) { $0 + $1 * $1 }.squareRoot() }
        let lengths = (0..<4).map { length(way[$0 * 64..<($0 + 1) * 64]) }
        #expect(lengths.allSatisfy { $0 > 0.95 * lengths.min()! && $0 < 1.05 * max(lengths[0], lengths[3]) })
        // The straight line's middle is shorter by a factor of about sqrt(2).
        let middle = zip(ends.prefix(64), ends.suffix(64)).map { ($0 + $1) / 2 }
        #expect(length(middle[...]) < 0.85 * lengths[2])
        #expect(sphericalInterpolation([1, 0], [0, 1], share: 1.0 / 3).map { Double($0) }[1] - 0.5 < 1e-6)
        #expect(sphericalInterpolation([1, 2], [1, 2], share: 0.4) == [1, 2])
    }

    @Test("The way between two labels begins and ends with the images of these labels")
    func blend() throws {
        let tiny = try TinySampler()
        let blended = BlendedNetwork(tiny.network, from: 3, to: 8, count: 3)
        let field = VelocityField(blended, path: LinearPath(), prediction: VelocityPrediction())
        let sampler = try Sampler(field, guidance: ClassifierFreeGuidance(), solver: Euler(), on: Engine.shared)
        let same = StartingNoise.each([NoiseName](repeating: NoiseName(seed: 9), count: 3))
        let weights = try tiny.weights(on: Engine.shared)
        for scale in [1.0, 2] {
            let way = try sampler.sample(
                SamplingRequest(labels: [0, 1, 2], guidance: scale, noise: same), weights: weights,
                times: UniformGrid().times(steps: 3), seed: 0
            ).images
            for (label, index) in [(3, 0), (8, 2)] {
                let image = try tiny.sample(SamplingRequest(labels: [label], guidance: scale)).images
                #expect(worst(image, way[index * 64..<(index + 1) * 64]) < 1e-4)
            }
            #expect(worst(way[64..<128], way[0..<64]) > 1e-3 && worst(way[64..<128], way[128...]) > 1e-3)
        }
    }

    @Test("At guidance 0 labels do not matter, at guidance 1 they do")
    func guidance() throws {
        #expect(try sample([1, 2], batch: 2, guidance: 0) == sample([7, 8], batch: 2, guidance: 0))
        #expect(try sample([1, 2], batch: 2, guidance: 1) != sample([7, 8], batch: 2, guidance: 1))
    }

    @Test func impossibleRequestsAreErrors() throws {
        #expect(throws: SamplingError.labelOutOfRange(11, nullLabel: 10)) { try sample([11], batch: 1) }
        #expect(throws: SamplingError.labelOutOfRange(-1, nullLabel: 10)) { try sample([-1], batch: 1) }
        #expect(throws: SamplingError.stepCount(0)) {
            let tiny = try TinySampler()
            _ = try tiny.sampler().sample(
                SamplingRequest(labels: [1], guidance: 1), weights: tiny.weights(on: Engine.shared), times: [0], seed: 0
            )
        }
    }
}
