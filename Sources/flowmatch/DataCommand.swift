import ArgumentParser
import Compute
import Datasets
import FlowMatching
import Formats
import Foundation
import Models
import Settings
import Training

struct DataCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "data", abstract: "Say what data is there: images, counts per label, and a contact sheet.")

    @OptionGroup var settings: SettingsOptions

    @Option(help: "Where to write a picture of ten images of every label; left out, the name of the data.")
    var out: String?

    func run() throws {
        let configuration = try settings.configuration()
        let places = DatasetPlaces.usual
        for split in DatasetSplit.allCases {
            let dataset = try configuration.data.load(split, places)
            if split == .train { print(dataset.name) }
            let counts = dataset.labelCounts.enumerated().map { "\($0): \($1)" }.joined(separator: "  ")
            print("\(split.rawValue): \(dataset.count) images of \(dataset.width) x \(dataset.height)  |  \(counts)")
        }
        let side = try configuration.model.makeNetwork().imageShape[1]
        let training = try configuration.data.load(.train, places).resized(toSide: side)
        let name = out ?? "\(configuration.data.kindName).png"
        try AtomicFile.write(PNG.encode(LabelSheet(training).picture()), to: URL(fileURLWithPath: name))
        print("contact sheet: \(name)")
    }
}
