internal import CPJRT

/// A compiled program, without the devices it may have been loaded on.
package final class Executable: Sendable {
    /// The name of the program's module.
    package let name: String
    /// Types and dimensions of the results.
    package let outputs: [ArrayShape]

    private let plugin: Plugin
    /// What it was compiled for, which it must not outlive.
    private let origin: any Sendable
    private nonisolated(unsafe) let handle: OpaquePointer
    private let entry: LiveObject

    /// Takes over an executable.
    /// - Parameter origin: the loaded executable or topology it belongs to
    init(adopting handle: OpaquePointer, of plugin: Plugin, origin: any Sendable) throws(PJRTError) {
        let entry = LiveObject(.executable)
        let functions = plugin.functions
        do {
            name = try plugin.text(of: handle, .inspectExecutable) { functions.pointee.executable_name($0) }
            outputs = try plugin.outputShapes(of: handle)
        } catch {
            plugin.release(handle, entry) { functions.pointee.executable_destroy($0) }
            throw error
        }
        self.handle = handle
        self.entry = entry
        self.plugin = plugin
        self.origin = origin
    }

    deinit { plugin.release(handle, entry) { plugin.functions.pointee.executable_destroy($0) } }

    /// The executable as bytes for ``Client/load(serialized:)``, with a checksum.
    /// - Throws: The plugin's error when it cannot serialise.
    package func serialized() throws(PJRTError) -> [UInt8] {
        defer { extendLifetime(self) }
        var arguments = PJRTSerializeArgs.zeroed
        arguments.executable = handle
        try plugin.check(plugin.functions.pointee.executable_serialize(&arguments), .serializeExecutable)
        defer { arguments.release?(arguments.storage) }
        return SealedBytes.seal(
            UnsafeRawBufferPointer(start: arguments.bytes, count: arguments.bytes == nil ? 0 : arguments.count))
    }

    /// What the program needs of the device's memory, or nil where the plugin does not tell.
    package func memoryStatistics() throws(PJRTError) -> ExecutableMemoryStatistics? {
        guard let read = plugin.functions.pointee.executable_memory else { return nil }
        defer { extendLifetime(self) }
        var report = PJRTExecutableMemoryArgs.zeroed
        report.executable = handle
        if try isUnimplemented(read(&report)) { return nil }
        return ExecutableMemoryStatistics(
            code: Int(report.code), arguments: Int(report.arguments), outputs: Int(report.outputs),
            aliased: Int(report.aliased), temporaries: Int(report.temporaries))
    }

    /// What the compiler made of the program, or nil where the plugin does not tell.
    package func optimizedProgram() throws(PJRTError) -> OptimizedProgram? {
        guard let read = plugin.functions.pointee.executable_optimized_program else { return nil }
        defer { extendLifetime(self) }
        var program = PJRTProgram.zeroed
        // Whether the plugin does not tell, the first call says, which asks for the number of bytes.
        guard try fill(&program, with: read) else { return nil }
        let format = String(bytes: program.format, count: program.format_count)
        let code = UnsafeMutableBufferPointer<CChar>.allocate(capacity: program.code_count)
        defer { code.deallocate() }
        program.code = UnsafePointer(code.baseAddress)
        guard try fill(&program, with: read) else { return nil }
        return OptimizedProgram(
            format: format, bytes: code.prefix(program.code_count).map { UInt8(bitPattern: $0) })
    }

    private func fill(
        _ program: inout PJRTProgram, with read: (UnsafeMutablePointer<PJRTOptimizedProgramArgs>) -> OpaquePointer?
    ) throws(PJRTError) -> Bool {
        let error = withUnsafeMutablePointer(to: &program) { program in
            var arguments = PJRTOptimizedProgramArgs.zeroed
            arguments.executable = handle
            arguments.program = program
            return read(&arguments)
        }
        return try !isUnimplemented(error)
    }

    private func isUnimplemented(_ error: OpaquePointer?) throws(PJRTError) -> Bool {
        guard let failure = plugin.failure(error, .inspectExecutable) else { return false }
        if case .failure(_, code: .unimplemented, _) = failure { return true }
        throw failure
    }
}

/// A program as the compiler left it.
package struct OptimizedProgram: Sendable {
    /// The plugin's name of what `bytes` are; `hlo` is a serialised `xla.HloModuleProto`.
    package let format: String
    package let bytes: [UInt8]
}

/// Bytes a compiled program needs on its device.
package struct ExecutableMemoryStatistics: Sendable, Hashable {
    package let code: Int
    package let arguments: Int
    package let outputs: Int
    /// The part of `outputs` that lies in donated arguments.
    package let aliased: Int
    package let temporaries: Int
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
