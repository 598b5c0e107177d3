import Compute
import Foundation
import PJRT
import StableHLO
import Synchronization
import Tensors
import TestSupport
import Testing

/// What an engine told of its compilations.
private final class Log: Sendable {
    private let events = Mutex<[Engine.CompilationEvent]>([])

    var compilations: [Engine.Compilation] {
        events.withLock { events in
            events.compactMap { event in if case .ended(let compilation) = event { compilation } else { nil } }
        }
    }
    /// How many were begun, each before it ended.
    var beginnings: Int {
        events.withLock { events in
            events.count { event in if case .began = event { true } else { false } }
        }
    }
    func add(_ event: Engine.CompilationEvent) { events.withLock { $0.append(event) } }
}

@Suite("Engine", .needsPlugin)
struct EngineTests {
    private func engine(_ log: Log, cache folder: URL? = nil) throws -> Engine {
        Engine(device: try DeviceGroup.shared, cache: folder.map(DiskCache.init)) { log.add($0) }
    }

    private func scaled(_ engine: Engine, by factor: Double) throws -> CompiledFunction {
        try engine.function("scale", arguments: [TensorType([2])]) { [$0[0] * factor] }
    }

    private func run(_ function: CompiledFunction) throws -> [Float] {
        let argument = try DeviceArray([1, 2] as [Float], TensorType([2]), on: DeviceGroup.shared)
        return try function([argument])[0].values(as: Float.self)
    }

    @Test("An equal program is compiled once, another one is not confused with it")
    func memory() throws {
        let log = Log()
        let engine = try engine(log)
        #expect(try run(scaled(engine, by: 2)) == [2, 4])
        #expect(try run(scaled(engine, by: 2)) == [2, 4])
        #expect(log.compilations.count == 1)
        #expect(try run(scaled(engine, by: 3)) == [3, 6])
        #expect(log.compilations.map(\.program) == ["scale", "scale"])
        #expect(log.compilations.allSatisfy { !$0.fromDisk && $0.seconds > 0 })
    }

