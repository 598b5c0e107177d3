import Formats
import Foundation
import Testing

@Suite struct SafetensorsTests {
    private func roundTrip(_ tensors: [TensorEntry], metadata: [String: String] = [:]) throws -> SafetensorsFile {
        try withTemporaryFolder { folder in
            let url = folder.appendingPathComponent("model.safetensors")
            try SafetensorsFile.write(tensors, metadata: metadata, to: url)
            // Entries stay readable after the folder is gone: the file is held open.
            return try SafetensorsFile(contentsOf: url)
        }
    }

    @Test func everyDataTypeComesBack() throws {
        let file = try roundTrip([
            TensorEntry(name: "f64", shape: [2], values: [1.5, -Double.infinity]),
            TensorEntry(name: "f32", shape: [2, 1], values: [Float.pi, -0]),
            TensorEntry(name: "f16", shape: [1], values: [Float16(0.1)]),
            TensorEntry(name: "bf16", dataType: .bfloat16, shape: [2], bytes: [0x80, 0x3F, 0x49, 0xC0]),
            TensorEntry(name: "i64", shape: [], values: [Int64.min]),
            TensorEntry(name: "i32", shape: [1], values: [Int32.max]),
            TensorEntry(name: "i16", shape: [1], values: [Int16(-2)]),
            TensorEntry(name: "i8", shape: [3], values: [Int8(-1), 0, 1]),
            TensorEntry(name: "u64", shape: [1], values: [UInt64.max]),
            TensorEntry(name: "u32", shape: [1], values: [UInt32.max]),
            TensorEntry(name: "u16", shape: [1], values: [UInt16.max]),
            TensorEntry(name: "u8", shape: [0, 4], values: [UInt8]()),
            TensorEntry(name: "bool", shape: [3], values: [true, false, true]),
        ])
        #expect(Set(file.entries.map(\.dataType)) == Set(ElementType.allCases))
        #expect(try file.tensor("f64").values(as: Double.self) == [1.5, -.infinity])
        #expect(try file.tensor("f32").values(as: Float.self).map(\.bitPattern) == [Float.pi, -0].map(\.bitPattern))
        #expect(try file.tensor("f16").values(as: Float16.self) == [0.1])
        #expect(try file.tensor("bf16").floatValues() == [1, -3.140625])
        #expect(try file.tensor("f16").floatValues() == [Float(Float16(0.1))])
        #expect(try file.tensor("i64").values(as: Int64.self) == [.min])
        #expect(file["i64"]?.shape == [])
        #expect(try file.tensor("i8").values(as: Int8.self) == [-1, 0, 1])
        #expect(try file.tensor("u64").values(as: UInt64.self) == [.max])
        #expect(try file.tensor("u8").values(as: UInt8.self) == [])
        #expect(file["u8"]?.shape == [0, 4])
        #expect(try file.tensor("bool").values(as: Bool.self) == [true, false, true])
        #expect(file["absent"] == nil)
    }

    @Test func randomShapesComeBack() throws {
        var generator = SeededGenerator(seed: 1)
        for _ in 0..<20 {
            var tensors: [TensorEntry] = []
            for index in 0..<Int.random(in: 0...12, using: &generator) {
                let shape = (0..<Int.random(in: 0...4, using: &generator)).map { _ in
                    Int.random(in: 0...5, using: &generator)
                }
                let dataType = try #require(ElementType.allCases.randomElement(using: &generator))
                let count = shape.reduce(dataType.byteCount, *)
                let bytes = generator.bytes(count)
                tensors.append(try TensorEntry(name: "layer.\(index)", dataType: dataType, shape: shape, bytes: bytes))
            }
            let file = try roundTrip(tensors)
            #expect(Set(file.names) == Set(tensors.map(\.name)))
            for tensor in tensors {
                let read = try file.tensor(tensor.name)
                #expect(read.shape == tensor.shape && read.dataType == tensor.dataType)
                #expect(try read.bytes() == tensor.bytes())
            }
        }
    }

