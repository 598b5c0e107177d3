/// Reads a pickle (Python's `pickletools` describes the instructions) as data: nothing is imported, called or made by name.
///
/// Only what `torch.save` writes for dictionaries of tensors is understood. Of anything that a Python program would look
/// up or call, the names in ``PickledName`` are recognised and all others refused. What a value takes of memory is bounded
/// by the bytes that wrote it: what is repeated is shared, and lengths are checked against what is left.
struct PickleReader {
    private let bytes: [UInt8]
    private var position = 0
    private var stack: [Pickle.Value] = []
    /// Heights of the stack at which a mark was set.
    private var marks: [Int] = []
    private var memo: [Int: Pickle.Value] = [:]
    private var pickle = Pickle()

    /// - Throws: `PyTorchProblem`
    static func pickle(of bytes: [UInt8]) throws(PyTorchProblem) -> Pickle {
        var reader = PickleReader(bytes)
        return try reader.read()
    }

    private init(_ bytes: [UInt8]) { self.bytes = bytes }

    private mutating func read() throws(PyTorchProblem) -> Pickle {
        while true {
            let code = try byte()
            guard let instruction = Instruction(rawValue: code) else {
                throw .pickleInstruction(code, at: position - 1)
            }
            if instruction == .stop {
                pickle.root = try pop()
                guard stack.isEmpty, position == bytes.count else { throw damaged }
                return pickle
            }
            try perform(instruction)
        }
    }

    /// The instructions that dictionaries of tensors are written in, up to protocol 5; those that make objects of a class
    /// are here for their refusal.
    private enum Instruction: UInt8 {
        case proto = 0x80
        case frame = 0x95
        case stop = 0x2E
        case mark = 0x28
        case pop = 0x30
        case popMark = 0x31
        case duplicate = 0x32
        case none = 0x4E
        case newTrue = 0x88
        case newFalse = 0x89
        case int32 = 0x4A
        case uint8 = 0x4B
        case uint16 = 0x4D
        case long1 = 0x8A
        case long4 = 0x8B
        case float64 = 0x47
        case text1 = 0x8C
        case text4 = 0x58
        case text8 = 0x8D
        case string1 = 0x55
        case string4 = 0x54
        case bytes1 = 0x43
        case bytes4 = 0x42
        case bytes8 = 0x8E
        case emptyTuple = 0x29
        case tuple = 0x74
        case tuple1 = 0x85
        case tuple2 = 0x86
        case tuple3 = 0x87
        case emptyList = 0x5D
        case append = 0x61
        case appends = 0x65
        case emptySet = 0x8F
        case addItems = 0x90
        case emptyDictionary = 0x7D
        case setItem = 0x73
        case setItems = 0x75
        case put1 = 0x71
        case put4 = 0x72
        case memoize = 0x94
        case get1 = 0x68
        case get4 = 0x6A
        case global = 0x63
        case stackGlobal = 0x93
        case persistent = 0x51
        case reduce = 0x52
        case build = 0x62
        case instance = 0x69
        case object = 0x6F
        case newObject = 0x81
        case newObjectWithKeywords = 0x92
        case extension1 = 0x82
        case extension2 = 0x83
        case extension4 = 0x84
    }

