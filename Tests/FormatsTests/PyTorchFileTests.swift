import Foundation
import Testing

@testable import Formats

@Suite("Files of torch.save")
struct PyTorchFileTests {
    private func url(_ name: String) throws -> URL {
        try #require(Bundle.module.url(forResource: name, withExtension: nil, subdirectory: "Goldens/pytorch"))
    }

    /// Writes bytes and opens them.
    private func opened<Result>(_ bytes: [UInt8], _ body: (PyTorchFile) throws -> Result) throws -> Result {
        try withTemporaryFolder { folder in
            let url = folder.appendingPathComponent("x.pt")
            try Data(bytes).write(to: url)
            return try body(PyTorchFile(contentsOf: url))
        }
    }

    @Test("Tensors of every type are read however they lie in their storages", arguments: [2, 5])
    func tensors(protocolNumber: Int) throws {
        let file = try PyTorchFile(contentsOf: url("protocol-\(protocolNumber).pt"))
        let expected = try SafetensorsFile(contentsOf: url("expected.safetensors"))
        let dictionary = try #require(file.dictionaries.first)
        #expect(file.dictionaries.count == 1 && dictionary.path.isEmpty && dictionary.others.isEmpty)
        #expect(Set(dictionary.tensors.map(\.name)) == Set(expected.names))
        for tensor in dictionary.tensors {
            let golden = try expected.tensor(tensor.name)
            #expect(tensor.shape == golden.shape && tensor.dataType == golden.dataType, "\(tensor.name)")
            #expect(try tensor.bytes() == golden.bytes(), "\(tensor.name)")
        }
        #expect(dictionary.tied == [["whole", "tied"]])
    }

    @Test("Dictionaries of tensors are found within others, beside whatever else was saved")
    func nested() throws {
        let file = try PyTorchFile(contentsOf: url("nested.pt"))
        #expect(file.dictionaries.map(\.path) == ["parameters", "trainer.net"])
        for dictionary in file.dictionaries { #expect(dictionary.tensors.map(\.name) == ["weight", "bias"]) }
        let unchecked = try PyTorchFile(contentsOf: url("unchecked.pt"))
        #expect(try unchecked.dictionaries[0].tensors[0].values(as: Float.self) == [0, 1, 2])
    }

    @Test(
        "Other files say in a sentence what they are and what to do",
        arguments: [
            ("big-endian.pt", "big-endian"), ("old-form.pt", "save it anew: torch.save("),
            ("program.pt", "TorchScript"),
            ("module.pt", "torch.nn.modules.linear.Linear"), ("no-tensors.pt", "no dictionary of tensors"),
            ("expanded.pt", "tensor 'a' was expanded"),
        ])
    func refused(name: String, reason: String) throws {
        let url = try url(name)
        #expect(try PyTorchFile.isPyTorch(url))
        do {
            _ = try PyTorchFile(contentsOf: url)
            Issue.record("\(name) was read")
        } catch {
            #expect(error.description.hasPrefix("\(url.path): ") && error.description.contains(reason), "\(error)")
        }
    }

    @Test("Elements that were changed are noticed, and whose storage they are")
    func changed() throws {
        var bytes = [UInt8](try Data(contentsOf: url("protocol-2.pt")))
        // The last elements of 0, 1/8, 2/8 ..., which nothing else in the file looks like.
        let last = [58, 59].flatMap { index in withUnsafeBytes(of: Float(index) / 8) { Array($0) } }
        let place = try #require((0..<bytes.count - 8).first { Array(bytes[$0..<$0 + 8]) == last })
        bytes[place] ^= 1
        try opened(bytes) { file in
            for name in ["whole", "row"] {
                let tensor = try #require(file.dictionaries[0].tensors.first { $0.name == name })
                do {
                    _ = try tensor.bytes()
                    Issue.record("\(name) was read")
                } catch {
                    #expect("\(error)".contains("storage 0 is damaged"))
                }
            }
        }
    }

    @Test("A tensor lies within its storage, and has no more elements")
    func bounds() throws {
        func problem(_ offset: Int, _ shape: [Int], _ strides: [Int], count: Int = 6) throws -> PyTorchProblem? {
            let tensor = PyTorchFixture.tensor(key: "0", count: count, offset: offset, shape, strides)
            let pickle = PyTorchFixture.joined([0x80, 2, 0x7D], PyTorchFixture.text("w"), tensor, [0x73, 0x2E])
            let bytes = PyTorchFixture.archive([("a/data.pkl", pickle), ("a/data/0", [UInt8](repeating: 0, count: 24))])
            do {
                try opened(bytes) { _ = try $0.dictionaries[0].tensors[0].bytes() }
                return nil
            } catch FormatError.pytorch(_, let problem) {
                return problem
            }
        }
        let most = Int(Int32.max)
        #expect(
            try problem(0, [2, 3], [3, 1]) == nil && problem(4, [2], [1]) == nil && problem(6, [0, 9], [1, 1]) == nil)
        #expect(try problem(0, [3, 2], [1, 3]) == nil)
        for (offset, shape, strides) in [
            (5, [2], [1]), (0, [2, 3], [4, 1]), (7, [0], [1]), (0, [most, most, most], [most, most, most]),
            (0, [2], [most]),
            (0, [2, 3], [3]), (-1, [1], [1]),
        ] {
            #expect(try problem(offset, shape, strides) == .outside(tensor: "w"), "\(offset) \(shape) \(strides)")
        }
        #expect(try problem(0, [7], [0]) == .repeated(tensor: "w"))
        #expect(try problem(0, [1], [1], count: 7) == .storageSize(key: "0", byteCount: 28, stored: 24))
    }

