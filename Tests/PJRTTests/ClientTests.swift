import PJRT
import Testing

extension PluginTests {
    @Suite struct ClientTests {
        @Test func aPluginIsLoadedOnce() throws {
            let first = try PluginGate.plugin()
            let second = try Plugin.load(path: first.path)
            #expect(first === second)
            #expect(first.apiVersion.major == 0)
            #expect(first.attributes["stablehlo_current_version"] != nil)
        }

        @Test(arguments: [1, 2, 4]) func theClientHasTheDevicesAskedFor(count: Int) throws {
            try withClient(["cpu_device_count": .int64(Int64(count))]) { client in
                #expect(client.platformName == "cpu")
                #expect(client.devices.map(\.id) == Array(0..<count))
                #expect(client.devices.allSatisfy { $0.kind == "cpu" && !$0.description.isEmpty })
                let memory = try client.devices[0].memoryStatistics()
                #expect(memory == nil, "this plugin keeps no account of a CPU's memory")
            }
        }

        @Test func anOptionOfTheWrongKindIsAnError() throws {
            let plugin = try PluginGate.plugin()
            // Older plugins end the process here; callers give options the kinds that plugins document.
            guard plugin.apiVersion.minor >= 115 else { return }
            LiveObjects.$current.withValue(LiveObjects()) {
                #expect {
                    _ = try Client(plugin, options: ["cpu_device_count": "two"])
                } throws: { error in
                    guard case PJRTError.failure(.createClient, _, let message) = error else { return false }
                    return message.contains("cpu_device_count")
                }
                #expect(LiveObjects.current.counts[.client] == 0)
            }
        }
    }
}
