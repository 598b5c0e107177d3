import Formats

/// How a program is placed on devices and compiled.
package struct CompileOptions: Sendable, Hashable {
    /// A value of an XLA flag.
    package enum Flag: Sendable, Hashable {
        case bool(Bool)
        case int(Int64)
        case double(Double)
        case string(String)
    }

    /// How many copies of the program run at once, each on its own data.
    package var replicaCount: Int
    /// Over how many devices each copy is split.
    package var partitionCount: Int
    /// Whether XLA splits the program by the shardings written in it.
    package var usesSPMDPartitioning: Bool
    /// Identities of the devices, `[replica * partitionCount + partition]`; nil takes the client's first ones in order.
    package var deviceIDs: [Int]?
    /// XLA flags for this program alone, such as `xla_cpu_enable_fast_math`.
    package var flags: [String: Flag]

    package init(
        replicaCount: Int = 1, partitionCount: Int = 1, usesSPMDPartitioning: Bool = false, deviceIDs: [Int]? = nil,
        flags: [String: Flag] = [:]
    ) {
        self.replicaCount = replicaCount
        self.partitionCount = partitionCount
        self.usesSPMDPartitioning = usesSPMDPartitioning
        self.deviceIDs = deviceIDs
        self.flags = flags
    }
}

extension CompileOptions {
    /// The bytes of an `xla.CompileOptionsProto`.
    /// - Parameter deviceIDs: The identities of the client's devices.
    func serialized(deviceIDs available: [Int]) throws(PJRTError) -> [UInt8] {
        guard replicaCount > 0, partitionCount > 0 else {
            throw .invalidDeviceAssignment(reason: "\(replicaCount) replicas of \(partitionCount) partitions")
        }
        let (deviceCount, overflow) = replicaCount.multipliedReportingOverflow(by: partitionCount)
        guard !overflow, deviceCount <= available.count else {
            throw .invalidDeviceAssignment(
                reason: "\(replicaCount) x \(partitionCount) devices asked for, \(available.count) there")
        }
        let chosen = deviceIDs ?? Array(available.prefix(deviceCount))
        guard chosen.count == deviceCount, Set(chosen).count == deviceCount, Set(chosen).isSubset(of: available) else {
            throw .invalidDeviceAssignment(
                reason: "device identities \(chosen), but \(deviceCount) different ones of \(available) are needed")
        }

        var assignment = ProtobufWriter()
        assignment.append(integer: Int64(replicaCount), field: 1)
        assignment.append(integer: Int64(partitionCount), field: 2)
        for partition in 0..<partitionCount {
            var replicas = ProtobufWriter()
            replicas.append(
                packedIntegers: (0..<replicaCount).map { Int64(chosen[$0 * partitionCount + partition]) }, field: 1)
            assignment.append(message: replicas, field: 3)
        }
        var build = ProtobufWriter()
        build.append(integer: Int64(replicaCount), field: 4)
        build.append(integer: Int64(partitionCount), field: 5)
        if usesSPMDPartitioning { build.append(integer: 1, field: 6) }
        build.append(message: assignment, field: 9)

        var options = ProtobufWriter()
        options.append(message: build, field: 3)
        for (name, flag) in flags.sorted(by: { $0.key < $1.key }) {
            var value = ProtobufWriter()
            switch flag {
            case .string(let text): value.append(string: text, field: 1)
            case .bool(let flag): value.append(integer: flag ? 1 : 0, field: 2)
            case .int(let integer): value.append(integer: integer, field: 3)
            case .double(let real): value.append(double: real, field: 4)
            }
            var entry = ProtobufWriter()
            entry.append(string: name, field: 1)
            entry.append(message: value, field: 2)
            options.append(message: entry, field: 7)
        }
        return options.bytes
    }
}
