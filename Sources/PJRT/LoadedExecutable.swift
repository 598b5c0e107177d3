internal import CPJRT

/// A compiled program on the devices it was compiled for. Safe to run from several tasks at once.
public final class LoadedExecutable: Sendable {
    public let client: Client
    /// The name of the program's module.
    public let name: String
    /// The devices it runs on: argument lists and result lists are in this order.
    public let devices: [Device]
    /// Types and dimensions of the results.
    public let outputs: [ArrayShape]

    nonisolated(unsafe) let handle: OpaquePointer
    /// The part without devices, which answers questions about the program.
    nonisolated(unsafe) let program: OpaquePointer
    private let entry: LiveObject
    private let programEntry: LiveObject

    /// Takes over a loaded executable.
    init(adopting handle: OpaquePointer, of client: Client) throws(PJRTError) {
        let entry = LiveObject(.loadedExecutable)
        let plugin = client.plugin
        let functions = plugin.functions
        var program: (handle: OpaquePointer, entry: LiveObject)?
        do {
            var related = PJRTRelatedArgs.of(handle)
            try plugin.check(functions.pointee.loaded_executable_executable(&related), .inspectExecutable)
            let executable = try plugin.object(related.related, .inspectExecutable)
            let programEntry = LiveObject(.executable)
            program = (executable, programEntry)
            var list = PJRTObjectListArgs.of(handle)
            try plugin.check(functions.pointee.loaded_executable_devices(&list), .inspectExecutable)
            name = try plugin.text(of: executable, .inspectExecutable) { functions.pointee.executable_name($0) }
            outputs = try plugin.outputShapes(of: executable)
            devices = client.devices(in: list)
            self.program = executable
            self.programEntry = programEntry
        } catch {
            if let program {
                plugin.release(program.handle, program.entry) { functions.pointee.executable_destroy($0) }
            }
            plugin.release(handle, entry) { functions.pointee.loaded_executable_destroy($0) }
            throw error
        }
        self.handle = handle
        self.entry = entry
        self.client = client
    }

    deinit {
        let functions = client.plugin.functions
        client.plugin.release(program, programEntry) { functions.pointee.executable_destroy($0) }
        client.plugin.release(handle, entry) { functions.pointee.loaded_executable_destroy($0) }
    }

    /// The executable as bytes for ``Client/load(serialized:)``, with a checksum.
    /// - Throws: The plugin's error when it cannot serialise.
    public func serialized() throws(PJRTError) -> [UInt8] {
        defer { extendLifetime(self) }
        var arguments = PJRTSerializeArgs.zeroed
        arguments.executable = program
        try client.plugin.check(
            client.plugin.functions.pointee.executable_serialize(&arguments), .serializeExecutable)
        defer { arguments.release?(arguments.storage) }
        return SealedBytes.seal(
            UnsafeRawBufferPointer(start: arguments.bytes, count: arguments.bytes == nil ? 0 : arguments.count))
    }
}

extension Plugin {
    fileprivate func outputShapes(of executable: OpaquePointer) throws(PJRTError) -> [ArrayShape] {
        var number = PJRTSizeArgs.of(executable)
        try check(functions.pointee.executable_output_count(&number), .inspectExecutable)
        let count = Int(number.size)
        if count == 0 { return [] }
        var types = PJRTTypeListArgs.of(executable)
        try check(functions.pointee.executable_output_types(&types), .inspectExecutable)
        var shapes = PJRTOutputDimensionsArgs.zeroed
        shapes.executable = executable
        try check(functions.pointee.executable_output_dimensions(&shapes), .inspectExecutable)
        guard let codes = types.items, types.count == count, let ranks = shapes.ranks, shapes.count == count else {
            throw .failure(.inspectExecutable, code: .internal, message: "its lists of results disagree.")
        }
        var outputs: [ArrayShape] = []
        var start = 0
        for output in 0..<count {
            let dimensions = UnsafeBufferPointer(
                start: shapes.dimensions.map { $0 + start }, count: shapes.dimensions == nil ? 0 : ranks[output])
            outputs.append(ArrayShape(try ElementType(code: codes[output]), dimensions.map(Int.init)))
            start += ranks[output]
        }
        return outputs
    }
}