    @Test func writingWhatWasReadGivesTheSameFile() throws {
        try withTemporaryFolder { folder in
            let (first, second) = (folder.appendingPathComponent("a"), folder.appendingPathComponent("b"))
            let values = (0..<600_000).map { Float($0) }
            let tensors = [
                try TensorEntry(name: "small", shape: [3], values: [UInt8(1), 2, 3]),
                try TensorEntry(name: "large", shape: [600, 1000], values: values),
                try TensorEntry(name: "count", shape: [], values: [Int64(7)]),
            ]
            try SafetensorsFile.write(tensors, metadata: ["step": "5", "name": "x"], to: first)
            let file = try SafetensorsFile(contentsOf: first)
            #expect(file.names == ["count", "large", "small"], "wider elements first keeps every tensor aligned")
            try SafetensorsFile.write(file.entries, metadata: file.metadata, to: second)
            #expect(try contents(of: first) == contents(of: second))
            // Over itself: the data is read from the old file while the new one is written.
            try SafetensorsFile.write(file.entries, metadata: file.metadata, to: first)
            #expect(try contents(of: first) == contents(of: second))
            #expect(try file.tensor("large").values(as: Float.self) == values)
        }
    }

    @Test func namesAndMetadataMayHoldAnyText() throws {
        let text = "\"quote\" back\\slash \n tab\t \u{1} é 日本 🧮 /"
        let tensor = try TensorEntry(name: text, shape: [1], values: [Float(1)])
        let file = try roundTrip([tensor], metadata: [text: text, "": ""])
        #expect(file.names == [text])
        #expect(file.metadata == [text: text, "": ""])
    }

    @Test func escapesInTheHeaderAreRead() throws {
        let header = #"{"\u0061\/\ud83e\uddee":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}"#
        #expect(try SafetensorsFixture.open(header, data: [9]).names == ["a/🧮"])
    }

    @Test func theDataStartsAtAMultipleOfEightBytes() throws {
        try withTemporaryFolder { folder in
            for length in 1...9 {
                let url = folder.appendingPathComponent("\(length)")
                let name = String(repeating: "n", count: length)
                try SafetensorsFile.write([TensorEntry(name: name, shape: [1], values: [Double(1)])], to: url)
                #expect(try contents(of: url).count % 8 == 0)
            }
        }
    }

    @Test func anotherTypeIsRefused() throws {
        let file = try roundTrip([TensorEntry(name: "w", shape: [1], values: [Float(1)])])
        let error = #expect(throws: FormatError.self) { try file.tensor("w").values(as: Double.self) }
        #expect(error?.description.hasSuffix("tensor 'w' is stored as F32, not as F64") == true)
        #expect(throws: FormatError.self) { try file.tensor("v") }
        let integers = try TensorEntry(name: "i", shape: [1], values: [Int32(1)])
        #expect(throws: FormatError.self) { try integers.floatValues() }
    }

    @Test func aBooleanIsZeroOrOne() throws {
        let tensor = try TensorEntry(name: "b", dataType: .bool, shape: [2], bytes: [1, 2])
        #expect(throws: FormatError.safetensors(source: "the given tensor", .notBoolean(tensor: "b", value: 2))) {
            try tensor.values(as: Bool.self)
        }
    }

    @Test func wrongTensorsAreNotWritten() throws {
        try withTemporaryFolder { folder in
            let url = folder.appendingPathComponent("x")
            let tensor = try TensorEntry(name: "w", shape: [1], values: [Float(1)])
            let reserved = try TensorEntry(name: "__metadata__", shape: [1], values: [Float(1)])
            for tensors in [[tensor, tensor], [reserved]] {
                #expect(throws: FormatError.self) { try SafetensorsFile.write(tensors, to: url) }
            }
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
        }
        #expect(throws: FormatError.self) { try TensorEntry(name: "w", shape: [2], values: [Float(1)]) }
        #expect(throws: FormatError.self) { try TensorEntry(name: "w", shape: [-1], values: [Float]()) }
        #expect(throws: FormatError.self) { try TensorEntry(name: "w", shape: [.max, .max], values: [Float(1)]) }
    }

    @Test func aFileCutShortWhileOpenGivesAnError() throws {
        try withTemporaryFolder { folder in
            let url = folder.appendingPathComponent("x")
            try SafetensorsFile.write(
                [TensorEntry(name: "w", shape: [4], values: [Float](repeating: 1, count: 4))], to: url)
            let file = try SafetensorsFile(contentsOf: url)
            try Data(contents(of: url).dropLast(4)).write(to: url)
            let handle = try FileHandle(forWritingTo: url)
            try handle.truncate(atOffset: 20)
            try handle.close()
            #expect(throws: FormatError.self) { try file.tensor("w").bytes() }
        }
    }
}
