import ArgumentParser
import Datasets
import Foundation

/// Where images come from.
struct DataOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A folder with MNIST's four IDX files, plain or .gz.",
            discussion: "Left out: $FLOWMATCH_DATA, then the folder that `make setup` fills."))
    var data: String?

    func folder() throws -> URL {
        let setUpFolder = URL(filePath: SetUpFolder.path, directoryHint: .isDirectory)
        return try DatasetLocator.folder(option: data, setUpFolder: setUpFolder)
    }

    /// Images of one split, resized to squares of `side` pixels.
    func load(_ split: DatasetSplit, side: Int) throws -> ImageDataset {
        try MNIST.load(split, from: folder()).resized(toSide: side)
    }
}
