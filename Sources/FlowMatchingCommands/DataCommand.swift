import ArgumentParser
import Compute
import Datasets
import Flows
import Formats
import Foundation
import Measurements
import Models
import Settings
import Training

struct DataCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "data", abstract: "List the data sets and how to get them, or say what one is.",
        discussion: """
            Of one data set: its checksum, by which runs on the same images are known, and its images, sizes, channels and \
            classes. The checksum is of the decoded images in their own size, in their order, with their labels.
            """)

    @Argument(
        help: ArgumentHelp("The data set; left out, all are listed.", valueName: "name or path"), completion: .file())
    var which: String?

    @OptionGroup var settings: SettingsOptions

    @Option(
        help: ArgumentHelp("Where to write a picture of ten images of every class.", valueName: "file"),
        completion: .file(extensions: ["png"]))
    var sheet: String?

    private var places: DatasetPlaces { .usual }

    func validate() throws {
        guard which == nil || settings.data == nil else {
            throw ValidationError("Name the data set once: as the argument, or with --data.")
        }
    }

    func run() throws {
        var settings = settings
        settings.data = which ?? settings.data
        let isNamed = settings.data != nil || settings.config != nil || !settings.set.isEmpty
        guard isNamed || sheet != nil else { return try list() }
        try describe(settings.configuration())
    }

    private func list() throws {
        for kind in DatasetSources.registry.members {
            let state =
                switch kind.whereabouts(in: places) {
                case .there(let folder): "in \(folder)"
                case .absent(let remedy): remedy
                }
            try Terminal.print("\(kind.kindName): \(type(of: kind).summary)\n    \(state)")
        }
    }

    private func describe(_ configuration: RunConfiguration) throws {
        let side = try configuration.model.makeNetwork().imageShape[1]
        var progress = LoadingProgress()
        var training: ImageDataset?
        for split in DatasetSplit.allCases {
            let loaded = try configuration.data.load(split, side: side, from: places) { progress.report($0) }
            let (images, identity) = (loaded.images, loaded.identity)
            if split == .train {
                training = images
                try Terminal.print(identity.name)
                try Terminal.print("classes: \(classes(images))")
            }
            let form = images.channels == 1 ? "gray" : "colour"
            try Terminal.print(
                "\(split.rawValue): \(DecimalText.grouped(images.count)) \(form) images of \(loaded.originalSize)")
            try Terminal.print("    checksum: \(identity.checksum)")
            try Terminal.print(
                "    split: \(identity.split)   trained in \(side) x \(side), resize: \(identity.resize)")
            if images.classCount > 0 { try Terminal.print("    \(counts(images))") }
        }
        guard let sheet, let training else { return }
        try AtomicFile.write(PNG.encode(LabelSheet(training).picture()), to: URL(fileURLWithPath: sheet))
        try Terminal.print("contact sheet: \(sheet)")
    }

    /// Classes that are listed.
    private static let mostClasses = 100

    private func classes(_ images: ImageDataset) -> String {
        guard images.classCount > 0 else { return "none, the images have no labels" }
        let names = images.classNames.prefix(DataCommand.mostClasses).joined(separator: ", ")
        return "\(images.classCount): \(names)" + more(images)
    }

    private func counts(_ images: ImageDataset) -> String {
        let counts = zip(images.classNames, images.labelCounts).prefix(DataCommand.mostClasses)
        return counts.map { "\($0): \(DecimalText.grouped($1))" }.joined(separator: "  ") + more(images)
    }

    private func more(_ images: ImageDataset) -> String {
        images.classCount > DataCommand.mostClasses ? " and \(images.classCount - DataCommand.mostClasses) more" : ""
    }
}
