import Testing

@testable import PJRT

@Suite struct CompileOptionsTests {
    @Test func oneDevice() throws {
        // executable_build_options (3): num_replicas (4) 1, num_partitions (5) 1, device_assignment (9): 1 x 1, [0].
        let assignment: [UInt8] = [0x08, 1, 0x10, 1, 0x1A, 3, 0x0A, 1, 0]
        let build = [0x20, 1, 0x28, 1, 0x4A, UInt8(assignment.count)] + assignment
        #expect(try CompileOptions().serialized(deviceIDs: [0, 1]) == [0x1A, UInt8(build.count)] + build)
    }

    @Test func theAssignmentGroupsReplicasByPartition() throws {
        let options = CompileOptions(
            replicaCount: 2, partitionCount: 2, usesSPMDPartitioning: true, deviceIDs: [0, 1, 2, 300])
        let assignment: [UInt8] =
            [0x08, 2, 0x10, 2] + [0x1A, 4, 0x0A, 2, 0, 2] + [0x1A, 5, 0x0A, 3, 1, 0xAC, 0x02]
        let build = [0x20, 2, 0x28, 2, 0x30, 1, 0x4A, UInt8(assignment.count)] + assignment
        #expect(try options.serialized(deviceIDs: [0, 1, 2, 300]) == [0x1A, UInt8(build.count)] + build)
    }

    @Test func flagsAreMapEntries() throws {
        let plain = try CompileOptions().serialized(deviceIDs: [0])
        let flags: [String: CompileOptions.Flag] = [
            "a": .string("x"), "b": .bool(true), "c": .int(-1), "d": .double(1),
        ]
        let bytes = try CompileOptions(flags: flags).serialized(deviceIDs: [0])
        #expect(
            Array(bytes.dropFirst(plain.count)) == [
                0x3A, 8, 0x0A, 1, 0x61, 0x12, 3, 0x0A, 1, 0x78,
                0x3A, 7, 0x0A, 1, 0x62, 0x12, 2, 0x10, 1,
                0x3A, 16, 0x0A, 1, 0x63, 0x12, 11, 0x18, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1,
                0x3A, 14, 0x0A, 1, 0x64, 0x12, 9, 0x21, 0, 0, 0, 0, 0, 0, 0xF0, 0x3F,
            ])
    }
}
