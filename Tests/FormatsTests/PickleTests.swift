import Testing

@testable import Formats

private typealias Fixture = PyTorchFixture

@Suite("Pickles are data")
struct PickleTests {
    /// What reading a pickle reports; nil where it is read.
    private func problem(_ bytes: [UInt8]) -> PyTorchProblem? {
        do throws(PyTorchProblem) {
            _ = try PickleReader.pickle(of: [0x80, 4] + bytes + [0x2E])
            return nil
        } catch {
            return error
        }
    }

    @Test(
        "Whatever a pickle would have Python look up is named, and neither looked up nor called",
        arguments: [
            ("os", "system"), ("posix", "system"), ("subprocess", "Popen"), ("builtins", "eval"),
            ("builtins", "getattr"),
            ("torch.storage", "_load_from_bytes"), ("torch", "load"),
            ("torch._utils", "_rebuild_tensor_v2.__globals__"),
            ("collections", "OrderedDict.fromkeys"), ("numpy.core.multiarray", "_reconstruct"), ("", ""),
            ("a", "b\u{1B}c"),
        ])
    func names(module: String, name: String) {
        let command = Fixture.tuple(Fixture.text("touch /tmp/x"))
        let asked = PyTorchProblem.pickleNames("\(module).\(name)")
        #expect(problem(Fixture.global(module, name) + command + [0x52]) == asked)
        let onStack = Fixture.text(module) + Fixture.text(name) + [0x93]
        #expect(problem(onStack + command + [0x52]) == asked)
        // INST: arguments after a mark, the name in the instruction.
        #expect(problem(Fixture.mark + Fixture.text("touch /tmp/x") + [0x69] + "\(module)\n\(name)\n".utf8) == asked)
        #expect(!asked.description.contains("\u{1B}"))
    }

