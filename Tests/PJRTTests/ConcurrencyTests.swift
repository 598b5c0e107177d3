import PJRT
import Testing

extension PluginTests {
    @Suite struct ConcurrencyTests {
        @Test func oneExecutableServesSeveralTasks() async throws {
            try await withClient { client in
                let executable = try client.compile(Programs.donating)
                try await withThrowingTaskGroup(of: [Float].self) { group in
                    for task in 0..<8 {
                        group.addTask {
                            var x = try client.array([Float(task), 0, 0])
                            let y = try client.array([1, 1, 1])
                            for step in 0..<20 {
                                let execution = try executable.start([[x, y]])
                                if step.isMultiple(of: 2) {
                                    try await execution.completed()
                                } else {
                                    try execution.wait()
                                }
                                x = execution.outputs[0][0]
                            }
                            return try x.values(as: Float.self)
                        }
                    }
                    var firsts: [Float] = []
                    for try await values in group {
                        firsts.append(values[0])
                        #expect(values[1...] == [20, 20])
                    }
                    #expect(firsts.sorted() == (0..<8).map { Float($0 + 20) })
                }
            }
        }

        @Test func programsCompileAtTheSameTime() async throws {
            try await withClient { client in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for factor in 1...4 {
                        group.addTask {
                            let executable = try client.compile(
                                """
                                module { func.func public @main(%x: tensor<4xf32>) -> tensor<4xf32> {
                                  %c = stablehlo.constant dense<\(factor).0> : tensor<4xf32>
                                  %y = stablehlo.multiply %x, %c : tensor<4xf32>
                                  return %y : tensor<4xf32>
                                } }
                                """)
                            let result = try executable.execute([try client.array([1, 2, 3, 4])])[0]
                            #expect(try result.values(as: Float.self) == [1, 2, 3, 4].map { $0 * Float(factor) })
                        }
                    }
                    try await group.waitForAll()
                }
            }
        }
    }
}
