import Compute
import Flows
import Sampling
import Settings
import StableHLO
import Tensors
import TestSupport
import Testing

@Suite("A sampler as a program", .needsPlugin)
struct SamplerProgramTests {
    /// Images of a program run on the shared engine, as another program would run it.
    private func images(
        of program: SamplerProgram, noise: DeviceArray, labels: [Int32], scales: [Float], _ weights: [DeviceArray]
    ) throws -> [Float] {
        let engine = try Engine.shared
        var weights = weights[...]
        let arguments = try program.arguments.map { argument -> DeviceArray in
            switch argument.role {
            case .weight:
                let next = weights.popFirst()
                return try #require(next)
            case .noise: return noise
            case .label: return try DeviceArray(labels, argument.type, on: engine.device)
            case .guidanceScale: return try DeviceArray(scales, argument.type, on: engine.device)
            case .seed: return try DeviceArray([UInt64(9)], argument.type, on: engine.device)
            case .first: return try DeviceArray([UInt64(0)], argument.type, on: engine.device)
            }
        }
        return try engine.compile(program.program)(arguments)[0].values(as: Float.self)
    }

    @Test(
        "Its images are the sampler's, its evaluations those that the sampler counts", arguments: Solvers.registry.names
    )
    func images(kind: String) throws {
        var solver = try #require(Solvers.registry[kind])
        if var adaptive = solver as? DormandPrince {
            adaptive.adaptive = false
            solver = adaptive
        }
        let tiny = try TinySampler()
        let weights = try tiny.weights(on: Engine.shared)
        let times = [0, 0.1, 0.5, 0.9, 1]
        let labels = [3, 1]
        for (guidance, scales) in [
            (ClassifierFreeGuidance() as any Guidance, [1.0, 1]), (IntervalGuidance(), [2, 3]),
        ] {
            let sampler = try tiny.sampler(guidance, solver)
            let expected = try sampler.sample(
                SamplingRequest(labels: labels, guidance: scales), weights: weights, times: times, seed: 9)
            let noise = try Engine.shared.compile(
                sampler.noiseProgram(size: 2, precision: .float32).program)([
                    DeviceArray([UInt64(9)], TensorType([], .uint64), on: Engine.shared.device),
                    DeviceArray([UInt64(0)], TensorType([], .uint64), on: Engine.shared.device),
                ])[0]
            let program = try sampler.program(
                size: 2, times: times, isGuided: scales != [1, 1], precision: .float32)
            #expect(program.evaluations == expected.evaluations)
            let images = try images(
                of: program, noise: noise, labels: labels.map { Int32($0) }, scales: scales.map { Float($0) }, weights)
            #expect(worst(images, expected.images) < 1e-4)
        }
    }

    @Test("It calls nothing that is not in it, and names what it takes")
    func selfContained() throws {
        let sampler = try TinySampler().sampler(on: NativeEngine.shared.engine)
        let program = try sampler.program(size: 3, times: [0, 0.5, 1], isGuided: true, precision: .float32)
        #expect(program.program.customCalls.isEmpty)
        #expect(program.program.argumentTypes == program.arguments.map(\.type))
        #expect(Set(program.arguments.map(\.name)).count == program.arguments.count)
        #expect(program.arguments.filter { $0.role == .weight }.map(\.name) == sampler.weightNames)
        #expect(program.arguments.suffix(3).map(\.role) == [.label, .guidanceScale, .noise])
        #expect(program.program.resultTypes == [TensorType([3, 1, 8, 8])])
    }

    @Test("Steps whose length the host decides are refused")
    func adaptive() throws {
        let sampler = try TinySampler().sampler(ClassifierFreeGuidance(), DormandPrince())
        #expect(throws: SamplingError.hostDrivenSteps) {
            try sampler.program(size: 1, times: [0, 1], isGuided: false, precision: .float32)
        }
    }
}
