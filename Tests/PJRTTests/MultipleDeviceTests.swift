import PJRT
import Testing

extension PluginTests {
    @Suite struct MultipleDeviceTests {
        @Test(arguments: [2, 4]) func replicasReduceTheirValues(count: Int) throws {
            let group = (0..<count).map(String.init).joined(separator: ", ")
            let program = """
                module {
                  func.func public @main(%x: tensor<2xf32>) -> tensor<2xf32> {
                    %sum = "stablehlo.all_reduce"(%x) ({
                      ^bb0(%a: tensor<f32>, %b: tensor<f32>):
                        %c = stablehlo.add %a, %b : tensor<f32>
                        stablehlo.return %c : tensor<f32>
                    }) {replica_groups = dense<[[\(group)]]> : tensor<1x\(count)xi64>} : (tensor<2xf32>) -> tensor<2xf32>
                    return %sum : tensor<2xf32>
                  }
                }
                """
            try withClient(["cpu_device_count": .int64(Int64(count))]) { client in
                let executable = try client.compile(program, options: CompileOptions(replicaCount: count))
                #expect(executable.devices == client.devices)
                let arguments = try (0..<count).map { [try client.array([Float($0), 1], on: $0)] }
                let results = try executable.execute(arguments)
                #expect(results.count == count)
                for (device, list) in results.enumerated() {
                    #expect(list[0].device.id == device)
                    #expect(try list[0].values(as: Float.self) == [Float(count * (count - 1) / 2), Float(count)])
                }
            }
        }

        @Test(arguments: [2, 4]) func aProgramIsSplitByItsShardings(count: Int) throws {
            let sharding = "mhlo.sharding = \"{devices=[\(count),1]<=[\(count)]}\""
            let program = """
                module {
                  func.func public @main(%x: tensor<4x2xf32> {\(sharding)})
                      -> (tensor<4x2xf32> {\(sharding)}, tensor<2xf32> {mhlo.sharding = "{replicated}"}) {
                    %zero = stablehlo.constant dense<0.0> : tensor<f32>
                    %y = stablehlo.add %x, %x : tensor<4x2xf32>
                    %sum = stablehlo.reduce(%x init: %zero) applies stablehlo.add across dimensions = [0]
                        : (tensor<4x2xf32>, tensor<f32>) -> tensor<2xf32>
                    return %y, %sum : tensor<4x2xf32>, tensor<2xf32>
                  }
                }
                """
            try withClient(["cpu_device_count": .int64(Int64(count))]) { client in
                let options = CompileOptions(partitionCount: count, usesSPMDPartitioning: true)
                let executable = try client.compile(program, options: options)
                let rows = 4 / count
                let all = (0..<8).map(Float.init)
                let arguments = try (0..<count).map { device in
                    [
                        try client.array(
                            Array(all[(device * rows * 2)..<((device + 1) * rows * 2)]), [rows, 2], on: device)
                    ]
                }
                let results = try executable.execute(arguments)
                #expect(try results.flatMap { try $0[0].values(as: Float.self) } == all.map { 2 * $0 })
                for list in results {
                    #expect(list[0].dimensions == [rows, 2])
                    #expect(try list[1].values(as: Float.self) == [0 + 2 + 4 + 6, 1 + 3 + 5 + 7])
                }
            }
        }

        @Test func aProgramRunsOnTheDeviceAskedFor() throws {
            try withClient(["cpu_device_count": 4]) { client in
                let executable = try client.compile(Programs.double, options: CompileOptions(deviceIDs: [2]))
                #expect(executable.devices.map(\.id) == [2])
                #expect(throws: PJRTError.self, "a buffer of another device") {
                    try executable.execute([try client.array([1, 2, 3, 4], on: 1)])
                }
                let result = try executable.execute([try client.array([1, 2, 3, 4], on: 2)])[0]
                #expect(result.device.id == 2)
                #expect(try result.values(as: Float.self) == [2, 4, 6, 8])
            }
        }

        @Test func devicesThatAreNotThereAreAnError() throws {
            try withClient(["cpu_device_count": 2]) { client in
                for options in [
                    CompileOptions(replicaCount: 3), CompileOptions(replicaCount: 0),
                    CompileOptions(replicaCount: 2, deviceIDs: [0]),
                    CompileOptions(replicaCount: 2, deviceIDs: [1, 1]),
                    CompileOptions(deviceIDs: [7]), CompileOptions(replicaCount: .max, partitionCount: 2),
                ] {
                    #expect {
                        _ = try client.compile(Programs.double, options: options)
                    } throws: { error in
                        guard case PJRTError.invalidDeviceAssignment = error else { return false }
                        return true
                    }
                }
                let pair = try client.compile(Programs.double, options: CompileOptions(replicaCount: 2))
                let x = try client.array([1, 2, 3, 4])
                #expect(throws: PJRTError.argumentCountMismatch(expected: 1, actual: 0, device: 1)) {
                    try pair.execute([[x], []])
                }
            }
        }
    }
}