    @Test("Tensors that share a storage are not many times the file")
    func swollen() throws {
        let count = 4096
        let first = PyTorchFixture.tensor(key: "0", count: count, offset: 0, [count], [1]) + [0x94]
        let names = (0..<400).map { PyTorchFixture.joined(PyTorchFixture.text("\($0)"), [0x68, 0]) }.flatMap(\.self)
        let pickle = PyTorchFixture.joined(
            [0x80, 4, 0x7D], PyTorchFixture.text("w"), first, [0x73], PyTorchFixture.mark, names, [0x75, 0x2E])
        let storage = [UInt8](repeating: 0, count: 4 * count)
        let bytes = PyTorchFixture.archive([("a/data.pkl", pickle), ("a/data/0", storage)])
        #expect(throws: FormatError.self) { try opened(bytes) { _ in } }
    }

    @Test("A dictionary within itself ends")
    func endless() throws {
        let pickle = PyTorchFixture.joined(
            [0x80, 4, 0x7D, 0x94], PyTorchFixture.text("me"), [0x68, 0, 0x73], PyTorchFixture.text("w"),
            PyTorchFixture.tensor(key: "0", count: 1, offset: 0, [1], [1]), [0x73, 0x2E])
        let bytes = PyTorchFixture.archive([("data.pkl", pickle), ("data/0", [0, 0, 0, 0])])
        try opened(bytes) { file in
            #expect(file.dictionaries.map(\.path) == [""] && file.dictionaries[0].others == ["me"])
        }
    }

    @Test("A file cut short anywhere is refused")
    func cutShort() throws {
        let bytes = [UInt8](try Data(contentsOf: url("nested.pt")))
        for count in stride(from: 4, to: bytes.count, by: 97) {
            #expect(throws: FormatError.self) { try opened(Array(bytes.prefix(count))) { _ in } }
        }
    }
}

@Suite("Numbers of another type")
struct TensorConversionTests {
    @Test("Rounded to the nearest, of two as near to the even one; what is not finite stays so")
    func rounding() throws {
        let values: [Float] = [0, -0.0, 1, 1.00390625, 1.01171875, 3.3e38, 1e-38, .infinity, -.infinity, .nan, 65504]
        let tensor = try TensorEntry(name: "x", shape: [values.count], values: values)
        let brain = try tensor.converted(to: .bfloat16)
        let bits = try brain.bytes().withUnsafeBytes { Array($0.bindMemory(to: UInt16.self)) }
        // 1 + 1/256 lies between 1 and 1 + 1/128, 1 + 3/256 between 1 + 1/128 and 1 + 2/128.
        #expect(bits[2...4] == [0x3F80, 0x3F80, 0x3F82] && bits[7] == 0x7F80 && bits[8] == 0xFF80)
        #expect(bits[9] & 0x7FFF > 0x7F80 && bits[1] == 0x8000)
        #expect(try brain.converted(to: .float32).values(as: Float.self)[2...4] == [1, 1, 1.015625])
        let half = try TensorEntry(name: "x", shape: [3], values: [1 / 3, 65504, .infinity] as [Float])
        #expect(try half.converted(to: .float16).values(as: Float16.self) == [1 / 3, 65504, .infinity])
        let double = try TensorEntry(name: "x", shape: [2], values: [1.0 / 3, -.infinity])
        #expect(try double.converted(to: .float32).values(as: Float.self) == [1 / 3, -.infinity])
    }

    @Test("A finite number beyond the type is told, and integers are not converted")
    func beyond() throws {
        let large = try TensorEntry(name: "x", shape: [1], values: [65520 as Float])
        #expect(throws: FormatError.safetensors(source: "the given tensor", .beyond(tensor: "x", .float16))) {
            try large.converted(to: .float16)
        }
        let greatest = try TensorEntry(name: "x", shape: [1], values: [Float.greatestFiniteMagnitude])
        #expect(throws: FormatError.self) { try greatest.converted(to: .bfloat16) }
        let double = try TensorEntry(name: "x", shape: [1], values: [1e39])
        #expect(throws: FormatError.self) { try double.converted(to: .float32) }
        let integers = try TensorEntry(name: "x", shape: [1], values: [Int64(1)])
        #expect(throws: FormatError.self) { try integers.converted(to: .float32) }
        #expect(throws: FormatError.self) { try large.converted(to: .int64) }
    }
}
