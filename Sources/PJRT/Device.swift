internal import CPJRT

/// A device of a client: a processor with its memory.
package struct Device: Sendable {
    package let client: Client
    /// The plugin's number for the device, unique in the client.
    package let id: Int
    /// The model, such as `"cpu"` or `"NVIDIA H200"`.
    package let kind: String
    /// The plugin's own wording, such as `"CpuDevice(id=0)"`.
    package let description: String

    nonisolated(unsafe) let handle: OpaquePointer

    init(_ native: NativeDevice, of client: Client) {
        self.client = client
        id = native.id
        kind = native.kind
        description = native.description
        handle = native.handle
    }

    /// The state of the device's memory, or nil where the plugin does not keep account of it (CPU).
    package func memoryStatistics() throws(PJRTError) -> DeviceMemoryStatistics? {
        guard let read = client.plugin.functions.pointee.device_memory else { return nil }
        defer { extendLifetime(client) }
        var report = PJRTDeviceMemoryArgs.zeroed
        report.device = handle
        if let failure = client.plugin.failure(read(&report), .readMemoryStatistics) {
            if case .failure(_, code: .unimplemented, _) = failure { return nil }
            throw failure
        }
        return DeviceMemoryStatistics(
            bytesInUse: Int(report.bytes_in_use), peakBytesInUse: report.peak_bytes_in_use.known,
            bytesLimit: report.bytes_limit.known)
    }
}

extension Device: Hashable {
    package static func == (left: Device, right: Device) -> Bool { left.handle == right.handle }
    package func hash(into hasher: inout Hasher) { hasher.combine(handle) }
}

/// Bytes of a device's memory.
package struct DeviceMemoryStatistics: Sendable, Hashable {
    package let bytesInUse: Int
    /// The most that was in use at once, where the plugin tells.
    package let peakBytesInUse: Int?
    /// What may be used in all, where the plugin tells.
    package let bytesLimit: Int?
}

extension PJRTOptionalCount {
    fileprivate var known: Int? { is_set ? Int(value) : nil }
}

/// A device as a client keeps it; owned by the plugin's client.
struct NativeDevice: Sendable {
    nonisolated(unsafe) let handle: OpaquePointer
    let id: Int
    let kind: String
    let description: String

    static func all(in list: PJRTObjectListArgs, of plugin: Plugin) throws(PJRTError) -> [NativeDevice] {
        var devices: [NativeDevice] = []
        for handle in UnsafeBufferPointer(start: list.items, count: list.items == nil ? 0 : list.count) {
            devices.append(try NativeDevice(plugin.object(handle, .inspectDevice), of: plugin))
        }
        return devices
    }

    private init(_ handle: OpaquePointer, of plugin: Plugin) throws(PJRTError) {
        let functions = plugin.functions
        var related = PJRTRelatedArgs.of(handle)
        try plugin.check(functions.pointee.device_description(&related), .inspectDevice)
        let record = try plugin.object(related.related, .inspectDevice)
        var number = PJRTNumberArgs.of(record)
        try plugin.check(functions.pointee.device_description_id(&number), .inspectDevice)
        self.handle = handle
        id = Int(number.number)
        kind = try plugin.text(of: record, .inspectDevice) { functions.pointee.device_description_kind($0) }
        description = try plugin.text(of: record, .inspectDevice) {
            functions.pointee.device_description_to_string($0)
        }
    }
}
