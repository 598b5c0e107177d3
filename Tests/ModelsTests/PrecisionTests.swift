import Compute
import Flows
import Models
import NN
import Settings
import StableHLO
import Tensors
import TestSupport
import Testing

/// One network of each kind, with what its programs take: weights, images, times, labels and a target.
private struct SmallNetwork {
    let network: any ConditionalNetwork
    let tree: ParameterTree
    private static let batch = 4

    private static let sizes: [String: [String]] = [
        "unet": ["channels=8,16", "num_residual_layers=1"],
        "dit": ["hidden_dim=32", "num_heads=2", "depth=1", "patch_size=2"],
        "mamba": ["d_model=32", "d_state=4", "depth=1", "patch_size=4"],
    ]

    init(_ model: String) throws {
        let sizes = SmallNetwork.sizes[model, default: []] + ["image_size=8", "t_embed_dim=16", "y_embed_dim=16"]
        network = try ModelSlot.network(model, sizes)
        tree = try ParameterTree(of: network)
    }

    /// Random numbers; state has its first values.
    func arguments() -> [HostArray] {
        var generator = SeededGenerator(seed: 4)
        let weights = tree.entries.map { entry in
            let type = entry.parameter.type
            if entry.parameter.isTrainable { return generator.array(type.shape, in: -0.3...0.3, .float32) }
            let value = entry.name.hasSuffix("var") ? 1.0 : 0
            return HostArray([Double](repeating: value, count: type.elementCount), type.shape, type.elementType)
        }
        let images = [SmallNetwork.batch] + network.imageShape
        return weights + [
            generator.array(images, .float32), generator.array([SmallNetwork.batch], in: 0...1, .float32),
            HostArray((0..<SmallNetwork.batch).map { Double($0) }, [SmallNetwork.batch], .int32),
            generator.array(images, .float32),
        ]
    }

    /// The velocity of a batch and the gradient of its loss with respect to all weights, each (n).
    func velocityAndGradient(_ arguments: [Tensor]) -> [Tensor] {
        let count = tree.entries.count
        let (weights, batch) = (Array(arguments[..<count]), Array(arguments[count...]))
        let context = Context(tree, values: weights, mode: .training)
        let velocity = network(batch[0], at: batch[1], labels: batch[2], context)
        let trained = zip(weights, tree.entries).filter(\.1.parameter.isTrainable).map(\.0)
        let slopes = gradients(
            of: flowMatchingLoss(output: velocity, target: batch[3]), withRespectTo: trained)
        return [velocity.flat, .concatenated(slopes.map(\.flat), along: 0)]
    }

    /// Guided steps of Euler's method, in a loop.
    func sample(_ arguments: [Tensor]) -> [Tensor] {
        let count = tree.entries.count
        let context = Context(tree, values: Array(arguments[..<count]), mode: .evaluation)
        let scale = Tensor(2, shape: [SmallNetwork.batch])
        let field = GuidedField(
            VelocityField(network, path: LinearPath(), prediction: VelocityPrediction()), ClassifierFreeGuidance())
        return [
            Euler().integrate(arguments[count], steps: 3) { x, time in
                field(x, at: time, labels: arguments[count + 2], scale: scale, context)
            }
        ]
    }
}

extension Tensor {
    fileprivate var flat: Tensor { reshaped(to: [elementCount]) }
}

@Suite("Precision of products")
struct PrecisionTests {
    private func program(
        _ small: SmallNetwork, _ precision: MatrixPrecision, _ body: ([Tensor]) -> [Tensor]
    ) -> Program {
        let options = LoweringOptions(precision: precision)
        return Tracer.program("test", arguments: small.arguments().map(\.type), options: options, body: body)
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
        "Rounded operands move velocity and gradient by a few roundings", .needsPlugin,
        arguments: Networks.registry.names)
    func accuracy(model: String) throws {
        let small = try SmallNetwork(model)
        let arguments = small.arguments()
        func results(_ engine: Engine) throws -> [[Double]] {
            let function = try engine.function(
                "precision", arguments: arguments.map(\.type), body: small.velocityAndGradient)
            return try function(arguments.map { try $0.array(on: engine.device) }).map { try $0.numbers() }
        }
        let (rounded, exact) = (try results(Engine.of(.bfloat16)), try results(Engine.shared))
        let unit = 0x1p-8
        let errors = zip(rounded, exact).map(relativeError)
        #expect(errors[0] < 4 * unit && errors[0] > unit / 4, "velocity: \(errors[0])")
        #expect(errors[1] < 8 * unit && errors[1] > unit / 4, "gradient: \(errors[1])")
    }

    @Test(
        "In a training step and in a sampling loop only operands of products and results of convolutions are bfloat16",
        arguments: Networks.registry.names)
    func place(model: String) throws {
        let small = try SmallNetwork(model)
        for body in [small.velocityAndGradient, small.sample] {
            let instructions = program(small, .bfloat16, body).entry.allInstructions
            let products = instructions.filter { ["dot_general", "convolution"].contains($0.mnemonic) }
            #expect(products.count > 4)
            for product in products {
                let result = product.mnemonic == "convolution" ? "bf16" : "f32"
                #expect(product.text.wholeMatch(of: signature(result)) != nil, "\(product.text)")
            }
            let others = instructions.filter { $0.text.contains("bf16") && !products.map(\.text).contains($0.text) }
            #expect(others.allSatisfy { ["convert", "reverse"].contains($0.mnemonic) })
            // What was narrowed is read by products alone, as it is or reversed.
            let narrowed = Set(others.filter { $0.text.hasSuffix("xbf16>") }.flatMap(\.results))
            for instruction in instructions
            where instruction.mnemonic != "reverse" && !products.map(\.text).contains(instruction.text) {
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
    @Test(
        "TF32 is float32's program with the default precision instead of the highest",
        arguments: Networks.registry.names)
    func tensorFloat32(model: String) throws {
        let small = try SmallNetwork(model)
        let exact = program(small, .float32, small.velocityAndGradient).text
        #expect(exact.contains("precision HIGHEST") && !exact.contains("precision DEFAULT"))
        let fast = program(small, .tensorFloat32, small.velocityAndGradient).text
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
