internal import CPJRT

/// A compiled program on the devices it was compiled for. Safe to run from several tasks at once.
package final class LoadedExecutable: Sendable {
    package let client: Client
    /// The part without devices, which answers questions about the program.
    package let program: Executable
    /// The devices it runs on: argument lists and result lists are in this order.
    package let devices: [Device]

    /// Types and dimensions of the results.
    package var outputs: [ArrayShape] { program.outputs }

    private let native: NativeLoadedExecutable
    var handle: OpaquePointer { native.handle }

    /// Takes over a loaded executable.
    init(adopting handle: OpaquePointer, of client: Client) throws(PJRTError) {
        native = NativeLoadedExecutable(handle, of: client)
        let plugin = client.plugin
        var related = PJRTRelatedArgs.of(handle)
        try plugin.check(plugin.functions.pointee.loaded_executable_executable(&related), .inspectExecutable)
        program = try Executable(
            adopting: plugin.object(related.related, .inspectExecutable), of: plugin, origin: native)
        var list = PJRTObjectListArgs.of(handle)
        try plugin.check(plugin.functions.pointee.loaded_executable_devices(&list), .inspectExecutable)
        devices = client.devices(in: list)
        self.client = client
    }
}

/// The plugin's loaded executable, which the part without devices must not outlive.
private final class NativeLoadedExecutable: Sendable {
    private let client: Client
    nonisolated(unsafe) let handle: OpaquePointer
    private let entry = LiveObject(.loadedExecutable)

    init(_ handle: OpaquePointer, of client: Client) {
        self.handle = handle
        self.client = client
    }

    deinit {
        client.plugin.release(handle, entry) { client.plugin.functions.pointee.loaded_executable_destroy($0) }
    }
}
