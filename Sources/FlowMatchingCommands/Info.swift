import ArgumentParser
import Measurements
import Models
import NN
import Settings
import StableHLO
import Training

struct Info: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Describe a network: its settings and the number of its parameters.")

    @OptionGroup var settings: SettingsOptions

    @Flag(help: "List every parameter with its shape.")
    var parameters = false

    func run() throws {
        let configuration = try settings.configuration().followingData(from: .usual)
        let tree = try ParameterTree(of: configuration.model.makeNetwork())
        let title = configuration.model.kindTitle
        try Terminal.print("\(title): \(DecimalText.grouped(tree.trainableCount)) parameters")
        for setting in configuration.model.flattened(prefix: "model.") {
            try Terminal.print("  \(setting.key)=\(setting.value)")
        }
        if parameters {
            for entry in tree.entries {
                let kind = entry.parameter.isTrainable ? "" : "  (state)"
                try Terminal.print("  \(entry.name)  \(entry.parameter.type.shape)\(kind)")
            }
        }
    }
}
