import ArgumentParser
import Datasets
import Formats
import Foundation

struct DataCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "data", abstract: "Say what data is there: images, counts per label, and a contact sheet.")

    @OptionGroup var data: DataOptions

    @Option(help: "Where to write a picture of ten images of every label.")
    var out = "mnist.png"

    func run() throws {
        let folder = try data.folder()
        print("MNIST in \(folder.path)")
        for split in DatasetSplit.allCases {
            let dataset = try MNIST.load(split, from: folder)
            let counts = dataset.labelCounts.enumerated().map { "\($0): \($1)" }.joined(separator: "  ")
            print("\(split.rawValue): \(dataset.count) images of \(dataset.width) x \(dataset.height)  |  \(counts)")
        }
        let training = try data.load(.train, side: 32)
        var rows: [UInt8] = []
        for label in 0..<training.classCount {
            let indices = training.labels.indices.lazy.filter { training.labels[$0] == UInt8(label) }.prefix(10)
            for index in indices { rows += training.image(at: index) }
            rows += [UInt8](repeating: 0, count: (10 - indices.count) * training.width * training.height)
        }
        let sheet = ContactSheet(rows: training.classCount, columns: 10, scale: 2)
        let picture = try sheet.image(of: rows, width: training.width, height: training.height)
        try AtomicFile.write(PNG.encode(picture), to: URL(fileURLWithPath: out))
        print("contact sheet: \(out)")
    }
}
