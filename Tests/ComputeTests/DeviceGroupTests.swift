import Compute
import PJRT
import StableHLO
import Tensors
import TestSupport
import Testing

@Suite("Device groups", .needsPlugin)
struct DeviceGroupTests {
    private func client(devices: Int64) throws -> Client {
        try Client(DeviceGroup.shared.client.plugin, options: ["cpu_device_count": .int64(devices)])
    }

    @Test("Two devices share a batch and compute what one computes")
    func shared() throws {
        let type = TensorType([4, 3])
        var generator = SeededGenerator(seed: 2)
        let values = generator.array([4, 3], .float32)
        func run(_ group: DeviceGroup) throws -> [[Double]] {
            let function = try Engine(device: group).function("loss", arguments: [type], donations: [0: 1]) {
                arguments in
                let x = arguments[0].splitAcrossDevices()
                let loss = (silu(x) * exp(x)).sum()
                return [loss] + gradients(of: loss, withRespectTo: arguments)
            }
            return try function([values.array(on: group)]).map { try $0.numbers() }
        }
        let two = try run(DeviceGroup(client(devices: 2), count: 2))
        let one = try run(.shared)
        for (a, b) in zip(two, one) { #expect(worstDifference(a, b) < 1e-6) }
    }

    @Test("Random numbers do not depend on how many devices share them")
    func randomNumbers() throws {
        func draw(_ engine: Engine) throws -> [[Double]] {
            let function = try engine.function("draw", arguments: [TensorType([], .uint64)]) { arguments in
                let random = RandomStream(seed: arguments[0])
                return [
                    random.stream("noise").normal([8, 5]).splitAcrossDevices(),
                    random.stream("time").uniform([8]).splitAcrossDevices() * 1,
                    random.stream("labels").bernoulli(0.5, [8]).select(Tensor(1), Tensor(0)).splitAcrossDevices() * 1,
                    random.stream("batch").distinctIndices(8, below: 40).splitAcrossDevices().converted(to: .float32),
                ]
            }
            return try function([HostArray([7], [], .uint64).array(on: engine.device)]).map { try $0.numbers() }
        }
        let one = try draw(Engine.shared)
        for count in [2, 4] { #expect(try draw(Engine.of(devices: count)) == one) }
    }

    @Test(
        "Devices that the client does not have are refused, by the last one asked for",
        arguments: [
            (0, 3, 2), (2, 1, 2), (-1, 1, -1), (0, 0, 0), (0, .max, .max - 1), (1, .max, .max), (2, .max, .max),
            (.max, 1, .max), (.max, .max, .max), (.min, 1, .min), (0, .min, 0), (.min, .min, .min),
        ] as [(Int, Int, Int)])
    func missing(first: Int, count: Int, index: Int) throws {
        let client = try client(devices: 2)
        let error = #expect(throws: ComputeError.self) { try DeviceGroup(client, first: first, count: count) }
        #expect(
            "\(error.map { "\($0)" } ?? "")"
                == "there is no device \(index): the cpu client has 2, numbered from 0")
    }

    @Test("An array on another number of devices is refused")
    func otherGroup() throws {
        let client = try client(devices: 2)
        let function = try Engine(device: DeviceGroup(client, count: 2)).function(
            "double", arguments: [TensorType([2])]
        ) {
            [$0[0] * 2]
        }
        let array = try HostArray([1, 2], [2]).array(on: DeviceGroup(client))
        let error = #expect(throws: ComputeError.self) { try function([array]) }
        guard case .deviceCount(program: "double", expected: 2, actual: 1) = error else {
            Issue.record("\(error.map { "\($0)" } ?? "no error") is about something else")
            return
        }
    }
}