    private mutating func perform(_ instruction: Instruction) throws(PyTorchProblem) {
        switch instruction {
        case .stop: break
        case .proto: guard (2...5).contains(try byte()) else { throw damaged }
        case .frame: guard try number(8) <= bytes.count - position else { throw damaged }
        case .mark: marks.append(stack.count)
        case .pop:
            if let mark = marks.last, mark == stack.count { marks.removeLast() } else { _ = try pop() }
        case .popMark: _ = try popToMark()
        case .duplicate: stack.append(try top())
        case .none: stack.append(.none)
        case .newTrue: stack.append(.boolean(true))
        case .newFalse: stack.append(.boolean(false))
        case .int32: stack.append(.integer(Int(Int32(truncatingIfNeeded: try number(4)))))
        case .uint8: stack.append(.integer(try number(1)))
        case .uint16: stack.append(.integer(try number(2)))
        case .long1: try pushLong(number(1))
        case .long4: try pushLong(number(4))
        case .float64:
            let bits = try take(8).bigEndian(UInt64.self, at: position - 8)
            stack.append(.number(Double(bitPattern: bits)))
        case .text1, .string1: stack.append(.text(try text(number(1))))
        case .text4, .string4: stack.append(.text(try text(number(4))))
        case .text8: stack.append(.text(try text(number(8))))
        case .bytes1: try pushBytes(number(1))
        case .bytes4: try pushBytes(number(4))
        case .bytes8: try pushBytes(number(8))
        case .emptyTuple, .emptyList, .emptySet: pushSequence([])
        case .tuple: pushSequence(try popToMark())
        case .tuple1: pushSequence(try pop(1))
        case .tuple2: pushSequence(try pop(2))
        case .tuple3: pushSequence(try pop(3))
        case .append: try extendSequence(by: pop(1))
        case .appends, .addItems: try extendSequence(by: popToMark())
        case .emptyDictionary: pushDictionary([])
        case .setItem: try extendDictionary(by: pop(2))
        case .setItems: try extendDictionary(by: popToMark())
        case .put1: memo[try number(1)] = try top()
        case .put4: memo[try number(4)] = try top()
        case .memoize: memo[memo.count] = try top()
        case .get1: try recall(number(1))
        case .get4: try recall(number(4))
        case .global: try pushName(module: line(), name: line())
        case .stackGlobal:
            let parts = try pop(2)
            guard case .text(let module) = parts[0], case .text(let name) = parts[1] else { throw damaged }
            try pushName(module: module, name: name)
        case .persistent: try pushStorage(pop())
        case .reduce:
            let parts = try pop(2)
            guard case .name(let name) = parts[0], case .sequence(let arguments) = parts[1] else { throw damaged }
            stack.append(try result(of: name, pickle.sequences[arguments]))
        case .build:
            // The attributes of an ordered dictionary are its modules' versions, which say nothing of its tensors.
            _ = try pop()
            switch try top() {
            case .dictionary, .tensor, .other: break
            default: throw .pickleMakes("BUILD")
            }
        case .instance:
            let (module, name) = try (line(), line())
            throw .pickleNames("\(module).\(name)")
        case .object: throw .pickleMakes("OBJ")
        case .newObject: throw .pickleMakes("NEWOBJ")
        case .newObjectWithKeywords: throw .pickleMakes("NEWOBJ_EX")
        case .extension1, .extension2, .extension4: throw .pickleMakes("EXT")
        }
    }

    private var damaged: PyTorchProblem { .pickleDamaged(at: position) }

    // MARK: Bytes

    private mutating func byte() throws(PyTorchProblem) -> UInt8 {
        guard position < bytes.count else { throw damaged }
        position += 1
        return bytes[position - 1]
    }

    /// The next bytes; their indices are those of the pickle.
    private mutating func take(_ count: Int) throws(PyTorchProblem) -> ArraySlice<UInt8> {
        guard count >= 0, count <= bytes.count - position else { throw damaged }
        position += count
        return bytes[position - count..<position]
    }

    /// A number of some bytes, without a sign.
    private mutating func number(_ count: Int) throws(PyTorchProblem) -> Int {
        let value = try take(count).reversed().reduce(0) { $0 << 8 | UInt64($1) }
        guard let number = Int(exactly: value) else { throw damaged }
        return number
    }

    private mutating func text(_ count: Int) throws(PyTorchProblem) -> String {
        String(decoding: try take(count), as: UTF8.self)
    }

    /// What stands before the next line feed.
    private mutating func line() throws(PyTorchProblem) -> String {
        guard let end = bytes[position...].firstIndex(of: 0x0A) else { throw damaged }
        defer { position = end + 1 }
        return String(decoding: bytes[position..<end], as: UTF8.self)
    }

    // MARK: Values

    /// An integer of any length, in two's complement; one that is no `Int` is no size of a tensor either.
    private mutating func pushLong(_ count: Int) throws(PyTorchProblem) {
        let digits = try take(count)
        guard count <= 8 else { return stack.append(.other) }
        let sign: UInt64 = digits.last.map { $0 >= 0x80 } ?? false ? .max : 0
        stack.append(.integer(Int(truncatingIfNeeded: digits.reversed().reduce(sign) { $0 << 8 | UInt64($1) })))
    }

    private mutating func pushBytes(_ count: Int) throws(PyTorchProblem) {
        _ = try take(count)
        stack.append(.other)
    }

    private mutating func pushSequence(_ values: [Pickle.Value]) {
        stack.append(.sequence(pickle.sequences.count))
        pickle.sequences.append(values)
    }

    private mutating func pushDictionary(_ entries: [(key: Pickle.Value, value: Pickle.Value)]) {
        stack.append(.dictionary(pickle.dictionaries.count))
        pickle.dictionaries.append(entries)
    }

    private mutating func extendSequence(by values: [Pickle.Value]) throws(PyTorchProblem) {
        guard case .sequence(let index) = try top() else { throw damaged }
        pickle.sequences[index] += values
    }

    private mutating func extendDictionary(by values: [Pickle.Value]) throws(PyTorchProblem) {
        guard case .dictionary(let index) = try top(), values.count.isMultiple(of: 2) else { throw damaged }
        for place in stride(from: 0, to: values.count, by: 2) {
            pickle.dictionaries[index].append((values[place], values[place + 1]))
        }
    }

    private mutating func recall(_ index: Int) throws(PyTorchProblem) {
        guard let value = memo[index] else { throw damaged }
        stack.append(value)
    }

