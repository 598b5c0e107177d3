import Compute
import Flows
import Models
import NN
import Settings
import StableHLO
import TestSupport
import Testing

@testable import Training

/// A step with native kernels is the step without them, and calls the kernels it should.
@Suite("Training steps with native kernels", .needsPlugin)
struct NativeStepTests {
    /// Networks wide enough for every kernel that the reference's sizes use.
    private static let sizes: [String: [String]] = [
        "unet": ["channels=16,32", "num_residual_layers=1"],
        "dit": ["hidden_dim=32", "num_heads=2", "depth=2"],
        "mamba": ["d_model=32", "depth=2"],
    ]

    private static let ofAll = ["linear", "linear_input_gradient", "linear_weight_gradient", "adam"]

    /// What each network calls, without "flow.".
    private static let kernels: [String: [String]] = [
        "unet": ofAll + [
            "convolution", "convolution_input_gradient", "convolution_weight_gradient", "silu_batch_norm",
            "silu_batch_norm_backward", "batch_norm_silu", "batch_norm_silu_backward", "embedding_add",
            "embedding_add_backward", "upsample_bilinear_2x", "upsample_bilinear_2x_backward",
        ],
        "dit": ofAll + [
            "attention", "attention_backward", "linear_gelu", "linear_input_gradient_gelu", "modulated_layer_norm",
            "modulated_layer_norm_backward", "gated_residual_layer_norm", "gated_residual_layer_norm_backward",
        ],
        "mamba": ofAll + [
            "gated_selective_scan", "gated_selective_scan_backward", "causal_depthwise_convolution",
            "causal_depthwise_convolution_backward", "modulated_layer_norm", "modulated_layer_norm_backward",
            "gated_residual_layer_norm", "gated_residual_layer_norm_backward",
        ],
    ]

    private struct Outcome {
        let metrics: [StepMetrics]
        let calls: [String: Int]
    }

    private func fiveSteps(_ model: String, _ settings: [String] = [], on engine: Engine) throws -> Outcome {
        let sizes = Self.sizes[model, default: []] + ["t_embed_dim=8", "y_embed_dim=8", "image_size=8"] + settings
        let texts = ["model=\(model)"] + sizes.map { "model.\($0)" }
        let configuration = try RunConfiguration().applying(texts.map { try Assignment(text: $0, from: "the test") })
        let network = try configuration.model.makeNetwork()
        let step = TrainingStep(try ParameterTree(of: network), configuration.weightUpdate)
        let program = try TrainingProgram(
            network, step, objective: configuration.objective, imageCount: TinyRun.imageCount, batchSize: 5, on: engine)
        var state = try TrainingState(step.layout, seed: 3, on: engine)
        let metrics = try program(
            &state, DeviceDataset(TinyRun.dataset(of: network), on: engine.device).arrays,
            seed: DeviceArray([3 as UInt64], TensorType([], .uint64), on: engine.device), count: 5)
        return Outcome(metrics: metrics, calls: program.function.nativeCalls)
    }

    @Test("It calls each kernel made for its network, and no other", arguments: Networks.registry.names)
    func calls(model: String) throws {
        let native = try NativeEngine.shared
        #if os(Linux) && arch(x86_64)
            #expect(native.problem == nil)
        #endif
        let expected = Set(Self.kernels[model, default: []].map { "flow." + $0 })
        let calls = try fiveSteps(model, on: native.engine).calls
        #expect(Set(calls.keys) == expected.intersection(native.kernels))
    }

    @Test("Its losses and gradient norms are those of XLA's own code", arguments: Networks.registry.names)
    func values(model: String) throws {
        expectEqual(
            try fiveSteps(model, on: NativeEngine.shared.engine), try fiveSteps(model, on: Engine.shared))
    }

    @Test(
        "So they are for colour, for other sides, and for any number of classes",
        arguments: [
            ("unet", ["image_channels=3", "image_size=12", "num_classes=0"]),
            ("dit", ["image_channels=3", "image_size=12", "patch_size=3", "num_classes=1", "depth=1"]),
            ("mamba", ["image_channels=3", "image_size=14", "patch_size=2", "num_classes=3000", "depth=1"]),
        ])
    func otherForms(model: String, settings: [String]) throws {
        expectEqual(
            try fiveSteps(model, settings, on: NativeEngine.shared.engine),
            try fiveSteps(model, settings, on: Engine.shared))
    }

    @Test(
        "Beyond what a kernel takes XLA computes; up to there the kernel does",
        arguments: [
            ("d_conv", 16, "flow.causal_depthwise_convolution"), ("d_state", 256, "flow.gated_selective_scan"),
        ] as [(String, Int, String)])
    func limits(setting: String, most: Int, kernel: String) throws {
        let native = try NativeEngine.shared.engine
        let settings = { (value: Int) in ["depth=1", "d_model=8", "\(setting)=\(value)"] }
        let beyond = try fiveSteps("mamba", settings(most + 1), on: native)
        let within = try fiveSteps("mamba", settings(most), on: native)
        for name in [kernel, kernel + "_backward"] {
            #expect(beyond.calls[name] == nil)
            #expect(within.calls[name] == 1)
        }
        #expect(beyond.calls["flow.linear"] == within.calls["flow.linear"])
        expectEqual(beyond, try fiveSteps("mamba", settings(most + 1), on: Engine.shared))
        expectEqual(within, try fiveSteps("mamba", settings(most), on: Engine.shared))
    }

    private func expectEqual(
        _ native: Outcome, _ plain: Outcome, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(plain.calls.isEmpty, sourceLocation: sourceLocation)
        for (a, b) in zip(native.metrics, plain.metrics) {
            #expect(abs(a.loss - b.loss) <= 2e-5 * b.loss, sourceLocation: sourceLocation)
            #expect(abs(a.gradientNorm - b.gradientNorm) <= 1e-4 * b.gradientNorm, sourceLocation: sourceLocation)
        }
    }
}
