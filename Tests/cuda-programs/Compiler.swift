import CCUDAKernels
import CKernelCalls
import CUDAKernels
import Compute
import Foundation
import PJRT
import StableHLO
import Tensors

/// XLA's compiler for NVIDIA GPUs, and NVIDIA's own for our kernels, without a GPU.
struct Compiler {
    let plugin: Plugin
    let options: CompileOptions
    private let kernels: PlatformKernels

    /// - Parameter flags: XLA's, for every program
    init(pluginPath: String, flags: [String: CompileOptions.Flag]) throws {
        plugin = try Plugin.load(path: pluginPath)
        guard plugin.cudaVersion != nil else { throw NoCUDAPlugin(path: pluginPath) }
        kernels = try NativeKernels.registerForAbsentGPU(with: plugin)
        try NVRTC.load(anyOf: NVRTC.candidates(pluginPath: plugin.path))
        // Without a GPU nothing can be timed, so that nothing is chosen by time.
        options = CompileOptions(flags: ["xla_gpu_autotune_level": .int(0)].merging(flags) { $1 })
    }

    func lowering(_ precision: MatrixPrecision) -> LoweringOptions {
        LoweringOptions(precision: precision, nativeKernels: kernels)
    }

    func topology(of gpu: GPUDescription) throws -> Topology {
        try Topology(
            plugin,
            options: [
                "topology": "1x1x1", "target_config": .string(gpu.text(cudaVersion: plugin.cudaVersion ?? 0)),
            ])
    }

    /// Compiles the selective scan and its gradient for a GPU; returns the size of its machine code.
    ///
    /// - Parameters:
    ///   - states: a channel
    ///   - length: of the sequence
    func compileScan(for gpu: GPUDescription, states: Int, length: Int) throws -> Int {
        var binary: UnsafeMutableRawPointer?
        var size = 0
        var failure = FlowFailure()
        let spans = flow_scan_spans(Int64(length))
        guard flow_compile_scan(flow_nvrtc(), gpu.architecture, Int64(states), spans, &binary, &size, &failure) else {
            let sentence = withUnsafeBytes(of: failure.sentence) { $0.prefix { $0 != 0 } }
            throw ScanNotCompiled(reason: String(decoding: sentence, as: UTF8.self))
        }
        free(binary)
        return size
    }
}

struct NoCUDAPlugin: Error, CustomStringConvertible {
    let path: String?

    var description: String {
        (path.map { "'\($0)' is no plugin for NVIDIA's GPUs" } ?? "there is no plugin for NVIDIA's GPUs")
            + "; run `make setup-cuda`, or name one with --plugin"
    }
}

struct ScanNotCompiled: Error, CustomStringConvertible {
    let reason: String
    var description: String { reason }
}

extension Compiler: CustomStringConvertible {
    /// Plugin and libraries, for people.
    var description: String {
        let api = "PJRT API \(plugin.apiVersion.major).\(plugin.apiVersion.minor)"
        let cuda = (plugin.cudaVersion ?? 0) / 1000
        return "XLA's plugin of CUDA \(cuda), \(api)" + (NVRTC.version.map { ", NVRTC \($0)" } ?? "")
    }
}
