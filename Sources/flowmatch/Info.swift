import ArgumentParser
import Measurements
import Models
import NN
import StableHLO

struct Info: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Describe a network: its settings and the number of its parameters.")

    @OptionGroup var model: ModelOptions

    @Flag(help: "List every parameter with its shape.")
    var parameters = false

    func run() throws {
        let specification = try model.specification()
        let network = try specification.makeModel()
        let tree = try ParameterTree(of: network)
        print("\(specification.model.title): \(DecimalText.grouped(tree.trainableCount)) parameters")
        for (key, value) in specification.configuration.sorted(by: { $0.key < $1.key }) { print("  \(key)=\(value)") }
        if parameters {
            for entry in tree.entries {
                let kind = entry.parameter.isTrainable ? "" : "  (state)"
                print("  \(entry.name)  \(entry.parameter.type.shape)\(kind)")
            }
        }
    }
}
