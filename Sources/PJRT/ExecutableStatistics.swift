internal import CPJRT

/// Bytes a compiled program needs on its device.
public struct ExecutableMemoryStatistics: Sendable, Hashable {
    public let code: Int
    public let arguments: Int
    public let outputs: Int
    /// The part of `outputs` that lies in donated arguments.
    public let aliased: Int
    public let temporaries: Int
}

extension LoadedExecutable {
    /// What the program needs of the device's memory, or nil where the plugin does not tell.
    public func memoryStatistics() throws(PJRTError) -> ExecutableMemoryStatistics? {
        guard let read = client.plugin.functions.pointee.executable_memory else { return nil }
        defer { extendLifetime(self) }
        var report = PJRTExecutableMemoryArgs.zeroed
        report.executable = program
        if try isUnimplemented(read(&report)) { return nil }
        return ExecutableMemoryStatistics(
            code: Int(report.code), arguments: Int(report.arguments), outputs: Int(report.outputs),
            aliased: Int(report.aliased), temporaries: Int(report.temporaries))
    }

    private func isUnimplemented(_ error: OpaquePointer?) throws(PJRTError) -> Bool {
        guard let failure = client.plugin.failure(error, .inspectExecutable) else { return false }
        if case .failure(_, code: .unimplemented, _) = failure { return true }
        throw failure
    }
}
