import Compute
import Datasets
import Flows
import Models
import NN
import Settings
import StableHLO
import Tensors
import TestSupport
import Testing

@testable import Training

@Suite("The held-out loss", .needsPlugin)
struct HeldOutLossTests {
    private static let count = 20

    private func pixels(changing image: Int? = nil) throws -> ImageDataset {
        var pixels = try TinyRun.dataset().images
        if let image { for pixel in image * 64..<(image + 1) * 64 { pixels[pixel] = 255 - pixels[pixel] } }
        return try TinyRun.dataset(pixels)
    }

    /// The loss of a tiny network's first weights.
    private func loss(_ data: ImageDataset, on engine: Engine) throws -> Double {
        let configuration = try TinyRun.configuration(steps: 1)
        let network = try configuration.model.makeNetwork()
        let layout = TrainingStep(try ParameterTree(of: network), configuration.weightUpdate).layout
        // Weights are drawn once, by one device, and copied to the others.
        let weights = try TrainingState(layout, seed: 3, on: Engine.shared).weights(averaged: false).map {
            try DeviceArray($0.values(as: UInt8.self), $0.type, on: engine.device)
        }
        let loss = try HeldOutLoss(
            configuration.velocityField(of: network), data, count: HeldOutLossTests.count, on: engine)
        return try #require(try loss(weights))
    }

    @Test("It is the same on the same images, however many devices share them", arguments: [2, 3])
    func devices(_ count: Int) throws {
        let several = try Engine.of(devices: count)
        let (one, other) = (try loss(pixels(), on: Engine.shared), try loss(pixels(), on: several))
        #expect(one > 1 && abs(one - other) < 1e-5 * one, "\(one) and \(other)")
        // The last image that counts is no multiple of three devices'; the next does not count.
        let last = try pixels(changing: HeldOutLossTests.count - 1)
        let changed = (try loss(last, on: Engine.shared), try loss(last, on: several))
        #expect(abs(changed.0 - one) > 1e-3 * one && abs(changed.0 - changed.1) < 1e-5 * one, "\(changed), not \(one)")
        #expect(try loss(pixels(changing: HeldOutLossTests.count), on: several) == other)
    }

    @Test("It is the velocity's error, whatever the network returns", arguments: Predictions.registry.names)
    func predictions(_ name: String) throws {
        let prediction = try #require(Predictions.registry[name])
        let (data, path) = (try TinyRun.dataset(), LinearPath())
        func loss(_ prediction: any Prediction) throws -> Double {
            let field = VelocityField(KnownData(prediction), path: path, prediction: prediction)
            let weight = try DeviceArray([0.5 as Float], TensorType([1, 1, 1, 1]), on: Engine.shared.device)
            let loss = try HeldOutLoss(field, data, count: HeldOutLossTests.count, on: Engine.shared)
            return try #require(try loss([weight]))
        }
        let (expected, found) = (try loss(VelocityPrediction()), try loss(prediction))
        #expect(expected > 1 && abs(found - expected) < 1e-3 * expected, "\(found), not \(expected)")
    }

    @Test("Averaged and raw weights are measured where an average is kept, else the raw ones alone")
    func averages() throws {
        for (average, isKept) in [("exponential", true), ("none", false)] {
            let folder = TinyRun.folder()
            defer { TinyRun.remove(folder) }
            let configuration = try TinyRun.configuration(
                "dit", steps: 2,
                ["average=\(average)", "recording.validate_every=2", "recording.validation_images=8"])
            try folder.save(configuration)
            let trainer = try Trainer(
                folder, configuration, training: TinyRun.dataset(), testing: TinyRun.dataset(),
                on: NativeEngine.shared.engine)
            try trainer.train(until: { false }, onEvent: { _ in })
            let records = try MetricsLog(folder.metricsFile).records()
            #expect(records[0].validationLoss == nil && records[1].validationLoss != nil)
            #expect((records[1].validationLossAveraged != nil) == isKept)
            #expect(records[1].validationLossAveraged != records[1].validationLoss)
        }
    }

    @Test("A distance of images is recorded when it is due, and made up for where it was stopped")
    func distances() throws {
        let folder = TinyRun.folder()
        defer { TinyRun.remove(folder) }
        func train(_ steps: Int, _ distance: ([DeviceArray]) throws -> Double?) throws -> [Double?] {
            let configuration = try TinyRun.configuration("dit", steps: steps, ["recording.evaluate_every=2"])
            try folder.save(configuration)
            let trainer = try Trainer(
                folder, configuration, training: TinyRun.dataset(), testing: nil, on: NativeEngine.shared.engine)
            try trainer.train(until: { false }, frechetDistance: distance, onEvent: { _ in })
            return try MetricsLog(folder.metricsFile).records().map(\.frechetDistance)
        }
        #expect(try train(2) { _ in nil } == [nil, nil])
        #expect(try train(4) { Double($0.count) }.map { $0 != nil } == [false, true, false, true])
    }
}

/// A network that holds a part of x, kept inside the range of pixels, for the data; what it returns is the prediction of
/// that data on the linear path.
private struct KnownData: ConditionalNetwork {
    let classCount = 10
    let imageShape = [1, 8, 8]
    private let prediction: any Prediction
    private let weight = Parameter([1, 1, 1, 1], .constant(0.5))

    init(_ prediction: any Prediction) { self.prediction = prediction }

    func callAsFunction(_ x: Tensor, at time: Tensor, labels: Tensor, _ context: Context) -> Tensor {
        let path = LinearPath().coefficients(at: time.reshaped(to: [x.shape[0], 1, 1, 1]))
        let bound = Tensor(0.9, shape: x.shape)
        let data = (context[weight] * x).minimum(bound).maximum(-bound)
        let noise = (x - path.alpha * data) / path.beta
        let row = prediction.combination(path)
        return row.data * data + row.noise * noise
    }
}