    @Test("Tasks that ask for one program at the same time share its compilation")
    func concurrent() async throws {
        let log = Log()
        let engine = try engine(log)
        try await withThrowingTaskGroup(of: [Float].self) { group in
            for _ in 0..<4 { group.addTask { try self.run(self.scaled(engine, by: 7)) } }
            for try await values in group { #expect(values == [7, 14]) }
        }
        #expect(log.compilations.count == 1)
    }

    private func computation(by factor: Double) -> Computation {
        Computation("scale", arguments: [TensorType([2])]) { [$0[0] * factor] }
    }

    @Test("What is compiled ahead of need is compiled once, and is there when it is needed")
    func ahead() throws {
        let log = Log()
        let engine = try engine(log)
        engine.prepare((1...4).map { computation(by: Double($0)) })
        for factor in 1...4 {
            #expect(try run(engine.function(computation(by: Double(factor)))) == [Float(factor), 2 * Float(factor)])
        }
        let others = (5...6).map { computation(by: Double($0)) }
        #expect(try run(engine.function(computation(by: 4), preparing: others)) == [4, 8])
        #expect(try run(engine.function(others[1])) == [6, 12])
        #expect(try run(engine.function(others[0])) == [5, 10])
        #expect(log.compilations.count == 6 && log.beginnings == 6)
    }

    @Test("Who waits for a program can be stopped; compiling goes on, and is not done twice")
    func stopped() throws {
        let log = Log()
        let engine = try engine(log)
        let product = Computation("product", arguments: [TensorType([32, 32])]) { arguments in
            [(0..<64).reduce(arguments[0]) { product, _ in exp(product.matmul(arguments[0])) }]
        }
        #expect(try engine.function(product, until: { true }) == nil)
        #expect(try engine.function(product, until: { false }) != nil)
        #expect(log.compilations.count == 1)
    }

    @Test("What goes wrong ahead of need is an error for who asks for the program")
    func failureAhead() throws {
        let log = Log()
        let options = LoweringOptions(nativeKernels: ["test.nobody_knows_this"])
        let engine = Engine(device: try DeviceGroup.shared, loweringOptions: options) { log.add($0) }
        let unknown = Computation("unknown", arguments: [TensorType([2])]) {
            Composite.apply("test.nobody_knows_this", to: $0) { [$0[0] + $0[0]] }
        }
        engine.prepare([unknown])
        #expect(throws: ComputeError.self) { try engine.function(unknown) }
        #expect(throws: ComputeError.self) { try engine.function(unknown, until: { false }) }
        #expect(log.compilations.isEmpty)
    }

    @Test("A second engine finds the program on disk")
    func disk() throws {
        try withFolder { (folder) throws in
            let log = Log()
            #expect(try run(scaled(engine(log, cache: folder), by: 2)) == [2, 4])
            #expect(try run(scaled(engine(log, cache: folder), by: 2)) == [2, 4])
            #expect(try run(scaled(engine(log, cache: folder), by: 3)) == [3, 6])
            #expect(log.compilations.map(\.fromDisk) == [false, true, false])
            // What is on the disk is not compiled.
            #expect(log.beginnings == 2)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == 2)
        }
    }

    @Test("A damaged entry is ignored, compiled anew and replaced", arguments: Damage.allCases)
    func damaged(damage: Damage) throws {
        try withFolder { (folder) throws in
            let log = Log()
            _ = try scaled(engine(log, cache: folder), by: 2)
            let file = try #require(
                try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil).first)
            try damage.apply(try Data(contentsOf: file)).write(to: file)
            #expect(try run(scaled(engine(log, cache: folder), by: 2)) == [2, 4])
            #expect(try run(scaled(engine(log, cache: folder), by: 2)) == [2, 4])
            #expect(log.compilations.map(\.fromDisk) == [false, false, true])
        }
    }

    enum Damage: CaseIterable {
        case empty, cutInKey, cutInBody, otherBody, flippedBit, otherKey

        func apply(_ data: Data) -> Data {
            var damaged = data
            switch self {
            case .empty: return Data()
            case .cutInKey: return data.prefix(40)
            case .cutInBody: return data.dropLast(data.count / 8)
            case .otherBody: return data.prefix(data.count / 2) + Data(repeating: 0xA5, count: data.count / 2)
            case .flippedBit: damaged[data.count - 300] ^= 0x10
            case .otherKey: damaged[30] ^= 0x01
            }
            return damaged
        }
    }

    @Test("A folder that cannot be written costs a compilation, not the run")
    func unwritable() throws {
        try withFolder { (folder) throws in
            let file = folder.appendingPathComponent("file")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try Data([1]).write(to: file)
            let log = Log()
            #expect(try run(scaled(engine(log, cache: file.appendingPathComponent("cache")), by: 2)) == [2, 4])
            #expect(log.compilations.count == 1)
        }
    }

    @Test("Arguments of another number or type are refused by name")
    func arguments() throws {
        let function = try scaled(Engine.shared, by: 2)
        let device = try DeviceGroup.shared
        #expect(function.argumentTypes == [TensorType([2])])
        #expect(function.resultTypes == [TensorType([2])])
        let count = #expect(throws: ComputeError.self) { try function([]) }
        #expect("\(count.map(String.init(describing:)) ?? "")" == "program scale takes 1 arguments, 0 were given")
        for (array, text) in [
            (try DeviceArray([1, 2, 3] as [Float], TensorType([3]), on: device), "tensor<3xf32>"),
            (try DeviceArray([1, 2] as [Int32], TensorType([2], .int32), on: device), "tensor<2xi32>"),
        ] {
            let error = #expect(throws: ComputeError.self) { try function([array]) }
            #expect(
                "\(error.map(String.init(describing:)) ?? "")"
                    == "argument 0 of program scale is \(text), but it takes tensor<2xf32>")
        }
    }

    @Test("A donated argument cannot be used again; the result has taken its memory")
    func donation() throws {
        let engine = try Engine.shared
        let function = try engine.function("increment", arguments: [TensorType([4])], donations: [0: 0]) { [$0[0] + 1] }
        let argument = try DeviceArray([1, 2, 3, 4] as [Float], TensorType([4]), on: engine.device)
        let result = try function([argument])[0]
        #expect(try result.values(as: Float.self) == [2, 3, 4, 5])
        #expect(throws: ComputeError.self) { try argument.values(as: Float.self) }
        #expect(throws: ComputeError.self) { try function([argument]) }
    }

    @Test("A program that the plugin refuses is an error with the plugin's words")
    func refused() throws {
        let region = Region(
            arguments: [], instructions: [Instruction(results: [0], text: "stablehlo.nonsense")], results: [])
        let error = #expect(throws: ComputeError.self) {
            try Engine.shared.compile(Program(name: "refused", entry: region))
        }
        #expect("\(error.map(String.init(describing:)) ?? "")".contains("nonsense"))
    }
}

