import Compute
import Flows
import Models
import NN
import Settings
import StableHLO
import Tensors
import TestSupport
import Testing

/// Networks other than the reference's. They are traced in float64: weights decide the element type of a network.
@Suite("Networks of other sizes", .needsPlugin)
struct ModelGradientTests {
    static let specifications: [(String, [String])] = [
        ("unet", ["channels=3,4,5,6", "num_residual_layers=1", "t_embed_dim=6", "y_embed_dim=5", "image_size=16"]),
        (
            "unet",
            [
                "channels=4,3", "num_residual_layers=2", "t_embed_dim=4", "y_embed_dim=3", "image_size=8",
                "image_channels=2", "num_classes=3",
            ]
        ),
        (
            "dit",
            [
                "hidden_dim=48", "num_heads=3", "depth=2", "patch_size=2", "image_size=8", "t_embed_dim=10",
                "y_embed_dim=6", "mlp_ratio=1.5",
            ]
        ),
        (
            "dit",
            [
                "hidden_dim=12", "num_heads=4", "depth=1", "patch_size=8", "image_size=16", "t_embed_dim=8",
                "y_embed_dim=8", "image_channels=3",
            ]
        ),
        (
            "mamba",
            [
                "d_model=10", "d_state=5", "d_conv=3", "expand=3", "depth=2", "patch_size=4", "image_size=16",
                "t_embed_dim=6", "y_embed_dim=4",
            ]
        ),
        (
            "unet",
            [
                "channels=4,3,5", "num_residual_layers=1", "t_embed_dim=4", "y_embed_dim=3", "image_size=12",
                "image_channels=3", "num_classes=0",
            ]
        ),
        (
            "dit",
            [
                "hidden_dim=8", "num_heads=2", "depth=1", "patch_size=3", "image_size=9", "t_embed_dim=4",
                "y_embed_dim=4", "image_channels=3", "num_classes=1",
            ]
        ),
        (
            "mamba",
            [
                "d_model=6", "d_state=3", "depth=1", "patch_size=3", "image_size=6", "t_embed_dim=4",
                "y_embed_dim=4", "image_channels=3", "num_classes=37",
            ]
        ),
        (
            "mamba",
            [
                "d_model=17", "d_state=1", "d_conv=1", "expand=1", "depth=1", "patch_size=8", "image_size=8",
                "t_embed_dim=6", "y_embed_dim=4", "image_channels=2",
            ]
        ),
    ]

    @Test("Every kind of network is among them")
    func kinds() { #expect(Set(Self.specifications.map(\.0)) == Set(Networks.registry.names)) }

    @Test("The gradient of the loss is its slope along random directions", arguments: specifications)
    func slopes(model: String, assignments: [String]) throws {
        let network = try ModelSlot.network(model, assignments)
        let tree = try ParameterTree(of: network)
        let count = tree.trainableCount
        let batch = 3
        var generator = SeededGenerator(seed: 11)
        let (point, images) = (generator.array([count], in: -0.4...0.4), [batch] + network.imageShape)
        let inputs = [
            generator.array(images), generator.array([batch], in: 0...1),
            HostArray((0..<batch).map { Double($0 % (network.classCount + 1)) }, [batch], .int32),
            generator.array(images),
        ]
        let engine = try Engine.shared
        let types = [point.type, point.type, TensorType([], .float64)] + inputs.map(\.type)
        let function = try engine.function("slope", arguments: types) { arguments in
            let weights = unpacked(arguments[0] + arguments[1] * arguments[2], tree)
            let context = Context(tree, values: weights, mode: .training)
            let velocity = network(arguments[3], at: arguments[4], labels: arguments[5], context)
            #expect(context.unusedParameters == [])
            #expect(velocity.type == arguments[3].type)
            let loss = flowMatchingLoss(output: velocity, target: arguments[6])
            let trained = zip(weights, tree.entries).filter(\.1.parameter.isTrainable).map(\.0)
            let gradient = gradients(of: loss, withRespectTo: trained).map { $0.reshaped(to: [$0.elementCount]) }
            return [loss, (.concatenated(gradient, along: 0) * arguments[1]).sum()]
        }
        for _ in 0..<4 {
            let direction = generator.array([count])
            func evaluated(_ offset: Double) throws -> (loss: Double, slope: Double) {
                let all = [point, direction, HostArray([offset], [], .float64)] + inputs
                let results = try function(all.map { try $0.array(on: engine.device) })
                return (try results[0].numbers()[0], try results[1].numbers()[0])
            }
            let step = 1e-5
            let expected = try (evaluated(step).loss - evaluated(-step).loss) / (2 * step)
            let slope = try evaluated(0).slope
            #expect(abs(slope - expected) <= 1e-5 * (1 + abs(expected)))
            #expect(expected != 0)
        }
    }

    /// The weights of a network from one list of numbers; state has its first values.
    private func unpacked(_ packed: Tensor, _ tree: ParameterTree) -> [Tensor] {
        var start = 0
        return tree.entries.map { entry in
            let type = entry.parameter.type
            guard entry.parameter.isTrainable else {
                return type.elementType == .int64
                    ? Tensor(integer: 0, shape: type.shape, elementType: .int64)
                    : Tensor(entry.name.hasSuffix("var") ? 1 : 0, shape: type.shape, elementType: .float64)
            }
            defer { start += type.elementCount }
            return packed.sliced(start..<start + type.elementCount, along: 0).reshaped(to: type.shape)
        }
    }

    @Test(
        "An image's velocity in evaluation does not depend on the rest of its batch",
        arguments: [specifications[1], specifications[2], specifications[4]])
    func independence(model: String, assignments: [String]) throws {
        let network = try ModelSlot.network(model, assignments)
        let tree = try ParameterTree(of: network)
        var generator = SeededGenerator(seed: 5)
        let weights = generator.array([tree.trainableCount], in: -0.4...0.4)
        let x = generator.array([3] + network.imageShape)
        let inputs = [weights, x, generator.array([3], in: 0...1), HostArray([0, 2, 1], [3], .int32)]
        let results = try evaluate(inputs) { arguments in
            let context = Context(tree, values: unpacked(arguments[0], tree), mode: .evaluation)
            func velocity(_ images: Range<Int>) -> Tensor {
                let parts = arguments[1...].map { $0.sliced(images, along: 0) }
                return network(parts[0], at: parts[1], labels: parts[2], context)
            }
            return [velocity(0..<3).sliced(1..<2, along: 0), velocity(1..<2)]
        }
        #expect(worstDifference(results[0], results[1]) < 1e-10)
        #expect(results[0].contains { $0 != 0 })
    }

    @Test("Transformer-like networks start with a velocity of zero", arguments: [specifications[2], specifications[4]])
    func zeroStart(model: String, assignments: [String]) throws {
        let network = try ModelSlot.network(model, assignments)
        let tree = try ParameterTree(of: network)
        var generator = SeededGenerator(seed: 5)
        let x = generator.array([2] + network.imageShape, .float32)
        let results = try evaluate(
            HostArray([1], [], .uint64), x, HostArray([0.1, 0.9], [2]), HostArray([0, 1], [2], .int32)
        ) {
            let context = Context(tree, values: tree.initialValues(RandomStream(seed: $0[0])), mode: .training)
            return [network($0[1], at: $0[2], labels: $0[3], context)]
        }
        #expect(results[0].allSatisfy { $0 == 0 })
    }
}
