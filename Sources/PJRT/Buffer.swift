internal import CPJRT

/// A dense array in a device's memory, released with the last reference to it.
///
/// An execution may take the memory of an argument for its results (donation); the buffer then stays as a value that
/// remembers its shape and whose every use throws ``PJRTError/bufferDonated(shape:argument:)``.
package final class Buffer: Sendable {
    package let device: Device
    /// Element type and dimensions.
    package let shape: ArrayShape
    /// Bytes of the array in dense row-major layout.
    package let byteCount: Int

    nonisolated(unsafe) let handle: OpaquePointer
    private let entry = LiveObject(.buffer)

    package var client: Client { device.client }
    package var type: ElementType { shape.type }
    /// Outermost first; empty for a scalar.
    package var dimensions: [Int] { shape.dimensions }

    /// Copies an array to a device; returns when the bytes are no longer needed.
    /// - Parameters:
    ///   - bytes: The elements, dense and row-major, in host byte order.
    ///   - shape: The array's type and dimensions.
    ///   - device: Where it goes.
    /// - Throws: ``PJRTError/byteCountMismatch(expected:actual:shape:)``, ``PJRTError/invalidDimensions(_:)``, or the
    ///   plugin's error, for instance when memory runs out.
    package convenience init(_ bytes: UnsafeRawBufferPointer, shape: ArrayShape, on device: Device) throws(PJRTError) {
        let handle = try Self.upload(bytes, shape: shape, to: device)
        self.init(adopting: handle, shape: shape, byteCount: bytes.count, on: device)
    }

    /// Takes over a buffer object of a known shape.
    init(adopting handle: OpaquePointer, shape: ArrayShape, byteCount: Int, on device: Device) {
        self.handle = handle
        self.shape = shape
        self.byteCount = byteCount
        self.device = device
    }

    /// Takes over a buffer object and asks the plugin for its shape.
    static func adopt(_ handle: OpaquePointer, on device: Device) throws(PJRTError) -> Buffer {
        do {
            let shape = try ArrayShape(of: handle, in: device.client.plugin)
            return Buffer(adopting: handle, shape: shape, byteCount: try shape.byteCount(), on: device)
        } catch {
            discard(handle, of: device.client.plugin)
            throw error
        }
    }

    /// Releases a buffer object that no `Buffer` has taken over.
    static func discard(_ handle: OpaquePointer, of plugin: Plugin) {
        plugin.release(handle, LiveObject(.buffer)) { plugin.functions.pointee.buffer_destroy($0) }
    }

    deinit { client.plugin.release(handle, entry) { client.plugin.functions.pointee.buffer_destroy($0) } }

    /// Whether an execution has taken the buffer's memory.
    package var isDonated: Bool {
        defer { extendLifetime(self) }
        var state = PJRTFlagArgs.of(handle)
        let failure = client.plugin.failure(client.plugin.functions.pointee.buffer_is_deleted(&state), .inspectBuffer)
        return failure != nil || state.flag
    }
}

extension ArrayShape {
    fileprivate init(of buffer: OpaquePointer, in plugin: Plugin) throws(PJRTError) {
        var code = PJRTNumberArgs.of(buffer)
        try plugin.check(plugin.functions.pointee.buffer_type(&code), .inspectBuffer)
        var list = PJRTDimensionsArgs.of(buffer)
        try plugin.check(plugin.functions.pointee.buffer_dimensions(&list), .inspectBuffer)
        let dimensions = UnsafeBufferPointer(start: list.items, count: list.items == nil ? 0 : list.count)
        self.init(try ElementType(code: code.number), dimensions.map(Int.init))
    }
}
