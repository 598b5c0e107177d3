internal import CPJRT

extension Buffer {
    /// Copies host bytes to a device, waits until they are no longer needed, and returns the new buffer object.
    static func upload(
        _ bytes: UnsafeRawBufferPointer, shape: ArrayShape, to device: Device
    ) throws(PJRTError) -> OpaquePointer {
        let expected = try shape.byteCount()
        guard bytes.count == expected else {
            throw .byteCountMismatch(expected: expected, actual: bytes.count, shape: shape)
        }
        defer { extendLifetime(device) }
        let plugin = device.client.plugin
        let dimensions = shape.dimensions.map(Int64.init)
        var copy = PJRTBufferFromHostArgs.zeroed
        // An empty array may come without an address, which plugins do not expect.
        let error = withUnsafeBytes(of: UInt64(0)) { nothing in
            dimensions.withUnsafeBufferPointer { dimensions in
                copy.client = device.client.handle
                copy.data = bytes.baseAddress ?? nothing.baseAddress
                copy.type = shape.type.code
                copy.dimensions = dimensions.baseAddress
                copy.rank = dimensions.count
                copy.host_semantics = Int32(PJRT_HOST_IMMUTABLE_UNTIL_TRANSFER_COMPLETES)
                copy.device = device.handle
                return plugin.functions.pointee.client_buffer_from_host(&copy)
            }
        }
        try plugin.check(error, .copyToDevice)
        let transferred = copy.transferred.map { Event($0, of: device.client, operation: .copyToDevice) }
        let handle = try plugin.object(copy.buffer, .copyToDevice)
        do {
            try transferred?.wait()
        } catch {
            discard(handle, of: plugin)
            throw error
        }
        return handle
    }

    /// Copies the array to the host, dense and row-major; returns when the copy is complete.
    /// - Throws: ``PJRTError/byteCountMismatch(expected:actual:shape:)``, ``PJRTError/bufferDonated(shape:argument:)``,
    ///   or the error of the execution that should have filled the buffer.
    package func copyToHost(into destination: UnsafeMutableRawBufferPointer) throws(PJRTError) {
        guard destination.count == byteCount else {
            throw .byteCountMismatch(expected: byteCount, actual: destination.count, shape: shape)
        }
        if isDonated { throw .bufferDonated(shape: shape, argument: nil) }
        if byteCount == 0 { return }
        defer { extendLifetime(self) }
        let plugin = client.plugin
        let minorToMajor = (0..<dimensions.count).reversed().map(Int64.init)
        var copy = PJRTBufferToHostArgs.zeroed
        let error = minorToMajor.withUnsafeBufferPointer { order in
            var layout = PJRTLayout.zeroed
            layout.kind = Int32(PJRT_LAYOUT_TILED)
            layout.tiled = .zeroed
            layout.tiled.minor_to_major = order.baseAddress
            layout.tiled.minor_to_major_count = order.count
            return withUnsafeMutablePointer(to: &layout) { layout in
                copy.buffer = handle
                copy.layout = layout
                copy.destination = destination.baseAddress
                copy.count = destination.count
                return plugin.functions.pointee.buffer_to_host(&copy)
            }
        }
        try plugin.check(error, .copyToHost)
        try copy.transferred.map { Event($0, of: client, operation: .copyToHost) }?.wait()
    }

    /// The array's bytes, dense and row-major.
    /// - Throws: As ``copyToHost(into:)``.
    package func bytes() throws(PJRTError) -> [UInt8] { try values(as: UInt8.self) }

    /// The array's elements, row-major.
    /// - Parameter type: A Swift type as wide as the buffer's elements; `UInt8` reads the plain bytes.
    /// - Throws: As ``copyToHost(into:)``; also ``PJRTError/byteCountMismatch(expected:actual:shape:)`` when values of
    ///   `type` do not fill the array evenly.
    package func values<Value: BitwiseCopyable>(as type: Value.Type) throws(PJRTError) -> [Value] {
        let count = byteCount / MemoryLayout<Value>.stride
        var failure: PJRTError?
        let values = [Value](unsafeUninitializedCapacity: count) { destination, filled in
            // The capacity may be larger than asked for.
            let exact = UnsafeMutableBufferPointer(rebasing: destination[..<count])
            do throws(PJRTError) {
                try copyToHost(into: UnsafeMutableRawBufferPointer(exact))
                filled = count
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return values
    }

    /// Copies host values to a device; returns when they are no longer needed.
    /// - Parameters:
    ///   - values: The elements, row-major; together they must have as many bytes as the array.
    ///   - shape: The array's type and dimensions.
    ///   - device: Where it goes.
    /// - Throws: As ``init(_:shape:on:)-(UnsafeRawBufferPointer,_,_)``.
    package convenience init<Value: BitwiseCopyable>(
        _ values: [Value], shape: ArrayShape, on device: Device
    ) throws(PJRTError) {
        let handle = try values.span.bytes.withUnsafeBytes { (bytes) throws(PJRTError) -> OpaquePointer in
            try Self.upload(bytes, shape: shape, to: device)
        }
        self.init(
            adopting: handle, shape: shape, byteCount: values.count * MemoryLayout<Value>.stride, on: device)
    }
}