@Suite("Device arrays", .needsPlugin)
struct DeviceArrayTests {
    private func roundTrip<Value: BitwiseCopyable & Equatable & Sendable>(_ values: [Value], _ type: TensorType) throws
    {
        let array = try DeviceArray(values, type, on: DeviceGroup.shared)
        #expect(array.type == type)
        #expect(try array.values(as: Value.self) == values)
        #expect(try array.values(as: UInt8.self) == values.withUnsafeBytes { Array($0) })
    }

    @Test("Values come back as they went, in every element type")
    func roundTrips() throws {
        try roundTrip([1.5, -0.0, .infinity, .leastNonzeroMagnitude, 3, 4] as [Float], TensorType([2, 3]))
        try roundTrip([1.5, -1e300] as [Double], TensorType([2], .float64))
        try roundTrip([1.5, -65504] as [Float16], TensorType([2], .float16))
        try roundTrip([Int8.min, .max] as [Int8], TensorType([2], .int8))
        try roundTrip([Int16.min, .max] as [Int16], TensorType([2], .int16))
        try roundTrip([UInt16.max, 0] as [UInt16], TensorType([2], .uint16))
        try roundTrip([0x3f80, 0xff80] as [UInt16], TensorType([2], .bfloat16))
        try roundTrip([Int.min, .max] as [Int], TensorType([2], .int64))
        try roundTrip([UInt.max, 0] as [UInt], TensorType([2], .uint64))
        try roundTrip([Int32.min, .max] as [Int32], TensorType([2], .int32))
        try roundTrip([Int64.min, .max] as [Int64], TensorType([1, 2], .int64))
        try roundTrip([UInt32.max, 0] as [UInt32], TensorType([2], .uint32))
        try roundTrip([UInt64.max, 0] as [UInt64], TensorType([2], .uint64))
        try roundTrip([255, 0, 7] as [UInt8], TensorType([3], .uint8))
        try roundTrip([true, false] as [Bool], TensorType([2], .bool))
        try roundTrip([4] as [Float], TensorType([]))
        try roundTrip([] as [Float], TensorType([0, 3]))
        let bytes = try DeviceArray([0, 0, 128, 63] as [UInt8], TensorType([1]), on: DeviceGroup.shared)
        #expect(try bytes.values(as: Float.self) == [1])
    }

    @Test("Another number of values, and values of another type, are refused")
    func refused() throws {
        let device = try DeviceGroup.shared
        #expect(throws: ComputeError.self) { try DeviceArray([1, 2] as [Float], TensorType([3]), on: device) }
        #expect(throws: ComputeError.self) {
            try DeviceArray([1, 2, 3, 4] as [Float], TensorType([2], .float64), on: device)
        }
        #expect(throws: ComputeError.self) { try DeviceArray([1, 2] as [Float], TensorType([2], .int32), on: device) }
        for type in [TensorType([2], .float16), TensorType([2], .int16)] {
            #expect(throws: ComputeError.self) { try DeviceArray([1, 2] as [UInt16], type, on: device) }
        }
        let array = try DeviceArray([1, 2] as [Float], TensorType([2]), on: device)
        #expect(throws: ComputeError.self) { try array.values(as: Double.self) }
        let error = #expect(throws: ComputeError.self) { try array.values(as: Int32.self) }
        #expect("\(error.map(String.init(describing:)) ?? "")" == "the elements of tensor<2xf32> are not of type Int32")
    }
}
