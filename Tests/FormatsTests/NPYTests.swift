import Formats
import Foundation
import Testing

@Suite struct NPYTests {
    private func file(_ header: String, version: UInt8 = 1, data: [UInt8]) -> [UInt8] {
        let length = header.utf8.count
        let field = [UInt8(length & 0xFF), UInt8(length >> 8)] + (version == 1 ? [] : [0, 0])
        return [0x93] + Array("NUMPY".utf8) + [version, 0] + field + header.utf8 + data
    }

    @Test func arraysComeBack() throws {
        try withTemporaryFolder { folder in
            let url = folder.appendingPathComponent("a.npy")
            for shape in [[], [3], [2, 3], [4, 0], [1, 1, 1]] {
                let count = shape.reduce(1, *)
                try NPY<Float>(shape: shape, values: (0..<count).map { Float($0) / 3 }).write(to: url)
                let floats = try NPY<Float>(contentsOf: url)
                #expect(floats.shape == shape && floats.values == (0..<count).map { Float($0) / 3 })
                let integers = try NPY<Int64>(
                    bytes: NPY<Int64>(shape: shape, values: (0..<count).map { -Int64($0) }).encoded)
                #expect(integers.shape == shape && integers.values == (0..<count).map { -Int64($0) })
                let bytes = try NPY<UInt8>(
                    bytes: NPY<UInt8>(shape: shape, values: (0..<count).map { UInt8($0) }).encoded)
                #expect(bytes.shape == shape && bytes.values == (0..<count).map { UInt8($0) })
            }
        }
    }

    @Test func elementsStartAtAMultipleOf64Bytes() throws {
        for rank in 0..<30 {
            let bytes = try NPY<UInt8>(shape: [Int](repeating: 1, count: rank), values: [5]).encoded
            #expect(bytes.count % 64 == 1)
            #expect(bytes[bytes.count - 2] == 0x0A)
            #expect(try NPY<UInt8>(bytes: bytes).shape.count == rank)
        }
    }

    @Test func headersOfOtherWritersAreRead() throws {
        let text = "{\"shape\": (2,), 'fortran_order':False ,'descr':'|u1'}\n"
        for version in UInt8(1)...3 {
            #expect(try NPY<UInt8>(bytes: file(text, version: version, data: [1, 2])).values == [1, 2])
        }
    }

    @Test func malformedFilesAreRefused() {
        func problem(_ bytes: [UInt8]) -> NPYProblem? {
            do {
                _ = try NPY<UInt8>(bytes: bytes)
            } catch FormatError.npy(_, let problem) {
                return problem
            } catch {}
            return nil
        }
        let header = "{'descr': '|u1', 'fortran_order': False, 'shape': (2,), }\n"
        #expect(problem(file(header, data: [1, 2])) == nil)
        #expect(problem([]) == .magic)
        #expect(problem(file(header, version: 4, data: [1, 2])) == .version(4))
        #expect(problem(Array(file(header, data: []).dropLast())) == .header)
        #expect(problem(file(header, data: [1])) == .byteCount(found: 1, expected: 2))
        #expect(problem(file(header, data: [1, 2, 3])) == .byteCount(found: 3, expected: 2))
        let other = header.replacingOccurrences(of: "|u1", with: "<f8")
        #expect(problem(file(other, data: [1, 2])) == .elementType(stored: "<f8", requested: "|u1"))
        #expect(problem(file(header.replacingOccurrences(of: "False", with: "True"), data: [1, 2])) == .fortranOrder)
        for text in [
            "", "{", "{}", "{'descr': '|u1'}", header + "x", "{'descr': '|u1", header.replacing("(2,)", with: "2"),
            header.replacing("(2,)", with: "(-2,)"), header.replacing("(2,)", with: "(99999999999999999999,)"),
            header.replacing("'descr'", with: "'extra'"),
            "{'descr': '|u1', 'descr': '|u1', 'fortran_order': False, 'shape': (2,)}",
        ] {
            #expect(problem(file(text, data: [1, 2])) == .header, "\(text)")
        }
        #expect(throws: FormatError.self) { try NPY<Float>(shape: [2], values: [1]) }
    }
}