    @Test("Nothing is made of what is recognised")
    func objects() {
        let dictionary = Fixture.global("collections", "OrderedDict")
        let device = Fixture.global("torch", "device")
        #expect(problem(dictionary + [0x29, 0x81]) == .pickleMakes("NEWOBJ"))
        #expect(problem(dictionary + [0x29, 0x7D, 0x92]) == .pickleMakes("NEWOBJ_EX"))
        #expect(problem(Fixture.mark + dictionary + [0x6F]) == .pickleMakes("OBJ"))
        for code: UInt8 in 0x82...0x84 { #expect(problem([code, 1, 0, 0, 0]) == .pickleMakes("EXT")) }
        #expect(problem(dictionary + [0x7D, 0x62]) == .pickleMakes("BUILD"))
        #expect(problem([0x5D, 0x7D, 0x62]) == .pickleMakes("BUILD"))
        #expect(problem(device + Fixture.tuple(Fixture.text("cpu")) + [0x52]) == nil)
        for name in ["FloatStorage", "float32", "Tensor"] {
            let damage = problem(Fixture.global("torch", name) + Fixture.tuple(Fixture.integer(3)) + [0x52])
            guard case .pickleDamaged? = damage else {
                Issue.record("\(name): \(damage.map(\.description) ?? "read")")
                continue
            }
        }
        // PERSID, and the instructions of protocol 0.
        for code in Array("PILSVFpgdl".utf8) { #expect(problem([code, 0x0A]) == .pickleInstruction(code, at: 2)) }
    }

    @Test("A function that makes tensors makes them of storages alone")
    func tensors() {
        let rebuild = Fixture.global("torch._tensor", "_rebuild_from_type_v2")
        let classes = Fixture.global("torch", "Tensor")
        for function in [rebuild, Fixture.global("torch", "device"), Fixture.global("collections", "OrderedDict")] {
            let call = rebuild + Fixture.tuple(function, classes, [0x29], [0x4E]) + [0x52]
            guard case .pickleDamaged? = problem(call) else {
                Issue.record("a call was read")
                continue
            }
        }
        for (key, count, shape, strides) in [("0", -1, [1], [1]), ("0", 1, [-1], [1]), ("0", 1, [1], [-1])] {
            let tensor = Fixture.tensor(key: key, count: count, offset: 0, shape, strides)
            guard case .pickleDamaged? = problem(tensor) else {
                Issue.record("\(count) \(shape) \(strides) was read")
                continue
            }
        }
    }

    @Test("A pickle takes no more values than it has bytes, whatever it repeats")
    func bombs() throws {
        func repeated(_ bytes: [UInt8], _ count: Int) -> [UInt8] {
            Array([[UInt8]](repeating: bytes, count: count).joined())
        }
        let thousand = Fixture.mark + repeated([0x4E], 1000) + [0x74]
        let set = Fixture.global("builtins", "set")
        let size = Fixture.global("torch", "Size")
        let counter = Fixture.global("collections", "Counter")
        let bombs = [
            // Doubled again and again; a list, and a dictionary, within itself.
            [0x4E] + repeated([0x32, 0x86], 10_000),
            [0x5D] + repeated([0x32, 0x61], 10_000),
            [0x7D, 0x94] + repeated([0x4E, 0x68, 0, 0x73], 10_000),
            // The same thousand values in a thousand tuples, sets, sizes and counters.
            thousand + [0x94] + Fixture.mark + repeated([0x68, 0, 0x85], 1000) + [0x74, 0x86],
            thousand + [0x94] + Fixture.mark + repeated(set + [0x68, 0, 0x85, 0x52], 1000) + [0x74, 0x86],
            thousand + [0x94] + Fixture.mark + repeated(size + [0x68, 0, 0x85, 0x52], 1000) + [0x74, 0x86],
            thousand + [0x94] + Fixture.mark + repeated(counter + [0x68, 0, 0x85, 0x52], 1000) + [0x74, 0x86],
            // Deep as it is long.
            [0x29] + repeated([0x85], 500_000),
            repeated(Fixture.mark, 100_000) + repeated([0x74], 100_000),
        ]
        for bomb in bombs {
            let pickle = try PickleReader.pickle(of: [0x80, 4] + bomb + [0x2E])
            let values = pickle.sequences.reduce(0) { $0 + $1.count } + pickle.dictionaries.reduce(0) { $0 + $1.count }
            #expect(values <= bomb.count && pickle.sequences.count + pickle.dictionaries.count <= bomb.count)
        }
        // A shape of many dimensions, and a thousand tensors of it.
        let shape = [Int](repeating: 1, count: 65)
        guard case .pickleDamaged? = problem(Fixture.tensor(key: "0", count: 1, offset: 0, shape, shape)) else {
            Issue.record("65 dimensions were read")
            return
        }
    }

    @Test("Lengths are those of what is there")
    func lengths() {
        let most: [UInt8] = [0xFF, 0xFF, 0xFF, 0xFF]
        let cases: [[UInt8]] = [
            [0x58] + most, [0x8D] + most + most, [0x8D] + most + [0xFF, 0xFF, 0xFF, 0x7F], [0x8C, 0xFF], [0x42] + most,
            [0x8E] + most + most, [0x8B] + most, [0x8A, 0xFF], [0x95] + most + most, [0x54] + most, [0x6A] + most,
            [0x68, 3], [0x85], [0x74], [0x61], [0x75], [0x52], [0x62], [0x51], [0x30], [0x31], [0x32], [0x93], [0x63],
            [0x28, 0x28, 0x85], [0x4E, 0x28, 0x61],
        ]
        for bytes in cases {
            guard case .pickleDamaged? = problem(bytes) else {
                Issue.record("\(bytes) was read")
                continue
            }
        }
        #expect(problem([0x4E, 0x72] + most) == nil)
        #expect(problem([0x8A, 8] + most + most) == nil && problem([0x8A, 9] + most + most + [0]) == nil)
    }
}