    private mutating func pushName(module: String, name: String) throws(PyTorchProblem) {
        guard let known = PickledName(module: module, name: name) else { throw .pickleNames("\(module).\(name)") }
        stack.append(.name(known))
    }

    // MARK: The stack

    private func top() throws(PyTorchProblem) -> Pickle.Value {
        guard stack.count > marks.last ?? 0, let value = stack.last else { throw damaged }
        return value
    }

    private mutating func pop() throws(PyTorchProblem) -> Pickle.Value {
        let value = try top()
        stack.removeLast()
        return value
    }

    /// The last values, in the order in which they were pushed.
    private mutating func pop(_ count: Int) throws(PyTorchProblem) -> [Pickle.Value] {
        guard stack.count - (marks.last ?? 0) >= count else { throw damaged }
        defer { stack.removeLast(count) }
        return Array(stack.suffix(count))
    }

    private mutating func popToMark() throws(PyTorchProblem) -> [Pickle.Value] {
        guard let mark = marks.popLast() else { throw damaged }
        defer { stack.removeLast(stack.count - mark) }
        return Array(stack[mark...])
    }

    // MARK: What is recognised

    /// The storage that a persistent identifier names: `("storage", class, key, location, count)`.
    private mutating func pushStorage(_ identifier: Pickle.Value) throws(PyTorchProblem) {
        guard case .sequence(let index) = identifier, pickle.sequences[index].count == 5 else { throw damaged }
        let parts = pickle.sequences[index]
        guard case .text("storage") = parts[0], case .name(let name) = parts[1], case .text(let key) = parts[2],
            case .integer(let count) = parts[4], count >= 0
        else { throw damaged }
        let type: ElementType?
        switch name {
        case .storage(let elementType): type = elementType
        case .storageOfBytes: type = nil
        default: throw damaged
        }
        stack.append(.storage(pickle.storages.count))
        pickle.storages.append(Pickle.Storage(elementType: type, key: key, count: count))
    }

    /// What a call of a name stands for.
    private mutating func result(
        of name: PickledName, _ arguments: [Pickle.Value]
    ) throws(PyTorchProblem) -> Pickle.Value {
        switch name {
        case .orderedDictionary:
            guard arguments.isEmpty else { throw damaged }
            pickle.dictionaries.append([])
            return .dictionary(pickle.dictionaries.count - 1)
        case .counter: return .other
        case .set, .size:
            // The same elements, not a copy: a list that is turned into a set a thousand times is there once.
            guard case .sequence(let index)? = arguments.first, arguments.count == 1 else { throw damaged }
            return .sequence(index)
        case .device: return .other
        case .rebuildTensor, .rebuildTensorOfBytes: return try tensor(name, arguments)
        case .rebuildParameter:
            guard let tensor = arguments.first, case .tensor = tensor else { throw damaged }
            return tensor
        case .rebuildFromClass:
            guard arguments.count == 4, case .name(let function) = arguments[0],
                case .name(.tensorClass) = arguments[1],
                case .sequence(let index) = arguments[2]
            else { throw damaged }
            return try tensor(function, pickle.sequences[index])
        case .tensorClass, .storage, .storageOfBytes, .elementType: throw damaged
        }
    }

    /// A view of a storage: `(storage, offset, shape, strides, requires gradients, hooks, type of elements ...)`.
    private mutating func tensor(
        _ function: PickledName, _ arguments: [Pickle.Value]
    ) throws(PyTorchProblem) -> Pickle.Value {
        guard arguments.count >= 4, case .storage(let index) = arguments[0], case .integer(let offset) = arguments[1],
            case .sequence(let shape) = arguments[2], case .sequence(let strides) = arguments[3]
        else { throw damaged }
        let storage = pickle.storages[index]
        let type: ElementType
        switch function {
        case .rebuildTensor:
            guard let elementType = storage.elementType else { throw damaged }
            type = elementType
        case .rebuildTensorOfBytes:
            guard arguments.count >= 7, case .name(.elementType(let elementType)) = arguments[6] else { throw damaged }
            type = elementType
        default: throw damaged
        }
        pickle.tensors.append(
            Pickle.Tensor(
                storage: storage, elementType: type, offset: offset, shape: try counts(shape),
                strides: try counts(strides))
        )
        return .tensor(pickle.tensors.count - 1)
    }

    /// PyTorch's tensors have no more dimensions.
    private static let mostDimensions = 64

    private func counts(_ index: Int) throws(PyTorchProblem) -> [Int] {
        guard pickle.sequences[index].count <= PickleReader.mostDimensions else { throw damaged }
        var counts: [Int] = []
        for value in pickle.sequences[index] {
            guard case .integer(let count) = value, count >= 0 else { throw damaged }
            counts.append(count)
        }
        return counts
    }
}
