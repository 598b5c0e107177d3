import PJRT
import Testing

extension PluginTests {
    @Suite struct ExecutionTests {
        @Test func philoxGivesTheNumbersOfItsDefinition() throws {
            let program = """
                module @philox {
                  func.func public @main(%key: tensor<2xui64>) -> (tensor<2xui64>, tensor<3xui32>) {
                    %state, %bits = stablehlo.rng_bit_generator %key, algorithm = PHILOX
                        : (tensor<2xui64>) -> (tensor<2xui64>, tensor<3xui32>)
                    return %state, %bits : tensor<2xui64>, tensor<3xui32>
                  }
                }
                """
            try withClient { client in
                let executable = try client.compile(program)
                #expect(executable.program.name == "philox")
                #expect(executable.outputs == [ArrayShape(.uint64, [2]), ArrayShape(.uint32, [3])])
                let key = try Buffer([1, 2] as [UInt64], shape: ArrayShape(.uint64, [2]), on: client.devices[0])
                let results = try executable.execute([key])
                #expect(try results[1].values(as: UInt32.self) == [2_100_602_697, 2_847_456_232, 2_074_354_647])
                #expect(!key.isDonated)
            }
        }

        @Test func anAliasedArgumentIsDonated() throws {
            try withClient { client in
                let executable = try client.compile(Programs.donating)
                let x = try client.array([1, 2, 3])
                let y = try client.array([10, 10, 10])
                let results = try executable.execute([x, y])
                #expect(try results[0].values(as: Float.self) == [2, 3, 4])
                #expect(try results[1].values(as: Float.self) == [10, 20, 30])
                #expect(x.isDonated)
                #expect(!y.isDonated)
                #expect(try executable.program.memoryStatistics()?.aliased == 12)
            }
        }

        @Test func useAfterDonationIsAnError() throws {
            try withClient { client in
                let executable = try client.compile(Programs.donating)
                let x = try client.array([1, 2, 3])
                let y = try client.array([10, 10, 10])
                _ = try executable.execute([x, y])
                let shape = ArrayShape(.float32, [3])
                #expect(throws: PJRTError.bufferDonated(shape: shape, argument: 1)) { try executable.execute([y, x]) }
                #expect(!y.isDonated, "a run that is refused donates nothing")
                #expect(throws: PJRTError.bufferDonated(shape: shape, argument: nil)) { try x.bytes() }
                #expect(x.dimensions == [3] && x.byteCount == 12)
            }
        }

        @Test func anArgumentCanBeKept() throws {
            try withClient { client in
                let executable = try client.compile(Programs.donating)
                let x = try client.array([1, 2, 3])
                let y = try client.array([10, 10, 10])
                let results = try executable.execute([x, y], keeping: [0])
                #expect(try results[0].values(as: Float.self) == [2, 3, 4])
                #expect(!x.isDonated)
                #expect(try x.values(as: Float.self) == [1, 2, 3])
            }
        }

        @Test func oneBufferIsNotDonatedTwiceInARun() throws {
            try withClient { client in
                let executable = try client.compile(Programs.donating)
                let x = try client.array([1, 2, 3])
                #expect(throws: PJRTError.self) { try executable.execute([x, x]) }
            }
        }

        @Test func argumentsThatDoNotFitAreErrors() throws {
            try withClient { client in
                let executable = try client.compile(Programs.double)
                let five = try client.array([1, 2, 3, 4, 5])
                let four = try client.array([1, 2, 3, 4])
                #expect(throws: PJRTError.self) { try executable.execute([five]) }
                #expect(throws: PJRTError.self) { try executable.execute([four, four]) }
                #expect(throws: PJRTError.self) { try executable.execute([[]]) }
                #expect(throws: PJRTError.deviceCountMismatch(expected: 1, actual: 2)) {
                    try executable.execute([[four], [four]])
                }
                let other = try Client(client.plugin, options: ["cpu_device_count": 1])
                let foreign = try other.array([1, 2, 3, 4])
                #expect(throws: PJRTError.foreignBuffer(argument: 0)) { try executable.execute([foreign]) }
            }
        }

        @Test func aProgramMayHaveNoArgumentsAndNoResults() throws {
            try withClient { client in
                let constant = try client.compile(
                    """
                    module { func.func public @main() -> tensor<2xi32> {
                      %c = stablehlo.constant dense<[7, -7]> : tensor<2xi32>
                      return %c : tensor<2xi32>
                    } }
                    """)
                #expect(try constant.execute([[]])[0][0].values(as: Int32.self) == [7, -7])
                let silent = try client.compile(
                    "module { func.func public @main(%x: tensor<2xf32>) { return } }")
                #expect(silent.outputs.isEmpty)
                #expect(try silent.execute([try client.array([1, 2])]).isEmpty)
            }
        }

        @Test func aRunCanBeAwaited() async throws {
            try await withClient { client in
                let executable = try client.compile(Programs.double)
                let first = try executable.start([[try client.array([1, 2, 3, 4])]])
                let second = try executable.start(first.outputs)
                try await second.completed()
                try await first.completed()
                #expect(try second.outputs[0][0].values(as: Float.self) == [4, 8, 12, 16])
            }
        }

        @Test(arguments: [
            "module { func.func public @main( }",
            "module { func.func public @main(%x: tensor<2xf32>) -> tensor<3xf32> { return %x : tensor<2xf32> } }",
            "module { func.func public @other() { return } }",
            "",
        ])
        func aBadProgramIsAnError(program: String) throws {
            try withClient { client in
                #expect {
                    _ = try client.compile(program)
                } throws: { error in
                    guard case PJRTError.failure(.compile, _, let message) = error else { return false }
                    return !message.isEmpty
                }
            }
        }

        @Test func aCompileErrorQuotesThePlugin() throws {
            try withClient { client in
                #expect {
                    _ = try client.compile(
                        """
                        module { func.func public @main(%x: tensor<2xf32>, %y: tensor<3xf32>) -> tensor<2xf32> {
                          %z = stablehlo.dot %x, %y : (tensor<2xf32>, tensor<3xf32>) -> tensor<2xf32>
                          return %z : tensor<2xf32>
                        } }
                        """)
                } throws: { "\($0)".hasPrefix("The plugin could not compile the program") && "\($0)".contains("ranks") }
            }
        }

        @Test func flagsReachTheCompiler() throws {
            try withClient { client in
                let flags: [String: CompileOptions.Flag] = [
                    "xla_cpu_enable_fast_math": .bool(true), "xla_backend_optimization_level": .int(1),
                ]
                let executable = try client.compile(Programs.double, options: CompileOptions(flags: flags))
                #expect(
                    try executable.execute([try client.array([1, 2, 3, 4])])[0].values(as: Float.self) == [2, 4, 6, 8])
                #expect(throws: PJRTError.self) {
                    try client.compile(
                        Programs.double, options: CompileOptions(flags: ["xla_no_such_flag": .bool(true)]))
                }
            }
        }
    }
}
