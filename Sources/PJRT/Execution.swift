internal import CPJRT

/// A run of an executable that may still be under way. Its results may be given to further runs at once: the plugin
/// orders them. A run that fails makes every use of its results fail too.
package struct Execution: Sendable {
    /// The results, `[device][output]`.
    package let outputs: [[Buffer]]

    /// The run's end, which keeps no results.
    package let end: ExecutionEnd

    /// Blocks until all devices are done and throws the first error.
    package func wait() throws(PJRTError) { try end.wait() }

    /// Suspends until all devices are done and throws the first error.
    package func completed() async throws(PJRTError) {
        for event in end.events { try await event.completed() }
    }
}

/// The end of a run.
package struct ExecutionEnd: Sendable {
    fileprivate let events: [Event]

    /// Blocks until all devices are done and throws the first error.
    package func wait() throws(PJRTError) {
        for event in events { try event.wait() }
    }
}

extension LoadedExecutable {
    /// Runs the program on all its devices and waits for the end.
    /// - Parameters:
    ///   - arguments: `[device][argument]`, in the order of ``devices``. Arguments that the program aliases to results
    ///     are donated: they hold no array afterwards.
    ///   - keeping: Indices of arguments not to donate, whatever the program says; the plugin copies them.
    /// - Returns: The results, `[device][output]`.
    /// - Throws: ``PJRTError/deviceCountMismatch(expected:actual:)``,
    ///   ``PJRTError/argumentCountMismatch(expected:actual:device:)``, ``PJRTError/foreignBuffer(argument:)``,
    ///   ``PJRTError/bufferDonated(shape:argument:)``, or the plugin's error, for instance a shape that does not fit or
    ///   the error of a custom-call handler.
    package func execute(_ arguments: [[Buffer]], keeping: [Int] = []) throws(PJRTError) -> [[Buffer]] {
        let execution = try start(arguments, keeping: keeping)
        try execution.wait()
        return execution.outputs
    }

    /// Runs a program of one device and waits for the end.
    /// - Parameters:
    ///   - arguments: The arguments in order.
    ///   - keeping: Indices of arguments not to donate.
    /// - Throws: As ``execute(_:keeping:)-([[Buffer]],_)``.
    package func execute(_ arguments: [Buffer], keeping: [Int] = []) throws(PJRTError) -> [Buffer] {
        try execute([arguments], keeping: keeping)[0]
    }

    /// Starts a run. A plugin may return before the run's end or, when the run is short, after it.
    /// - Throws: As ``execute(_:keeping:)-([[Buffer]],_)``; errors of the run itself come from here when it has ended
    ///   already, else from the execution returned.
    package func start(_ arguments: [[Buffer]], keeping: [Int] = []) throws(PJRTError) -> Execution {
        defer { extendLifetime(self) }
        let argumentCount = try check(arguments)
        // Lists of the ABI lie flat, device after device.
        let handles = arguments.joined().map { Optional($0.handle) }
        var results = [OpaquePointer?](repeating: nil, count: devices.count * outputs.count)
        var completed = [OpaquePointer?](repeating: nil, count: devices.count)
        let error = withExtendedLifetime(arguments) {
            launch(handles, argumentCount, keeping.map(Int64.init), keeping.count, &results, &completed)
        }
        try client.plugin.check(error, .execute)
        let events = completed.compactMap { $0 }.map { Event($0, of: client, operation: .execute) }
        return Execution(outputs: try adopt(results), end: ExecutionEnd(events: events))
    }

    /// Checks what the plugin would not survive or not name, and returns the number of arguments a device.
    private func check(_ arguments: [[Buffer]]) throws(PJRTError) -> Int {
        guard arguments.count == devices.count else {
            throw .deviceCountMismatch(expected: devices.count, actual: arguments.count)
        }
        let count = arguments.first?.count ?? 0
        for (device, list) in arguments.enumerated() {
            guard list.count == count else {
                throw .argumentCountMismatch(expected: count, actual: list.count, device: device)
            }
            for (index, buffer) in list.enumerated() {
                guard buffer.client === client else { throw .foreignBuffer(argument: index) }
                if buffer.isDonated { throw .bufferDonated(shape: buffer.shape, argument: index) }
            }
        }
        return count
    }

    private func launch(
        _ arguments: UnsafePointer<OpaquePointer?>, _ argumentCount: Int,
        _ kept: UnsafePointer<Int64>, _ keptCount: Int,
        _ results: UnsafeMutablePointer<OpaquePointer?>, _ completed: UnsafeMutablePointer<OpaquePointer?>
    ) -> OpaquePointer? {
        let argumentLists = devices.indices.map { Optional(arguments + $0 * argumentCount) }
        let resultLists = devices.indices.map { Optional(results + $0 * outputs.count) }
        var options = PJRTExecuteOptions.zeroed
        options.non_donatable = kept
        options.non_donatable_count = keptCount
        var execution = PJRTExecuteArgs.zeroed
        execution.executable = handle
        execution.device_count = devices.count
        execution.argument_count = argumentCount
        execution.completed = completed
        return argumentLists.withUnsafeBufferPointer { argumentLists in
            resultLists.withUnsafeBufferPointer { resultLists in
                withUnsafeMutablePointer(to: &options) { options in
                    execution.options = options
                    execution.arguments = argumentLists.baseAddress
                    execution.outputs = resultLists.baseAddress
                    return client.plugin.functions.pointee.loaded_executable_execute(&execution)
                }
            }
        }
    }

    /// Takes over the result objects of a run, `[device * outputs.count + output]`.
    private func adopt(_ results: [OpaquePointer?]) throws(PJRTError) -> [[Buffer]] {
        var lists: [[Buffer]] = []
        var next = 0
        do {
            for device in devices {
                var list: [Buffer] = []
                for _ in outputs {
                    let handle = try client.plugin.object(results[next], .execute)
                    next += 1
                    list.append(try Buffer.adopt(handle, on: device))
                }
                lists.append(list)
            }
        } catch {
            for handle in results[next...] { handle.map { Buffer.discard($0, of: client.plugin) } }
            throw error
        }
        return lists
    }
}
