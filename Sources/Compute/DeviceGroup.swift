package import PJRT

/// The devices that programs run on together: one, or several that share every step's work.
///
/// With several, a program is compiled once and split by XLA's partitioner along the shardings written in it; every
/// device holds all arrays.
public struct DeviceGroup: Sendable {
    /// In the order of the batch's pieces.
    package let devices: [Device]
    /// The plugin's client that has them.
    package let client: Client

    /// - Parameters:
    ///   - client: of the plugin
    ///   - first: number of the first device among the client's
    ///   - count: devices from `first` on, in the client's order
    /// - Throws: ``ComputeError/noSuchDevice(index:count:platform:)``
    package init(_ client: Client, first: Int = 0, count: Int = 1) throws(ComputeError) {
        let available = client.devices
        guard first >= 0, count >= 1, count <= available.count, first <= available.count - count else {
            let (end, overflow) = first.addingReportingOverflow(max(count, 1))
            throw .noSuchDevice(
                index: overflow ? .max : end - 1, count: available.count, platform: client.platformName)
        }
        devices = Array(available[first..<first + count])
        self.client = client
    }

    /// How many there are.
    public var count: Int { devices.count }

    /// What kind of device it is, as the plugin says.
    public var kind: String { count == 1 ? devices[0].kind : "\(count) x \(devices[0].kind)" }
}
