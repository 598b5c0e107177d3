internal import CPJRT

/// Work of the plugin that finishes later, with an error or without.
final class Event: Sendable {
    /// Keeps the client alive: an event must not outlive it.
    private let client: Client
    private nonisolated(unsafe) let handle: OpaquePointer
    private let operation: PluginOperation
    private let entry = LiveObject(.event)

    /// Takes over an event object.
    init(_ handle: OpaquePointer, of client: Client, operation: PluginOperation) {
        self.client = client
        self.handle = handle
        self.operation = operation
    }

    private var plugin: Plugin { client.plugin }

    deinit { plugin.release(handle, entry) { plugin.functions.pointee.event_destroy($0) } }

    /// Blocks until the work is done and throws its error.
    func wait() throws(PJRTError) {
        defer { extendLifetime(self) }
        var arguments = PJRTObjectArgs.of(handle)
        try plugin.check(plugin.functions.pointee.event_await(&arguments), operation)
    }

    /// Suspends until the work is done and throws its error.
    func completed() async throws(PJRTError) {
        defer { extendLifetime(self) }
        let failure = await withCheckedContinuation { (continuation: CheckedContinuation<PJRTError?, Never>) in
            let waiter = Waiter(plugin: plugin, operation: operation, continuation: continuation)
            var arguments = PJRTEventCallbackArgs.zeroed
            arguments.event = handle
            arguments.context = Unmanaged.passRetained(waiter).toOpaque()
            arguments.callback = { error, context in
                guard let context else { return }
                let waiter = Unmanaged<Waiter>.fromOpaque(context).takeRetainedValue()
                waiter.continuation.resume(returning: waiter.plugin.failure(error, waiter.operation))
            }
            if let refusal = plugin.failure(plugin.functions.pointee.event_on_ready(&arguments), operation) {
                Unmanaged.passUnretained(waiter).release()
                continuation.resume(returning: refusal)
            }
        }
        if let failure { throw failure }
    }

    private final class Waiter: Sendable {
        let plugin: Plugin
        let operation: PluginOperation
        let continuation: CheckedContinuation<PJRTError?, Never>

        init(plugin: Plugin, operation: PluginOperation, continuation: CheckedContinuation<PJRTError?, Never>) {
            self.plugin = plugin
            self.operation = operation
            self.continuation = continuation
        }
    }
}
