import ArgumentParser
import Experiments
import Foundation
import Measurements
import Settings
import Training

struct Import: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make a run from weights that another program wrote.",
        discussion: """
            The file is a state dict: safetensors, or what torch.save wrote (.pt, .pth), also under a key such as model or \
            ema. Nothing in a file is executed: its pickle is read as data. What DataParallel, torch.compile and trainers \
            put before the names is taken off, numbers become float32, and the network is found in the shapes; what they \
            do not tell is asked for. Where tensors do not fit, a table says which. The run can be sampled, exported, and \
            trained with `flowmatch train --resume`, which may still change any setting but the network's.
            """)

    @Argument(help: "The weights.", completion: .file(extensions: ["safetensors", "pt", "pth"]))
    var file: String

    @OptionGroup(title: "Settings") var settings: SettingsOptions

    @Option(help: "The folder of the new run.", completion: .directory)
    var out: String?

    @Option(
        help: ArgumentHelp(
            "The entry of the file that holds the weights; left out, averaged weights or else the first that fit.",
            discussion: "Keys joined by dots, such as ema or checkpoint.model.", valueName: "key"))
    var entry: String?

    @Flag(help: "Leave out tensors that the network has no place for.")
    var ignoreExtra = false

    @Flag(help: "Say what the file holds and what would be done, and write nothing.")
    var dryRun = false

    func validate() throws {
        guard out != nil || dryRun else { throw ValidationError("Name the new run's folder: --out, or add --dry-run.") }
    }

    func run() throws {
        var request = ImportedRun.Request()
        request.entry = entry
        request.ignoresExtra = ignoreExtra
        let file = try settings.fileAssignments()
        let run = try settings.texts().resolved { flags in
            try ImportedRun(
                URL(fileURLWithPath: self.file), settings: [file, flags], request, places: .usual)
        }
        for notice in run.notices { Terminal.note(notice) }
        let parameters = "\(DecimalText.grouped(run.parameterCount)) parameters"
        if let out, !dryRun {
            try run.write(to: RunFolder(path: out))
            return try Terminal.print("run: \(out), \(parameters)")
        }
        let model = run.configuration.model
        try Terminal.print("\(self.file): all that \(model.kindTitle) needs, \(parameters)")
        for setting in model.flattened(prefix: "model.") { try Terminal.print("  \(setting.key)=\(setting.value)") }
        try Terminal.print("nothing was written (--dry-run)")
    }
}
