import PJRT

/// What XLA's compiler made of a program: its instructions after all passes, read from a serialised `xla.HloModuleProto`.
///
/// Only instructions that are launched are counted: those of the entry computation and of what it calls, of the bodies
/// and conditions of its loops, and not those inside a fusion, which is one kernel.
struct OptimizedModule {
    struct Instruction {
        var opcode = ""
        /// What a custom call calls.
        var target = ""
        var called: [UInt64] = []
    }

    /// All instructions that are launched.
    let launched: [Instruction]
    /// - Throws: ``ProtobufError`` where the bytes are no such message.
    init(_ program: OptimizedProgram) throws {
        var bytes = program.bytes[...]
        if program.format == "hlo_with_config" {
            // The module is the first field of a message that holds its configuration, too.
            guard let module = try ProtobufField.all(of: bytes).first(where: { $0.number == 1 }) else {
                throw ProtobufError()
            }
            bytes = module.bytes
        }
        var computations: [UInt64: [Instruction]] = [:]
        var entry: UInt64 = 0
        for field in try ProtobufField.all(of: bytes) {
            switch field.number {
            case 3:
                let (id, instructions) = try Self.computation(field.bytes)
                computations[id] = instructions
            case 6: entry = field.integer
            default: break
            }
        }
        guard computations[entry] != nil else { throw ProtobufError() }
        var launched: [Instruction] = []
        var (pending, seen): ([UInt64], Set<UInt64>) = ([entry], [entry])
        while let next = pending.popLast() {
            for instruction in computations[next] ?? [] {
                launched.append(instruction)
                switch instruction.opcode {
                case "while", "call", "conditional", "async-start":
                    pending += instruction.called.filter { seen.insert($0).inserted }
                default: break
                }
            }
        }
        self.launched = launched
    }

    /// Instructions that are no work of the device.
    private static let free: Set = [
        "parameter", "constant", "tuple", "get-tuple-element", "bitcast", "while", "call", "conditional", "after-all",
        "async-start", "async-update", "async-done", "opt-barrier", "partition-id", "replica-id", "add-dependency",
    ]

    /// How many kernels a run launches, a loop's body counted once.
    var kernels: Int { launched.count { !Self.free.contains($0.opcode) } }

    /// How many kernels there are of each opcode.
    var kernelsByOpcode: [String: Int] {
        launched.reduce(into: [:]) { if !Self.free.contains($1.opcode) { $0[$1.opcode, default: 0] += 1 } }
    }

    var fusions: Int { launched.count { $0.opcode == "fusion" } }

    /// How often each target is called.
    var customCalls: [String: Int] {
        launched.reduce(into: [:]) { if $1.opcode == "custom-call" { $0[$1.target, default: 0] += 1 } }
    }

    private static func computation(_ bytes: ArraySlice<UInt8>) throws -> (id: UInt64, [Instruction]) {
        var id: UInt64 = 0
        var instructions: [Instruction] = []
        for field in try ProtobufField.all(of: bytes) {
            switch field.number {
            case 2: instructions.append(try instruction(field.bytes))
            case 5: id = field.integer
            default: break
            }
        }
        return (id, instructions)
    }

    private static func instruction(_ bytes: ArraySlice<UInt8>) throws -> Instruction {
        var instruction = Instruction()
        for field in try ProtobufField.all(of: bytes) {
            switch field.number {
            case 2: instruction.opcode = String(decoding: field.bytes, as: UTF8.self)
            case 28: instruction.target = String(decoding: field.bytes, as: UTF8.self)
            case 38: instruction.called += try field.integers()
            default: break
            }
        }
        return instruction
    }
}
