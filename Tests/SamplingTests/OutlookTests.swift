import Compute
import Flows
import Sampling
import TestSupport
import Testing

@Suite(.needsPlugin)
struct OutlookTests {
    private let times = UniformGrid().times(steps: 4)

    @Test("A step of Euler leads along the velocity, and the ends are where the path has it", arguments: [1.0, 3.0])
    func velocity(_ guidance: Double) throws {
        let engine = try NativeEngine.shared.engine
        let tiny = try TinySampler()
        let (sampler, weights) = (try tiny.sampler(), try tiny.weights(on: engine))
        var batch = try sampler.begin(SamplingRequest(labels: [3, 1], guidance: guidance), seed: 9)
        try sampler.advance(&batch, weights: weights, to: 1, along: times)
        let x = try batch.images()
        let outlook = try sampler.outlook(of: batch, weights: weights, at: times[1])
        try sampler.advance(&batch, weights: weights, to: 2, along: times)
        let moved = zip(x, outlook.velocity).map { $0 + 0.25 * $1 }
        #expect(worst(try batch.images(), moved) < 1e-4)
        // On the linear path, x = t z + (1 - t) eps and u = z - eps.
        #expect(worst(outlook.data, zip(x, outlook.velocity).map { $0 + 0.75 * $1 }) < 1e-4)
        #expect(worst(outlook.noise, zip(x, outlook.velocity).map { $0 - 0.25 * $1 }) < 1e-4)
    }

    @Test("An image is noised to a time as the path says, and flows on from there")
    func noised() throws {
        let engine = try NativeEngine.shared.engine
        let tiny = try TinySampler()
        let (sampler, weights) = (try tiny.sampler(), try tiny.weights(on: engine))
        let request = SamplingRequest(labels: [3], guidance: 2)
        let image = (0..<64).map { Float($0) / 64 }
        let noise = try sampler.begin(request, seed: 9).images()
        for step in [0, 1, 4] {
            let batch = try sampler.begin(request, seed: 9, noising: image, at: step, along: times)
            let t = Float(times[step])
            #expect(batch.stepsDone == step)
            #expect(worst(try batch.images(), zip(image, noise).map { t * $0 + (1 - t) * $1 }) < 1e-5)
        }
        var batch = try sampler.begin(request, seed: 9, noising: image, at: 1, along: times)
        try sampler.advance(&batch, weights: weights, to: 4, along: times)
        #expect(batch.evaluations == 6)
    }
}
