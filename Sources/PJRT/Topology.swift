internal import CPJRT

/// Devices as they are described, which need not be there: programs are compiled for them, and not run.
package final class Topology: Sendable {
    package let plugin: Plugin
    private nonisolated(unsafe) let handle: OpaquePointer
    private let entry: LiveObject

    /// - Parameters:
    ///   - plugin: of the devices' platform
    ///   - options: Named values that the plugin knows. XLA's for GPUs takes `topology`, "1x1x1" for one device, and
    ///     `target_config`, the text of a `stream_executor.GpuTargetConfigProto`.
    /// - Throws: ``PJRTError/unsupported(feature:path:)``, or the plugin's refusal of the description.
    package init(_ plugin: Plugin, options: [String: NamedValue]) throws(PJRTError) {
        guard let create = plugin.functions.pointee.topology_create, plugin.canCompileForTopologies else {
            throw .unsupported(feature: "compiling for devices that are not there", path: plugin.path)
        }
        let native = NativeOptions(options)
        var creation = PJRTTopologyCreateArgs.zeroed
        let error = native.values.withUnsafeBufferPointer { values in
            creation.options = values.baseAddress
            creation.option_count = values.count
            return withExtendedLifetime(native) { create(&creation) }
        }
        try plugin.check(error, .describeDevices)
        handle = try plugin.object(creation.topology, .describeDevices)
        entry = LiveObject(.topology)
        self.plugin = plugin
    }

    deinit {
        guard let destroy = plugin.functions.pointee.topology_destroy else { return }
        plugin.release(handle, entry) { destroy($0) }
    }

    /// Compiles a StableHLO module, given as text, whose entry function is `main`, for the first device.
    /// - Throws: The plugin's parse or compile error.
    package func compile(_ stablehlo: String, options: CompileOptions = CompileOptions()) throws(PJRTError)
        -> Executable
    {
        guard let compile = plugin.functions.pointee.topology_compile else {
            throw .unsupported(feature: "compiling for devices that are not there", path: plugin.path)
        }
        var compilation = PJRTTopologyCompileArgs.zeroed
        let error = try withProgram(stablehlo, options.serialized(deviceIDs: [0])) { program, options in
            compilation.topology = handle
            compilation.program = program
            compilation.options = options.baseAddress
            compilation.option_count = options.count
            return compile(&compilation)
        }
        try plugin.check(error, .compile)
        return try Executable(adopting: plugin.object(compilation.executable, .compile), of: plugin, origin: self)
    }
}

extension Plugin {
    fileprivate var canCompileForTopologies: Bool {
        functions.pointee.topology_destroy != nil && functions.pointee.topology_compile != nil
    }
}
