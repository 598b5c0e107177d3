import PJRT
import Testing

extension PluginTests {
    @Suite struct SerializationTests {
        @Test func aSerialisedExecutableRunsInAnotherClient() throws {
            var bytes: [UInt8] = []
            try withClient { client in
                bytes = try client.compile(Programs.donating).program.serialized()
            }
            try withClient { client in
                let executable = try client.load(serialized: bytes)
                #expect(executable.outputs == [ArrayShape(.float32, [3]), ArrayShape(.float32, [3])])
                let x = try client.array([1, 2, 3])
                let results = try executable.execute([x, try client.array([2, 2, 2])])
                #expect(try results[0].values(as: Float.self) == [2, 3, 4])
                #expect(try results[1].values(as: Float.self) == [2, 4, 6])
                #expect(x.isDonated, "the executable remembers what it donates")
            }
        }

        @Test func bytesThatAreNoExecutableAreAnError() throws {
            try withClient { client in
                let bytes = try client.compile(Programs.double).program.serialized()
                for count in [0, 3, 15, 16, bytes.count / 2, bytes.count - 1] {
                    #expect(throws: PJRTError.damagedExecutable) {
                        try client.load(serialized: Array(bytes.prefix(count)))
                    }
                }
                for position in Array(stride(from: 0, to: bytes.count, by: 97)) + [bytes.count - 1] {
                    var changed = bytes
                    changed[position] ^= 0x10
                    #expect(throws: PJRTError.damagedExecutable) { try client.load(serialized: changed) }
                }
                #expect(throws: PJRTError.damagedExecutable) { try client.load(serialized: bytes + [0]) }
            }
        }
    }
}
