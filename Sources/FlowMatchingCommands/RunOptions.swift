import ArgumentParser
import Settings
import Training

/// Which weights a command computes with: a run's folder and one of its checkpoints.
struct RunOptions: ParsableArguments {
    @Argument(help: ArgumentHelp("The folder of a run.", valueName: "run"), completion: .directory)
    var path: String

    @Option(help: "The step whose checkpoint to use; left out, the last.")
    var checkpoint: Int?

    var folder: RunFolder { RunFolder(path: path) }
}

/// What a command takes that follows a run's velocity field otherwise than the run's own settings say.
struct FieldOptions: ParsableArguments {
    @Flag(
        help: "Use the weights themselves, not their moving average. Short for --set sampling.averaged_weights=false.")
    var noEma = false

    @Option(
        name: .customLong("set"), parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "A setting of how the field is followed, such as guidance=interval or time_grid=shifted; repeatable.",
            discussion: "`flowmatch settings` lists them all.", valueName: "key=value"))
    var set: [String] = []

    /// What flags set: shorthands, then `--set`.
    func texts(_ shorthands: [Assignment]) -> AssignmentTexts {
        var texts = AssignmentTexts(shorthands)
        if noEma { texts.add("sampling.averaged_weights=false", from: "--no-ema") }
        for text in set { texts.add(text, from: "--set") }
        return texts
    }
}
