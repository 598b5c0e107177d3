internal import CPJRT

/// A plugin's runtime: its devices, and what is compiled for and stored on them. Safe to use from several tasks.
package final class Client: Sendable {
    package let plugin: Plugin
    /// Such as `"cpu"` or `"cuda"`.
    package let platformName: String
    /// The plugin's own wording of its version.
    package let platformVersion: String
    /// The devices this process can use, in the plugin's order.
    package var devices: [Device] { nativeDevices.map { Device($0, of: self) } }

    nonisolated(unsafe) let handle: OpaquePointer
    private let entry: LiveObject
    private let nativeDevices: [NativeDevice]

    /// Starts the runtime.
    /// - Parameters:
    ///   - plugin: The plugin to start.
    ///   - options: Named values that the plugin knows: `cpu_device_count` for the CPU plugin; `allocator`,
    ///     `memory_fraction`, `preallocate`, `visible_devices` for CUDA.
    /// - Throws: ``PJRTError/failure(_:code:message:)``, for instance when an option is unknown or no device is there;
    ///   ``PJRTError/nvidiaLibraryMissing(name:reason:plugin:)``.
    package init(_ plugin: Plugin, options: [String: NamedValue] = [:]) throws(PJRTError) {
        self.plugin = plugin
        try plugin.openDependencies()
        let native = NativeOptions(options)
        var creation = PJRTClientCreateArgs.zeroed
        let error = native.values.withUnsafeBufferPointer { values in
            creation.options = values.baseAddress
            creation.option_count = values.count
            return withExtendedLifetime(native) { plugin.functions.pointee.client_create(&creation) }
        }
        try plugin.check(error, .createClient)
        handle = try plugin.object(creation.client, .createClient)
        entry = LiveObject(.client)
        do {
            let functions = plugin.functions
            platformName = try plugin.text(of: handle, .inspectClient) { functions.pointee.client_platform_name($0) }
            platformVersion = try plugin.text(of: handle, .inspectClient) {
                functions.pointee.client_platform_version($0)
            }
            var list = PJRTObjectListArgs.of(handle)
            try plugin.check(functions.pointee.client_addressable_devices(&list), .inspectClient)
            nativeDevices = try NativeDevice.all(in: list, of: plugin)
        } catch {
            plugin.release(handle, entry) { plugin.functions.pointee.client_destroy($0) }
            throw error
        }
    }

    deinit { plugin.release(handle, entry) { plugin.functions.pointee.client_destroy($0) } }

    /// The devices of a native list that are this client's, in the list's order.
    func devices(in list: PJRTObjectListArgs) -> [Device] {
        UnsafeBufferPointer(start: list.items, count: list.items == nil ? 0 : list.count).compactMap { handle in
            nativeDevices.first { $0.handle == handle }.map { Device($0, of: self) }
        }
    }
}

extension Client {
    /// Compiles a StableHLO module, given as text, whose entry function is `main`.
    ///
    /// An argument with the attribute `tf.aliasing_output` is donated when the executable runs.
    /// - Throws: The plugin's parse or compile error, or ``PJRTError/invalidDeviceAssignment(reason:)``.
    package func compile(
        _ stablehlo: String, options: CompileOptions = CompileOptions()
    ) throws(PJRTError) -> LoadedExecutable {
        var compilation = PJRTCompileArgs.zeroed
        let error = try withProgram(stablehlo, options.serialized(deviceIDs: devices.map(\.id))) { program, options in
            compilation.client = handle
            compilation.program = program
            compilation.options = options.baseAddress
            compilation.option_count = options.count
            return plugin.functions.pointee.client_compile(&compilation)
        }
        try plugin.check(error, .compile)
        return try LoadedExecutable(adopting: plugin.object(compilation.executable, .compile), of: self)
    }

    /// Loads what ``LoadedExecutable/serialized()`` wrote. The bytes are valid only for the same plugin, the same kind
    /// of device and, on a CPU, the same instruction set; the caller vouches for that.
    /// - Throws: ``PJRTError/damagedExecutable`` when the bytes have changed since, or the plugin's error.
    package func load(serialized bytes: [UInt8]) throws(PJRTError) -> LoadedExecutable {
        var loading = PJRTDeserializeArgs.zeroed
        let error = try bytes.span.bytes.withUnsafeBytes { (bytes) throws(PJRTError) -> OpaquePointer? in
            guard let payload = SealedBytes.open(bytes) else { throw .damagedExecutable }
            loading.client = handle
            loading.bytes = payload.baseAddress?.assumingMemoryBound(to: CChar.self)
            loading.count = payload.count
            return plugin.functions.pointee.executable_deserialize_and_load(&loading)
        }
        try plugin.check(error, .loadExecutable)
        return try LoadedExecutable(adopting: plugin.object(loading.executable, .loadExecutable), of: self)
    }
}

/// Calls `body` with a program and its options in the form of the ABI.
func withProgram(
    _ stablehlo: String, _ options: [UInt8],
    _ body: (UnsafePointer<PJRTProgram>, UnsafeBufferPointer<CChar>) -> OpaquePointer?
) -> OpaquePointer? {
    let code = stablehlo.utf8CString
    let format = "mlir".utf8CString
    return code.withUnsafeBufferPointer { code in
        format.withUnsafeBufferPointer { format in
            options.withUnsafeBytes { options in
                var program = PJRTProgram.zeroed
                program.code = code.baseAddress
                program.code_count = code.count - 1
                program.format = format.baseAddress
                program.format_count = format.count - 1
                return withUnsafePointer(to: &program) { body($0, options.assumingMemoryBound(to: CChar.self)) }
            }
        }
    }
}
