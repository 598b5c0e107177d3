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

    /// XLA's estimate of the work of one run, such as `flops` and `bytes accessed`, or nil where the plugin has none.
    public func costAnalysis() throws(PJRTError) -> [String: Double]? {
        guard let read = client.plugin.functions.pointee.executable_cost else { return nil }
        defer { extendLifetime(self) }
        var report = PJRTCostArgs.zeroed
        report.executable = program
        if try isUnimplemented(read(&report)) { return nil }
        return NamedValue.dictionary(report.items, count: report.count).compactMapValues { value in
            switch value {
            case .float(let real): Double(real)
            case .int64(let integer): Double(integer)
            default: nil
            }
        }
    }

    /// The plugin's hash of the program and its options, or nil where the plugin has none.
    public func fingerprint() throws(PJRTError) -> String? {
        guard let read = client.plugin.functions.pointee.executable_fingerprint else { return nil }
        defer { extendLifetime(self) }
        var report = PJRTTextArgs.of(program)
        if try isUnimplemented(read(&report)) { return nil }
        return String(bytes: report.text, count: report.count)
    }

    private func isUnimplemented(_ error: OpaquePointer?) throws(PJRTError) -> Bool {
        guard let failure = client.plugin.failure(error, .inspectExecutable) else { return false }
        if case .failure(_, code: .unimplemented, _) = failure { return true }
        throw failure
    }
}
