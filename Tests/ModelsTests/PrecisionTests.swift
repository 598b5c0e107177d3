import Compute
import FlowMatching
import Models
import NN
import StableHLO
import TestSupport
import Testing
import Tracing

/// One network of each kind, its weights and a batch drawn by the program itself.
private struct SmallNetwork {
    let network: any VelocityField
    let tree: ParameterTree
    private let random = RandomStream(seed: Tensor(integer: 4, elementType: .uint64))

    private static let sizes: [ModelName: [String]] = [
        .unet: ["channels=8,16", "num_residual_layers=1"],
        .dit: ["hidden_dim=32", "num_heads=2", "depth=1", "patch_size=2"],
        .mamba: ["d_model=32", "d_state=4", "depth=1", "patch_size=4"],
    ]

    init(_ model: ModelName) throws {
        network = try ModelSpecification(
            model,
            assignments: SmallNetwork.sizes[model, default: []] + ["image_size=8", "t_embed_dim=16", "y_embed_dim=16"]
        ).makeModel()
        tree = try ParameterTree(of: network)
    }

    /// First values and, so that nothing is zero, a little noise.
    private var weights: [Tensor] {
        zip(tree.initialValues(random), tree.entries).map { value, entry in
            entry.parameter.isTrainable
                ? value + random.stream(entry.name).normal(value.shape) * 0.1 : value
        }
    }

    private var images: Tensor { random.stream("images").normal([4] + network.imageShape) }

    /// The velocity of a batch and the gradient of its loss with respect to all weights, each (n).
    func velocityAndGradient() -> [Tensor] {
        let weights = weights
        let context = Context(tree, values: weights, mode: .training)
        let velocity = network(
            images, at: random.stream("time").uniform([4]), labels: .iota([4], elementType: .int32), context)
        let target = random.stream("target").normal(velocity.shape)
        let trained = zip(weights, tree.entries).filter(\.1.parameter.isTrainable).map(\.0)
        let slopes = gradients(
            of: flowMatchingLoss(predicted: velocity, velocity: target), withRespectTo: trained)
        return [velocity.flat, .concatenated(slopes.map(\.flat), along: 0)]
    }

    /// Guided steps of Euler's method, in a loop.
    func sample() -> [Tensor] {
        let context = Context(tree, values: weights, mode: .evaluation)
        let labels = Tensor.iota([4], elementType: .int32)
        return [
            Euler().integrate(images, steps: Tensor(integer: 3)) { x, time in
                Guidance().velocity(network, x, at: time, labels: labels, scale: Tensor(2, shape: [4]), context)
            }
        ]
    }
}

extension Tensor {
    fileprivate var flat: Tensor { reshaped(to: [elementCount]) }
}

@Suite("Precision of products")
struct PrecisionTests {
    private func program(_ precision: MatrixPrecision, _ body: () -> [Tensor]) -> Program {
        Tracer.program("test", arguments: [], options: LoweringOptions(precision: precision)) { _ in body() }
    }

    /// |a - b| / |b|
    private func relativeError(_ a: [Double], _ b: [Double]) -> Double {
        let difference = zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        return (difference / b.reduce(0) { $0 + $1 * $1 }).squareRoot()
    }

    /// A rounding to bfloat16, of eight significant bits, moves a number by at most u = 2^-8 of it, on average by about
    /// 0.4 u. A product rounds two operands, so adds about 0.6 u to the relative error; a chain of ten to twenty products,
    /// as these networks are, reaches some 2 u forward, and twice that back through as many again.
    @Test(
        "Rounded operands move velocity and gradient by a few roundings", .needsPlugin, arguments: ModelName.allCases)
    func accuracy(model: ModelName) throws {
        let small = try SmallNetwork(model)
        func results(_ engine: Engine) throws -> [[Double]] {
            try engine.function("precision", arguments: []) { _ in small.velocityAndGradient() }([])
                .map { try $0.numbers() }
        }
        let (rounded, exact) = (try results(Engine.of(.bfloat16)), try results(Engine.shared))
        let unit = 0x1p-8
        let errors = zip(rounded, exact).map(relativeError)
        #expect(errors[0] < 4 * unit && errors[0] > unit / 4, "velocity: \(errors[0])")
        #expect(errors[1] < 8 * unit && errors[1] > unit / 4, "gradient: \(errors[1])")
    }

    @Test(
        "In a training step and in a sampling loop only operands of products and results of convolutions are bfloat16",
        arguments: ModelName.allCases)
    func place(model: ModelName) throws {
        let small = try SmallNetwork(model)
        for body in [small.velocityAndGradient, small.sample] {
            let instructions = program(.bfloat16, body).entry.allInstructions
            let products = instructions.filter { ["dot_general", "convolution"].contains($0.mnemonic) }
            #expect(products.count > 4)
            for product in products {
                let result = product.mnemonic == "convolution" ? "bf16" : "f32"
                #expect(product.text.wholeMatch(of: signature(result)) != nil, "\(product.text)")
            }
            let others = instructions.filter { $0.text.contains("bf16") && !products.map(\.text).contains($0.text) }
            #expect(others.allSatisfy { $0.mnemonic == "convert" })
            // What was narrowed is read by products alone.
            let narrowed = Set(others.filter { $0.text.hasSuffix("xbf16>") }.flatMap(\.results))
            for instruction in instructions where !products.map(\.text).contains(instruction.text) {
                #expect(instruction.operands.isDisjoint(with: narrowed), "\(instruction.text)")
            }
        }
    }

    private func signature(_ result: String) -> Regex<Substring> {
        try! Regex(
            ".* : \\(tensor<[0-9x]*xbf16>, tensor<[0-9x]*xbf16>\\) -> tensor<[0-9x]*x\(result)>", as: Substring.self)
    }

    /// XLA computes float32 products whose operands are of the highest precision in float32, and those of the default
    /// precision as the platform likes: in TF32 on an NVIDIA GPU.
    @Test("TF32 is float32's program with the default precision instead of the highest", arguments: ModelName.allCases)
    func tensorFloat32(model: ModelName) throws {
        let small = try SmallNetwork(model)
        let exact = program(.float32, small.velocityAndGradient).text
        #expect(exact.contains("precision HIGHEST") && !exact.contains("precision DEFAULT"))
        let fast = program(.tensorFloat32, small.velocityAndGradient).text
        #expect(fast == exact.replacing("precision HIGHEST", with: "precision DEFAULT"))
    }
}

extension Region {
    fileprivate var allInstructions: [Instruction] {
        instructions + instructions.flatMap { $0.regions.flatMap(\.allInstructions) }
    }
}

extension Instruction {
    fileprivate var mnemonic: Substring {
        text.split(separator: "\"", maxSplits: 2).first.map { $0.dropFirst("stablehlo.".count) } ?? ""
    }

    /// Numbers of the values that it reads.
    fileprivate var operands: Set<Int> {
        Set(text.matches(of: /%(\d+)/).compactMap { Int($0.1) })
    }
}
