import Foundation
import Models
import NN
import StableHLO
import Testing

@Suite("Parameters of the reference networks")
struct ParameterNameTests {
    /// One line of a reference state dict.
    private struct Line: Equatable, CustomStringConvertible {
        let name: String
        let type: TensorType
        let isTrainable: Bool

        var description: String { "\(name) \(type) \(isTrainable)" }
    }

    private func reference(_ model: String) throws -> [Line] {
        let url = try #require(
            Bundle.module.url(forResource: "state_dict_\(model)", withExtension: "tsv", subdirectory: "Goldens"))
        let lines = try String(contentsOf: url, encoding: .utf8).split(separator: "\n").dropFirst()
        return try lines.map { line in
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            try #require(fields.count == 4)
            let shape = fields[1] == "scalar" ? [] : try fields[1].split(separator: "x").map { try #require(Int($0)) }
            let elementType = try #require(["float32": ElementType.float32, "int64": .int64][fields[2]])
            return Line(name: fields[0], type: TensorType(shape, elementType), isTrainable: fields[3] == "yes")
        }
    }

    @Test("Names, shapes, types and what is trained are PyTorch's", arguments: ["unet", "dit", "mamba"])
    func names(model: String) throws {
        let tree = try ParameterTree(of: ModelSlot.network(model))
        let lines = tree.entries.map {
            Line(name: $0.name, type: $0.parameter.type, isTrainable: $0.parameter.isTrainable)
        }
        let expected = try reference(model)
        #expect(lines.count == expected.count)
        #expect(Set(lines.map(\.description)).symmetricDifference(expected.map(\.description)).sorted() == [])
    }

    @Test("Parameter counts", arguments: zip(["unet", "dit", "mamba"], [1_233_325, 16_888_528, 4_233_360]))
    func counts(model: String, count: Int) throws {
        #expect(try ParameterTree(of: ModelSlot.network(model)).trainableCount == count)
    }
}
