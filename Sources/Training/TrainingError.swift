public import Datasets
public import Settings

/// What can stop a training run or keep one from being read.
public enum TrainingError: Error, Equatable, CustomStringConvertible {
    /// An earlier step failed and took the state with it.
    case stateLost
    /// A batch that the devices cannot share equally.
    case batchNotDivisible(batch: Int, devices: Int)
    /// The run is set to another precision than the engine that should train it.
    case otherPrecision(run: String, engine: String)
    /// A batch that cannot be drawn without repeats.
    case batchLargerThanData(batch: Int, data: Int)
    /// Network and images of different channels or sides.
    case imageShape(model: [Int], data: [Int])
    /// Network and images of different numbers of classes.
    case classCount(model: Int, data: Int)
    /// A folder that cannot be made or written.
    case unwritable(String)
    /// A new run's folder that holds one.
    case folderExists(String)
    /// A folder without a run.
    case noRun(String)
    /// A `config.json` that is none.
    case malformedConfiguration(path: String)
    /// The run's file has a form that this version does not know.
    case otherFormat(path: String, program: String?)
    /// Settings that a run cannot go on with.
    case otherSettings(path: String, [SettingDifference])
    /// A run cannot go on with other images than it was begun with.
    case otherData(path: String, recorded: DatasetIdentity, found: DatasetIdentity)
    /// A checkpoint that is not there.
    case noCheckpoint(String, available: [Int], asked: Int?)
    /// A file whose tensors are not the network's.
    case checkpointMismatch(path: String, missing: [String], unexpected: [String], misshapen: [String])
    /// A run that has all the steps that were asked for.
    case alreadyFinished(steps: Int, asked: Int)
    /// None of a run's checkpoints can be used.
    case noWholeCheckpoint(String, [DamagedCheckpoint])
    /// Training diverged at a step; the checkpoint before it is kept.
    case notFinite(step: Int, TrainingDivergence, lastCheckpoint: Int?)
    /// Records that are not what was written.
    case damagedMetrics(path: String, [MetricsProblem])
    /// Another process writes the run.
    case beingWritten(path: String, by: String)
    /// The run went on, or was replaced, since it was looked at.
    case changedMeanwhile(String)

    public var description: String {
        switch self {
        case .stateLost: "the training state was lost when a step failed; resume from the last checkpoint"
        case .batchNotDivisible(let batch, let devices):
            "a batch of \(batch) cannot be shared equally by \(devices) devices; choose a multiple of \(devices)"
        case .otherPrecision(let run, let engine):
            "the run is set to \(run), but the engine multiplies in \(engine); make an engine of the run's precision"
        case .batchLargerThanData(let batch, let data):
            "a batch of \(batch) cannot be drawn without repeats from \(data) images; choose a batch size up to \(data)"
        case .imageShape(let model, let data):
            model.dropFirst() == data.dropFirst()
                ? "the model takes images of \(channels(model[0])), the data has \(channels(data[0])); set "
                    + "model.image_channels=\(data[0]), or leave it out: a new run takes the data's"
                : "the model takes images of \(model) (channels, height, width), the data has \(data); resize it"
        case .classCount(let model, let data):
            "the model knows \(classes(model)), the data has \(classes(data)); set model.num_classes=\(data), or leave it "
                + "out: a new run takes the data's"
        case .unwritable(let path): "\(path) cannot be written; check that the folder exists and permits it"
        case .folderExists(let path):
            "\(path) already holds a run; continue it with `flowmatch train --resume \(path)`, or choose another --out"
        case .noRun(let path): "\(path) holds no run (no config.json); name a folder that `flowmatch train` wrote"
        case .malformedConfiguration(let path):
            "\(path) is not a run's configuration: it must be a JSON object of settings that names the model"
        case .otherFormat(let path, let program):
            "\(path) was written by another version" + (program.map { ", \($0)" } ?? "")
                + "; this is flowmatch \(Version.current), open the run with the version that wrote it"
        case .otherSettings(let path, let differences):
            "\(path) was begun with other settings (\(differences.map(\.description).joined(separator: "; "))); "
                + "leave them out to go on with it, or begin another run"
        case .otherData(let path, let recorded, let found):
            "\(path) was begun with other images (\(recorded)) than are here (\(found)); name the same data with --data to "
                + "go on with it, or begin another run"
        case .noCheckpoint(let path, let available, let asked):
            if let asked {
                "\(path) has no checkpoint of step \(asked); it has \(available.isEmpty ? "none" : available.map(String.init).joined(separator: ", "))"
            } else {
                "\(path) has no checkpoint; train it first"
            }
        case .checkpointMismatch(let path, let missing, let unexpected, let misshapen):
            "\(path) does not fit the model"
                + (missing.isEmpty ? "" : "; missing: \(missing.joined(separator: ", "))")
                + (unexpected.isEmpty ? "" : "; unexpected: \(unexpected.joined(separator: ", "))")
                + (misshapen.isEmpty ? "" : "; of another shape: \(misshapen.joined(separator: ", "))")
        case .alreadyFinished(let steps, let asked):
            "the run already has \(steps) steps, \(asked) were asked for in total; give a larger --steps to continue it"
        case .noWholeCheckpoint(let path, let damaged):
            "\(path) has no checkpoint that can be used: \(damaged.map(\.description).joined(separator: "; ")); put whole "
                + "files back, or train the run anew in another folder"
        case .notFinite(let step, let divergence, let checkpoint):
            "training diverged at step \(step): \(divergence); "
                + (checkpoint.map { "the checkpoint of step \($0) is finite and kept" } ?? "there is no checkpoint yet")
                + "; try a lower optimizer.learning_rate, a longer schedule.warmup_steps, or training.gradient_clip"
        case .damagedMetrics(let path, let problems):
            "\(path) is damaged: \(problems.map(\.description).joined(separator: "; "))"
        case .beingWritten(let path, let writer):
            "\(path) is being written by \(writer.isEmpty ? "another process" : writer); wait until it ends, or stop it"
        case .changedMeanwhile(let path): "\(path) was changed by another process just now; try again"
        }
    }

    private func channels(_ count: Int) -> String { count == 1 ? "1 channel" : "\(count) channels" }

    private func classes(_ count: Int) -> String {
        count == 1 ? "1 class" : count == 0 ? "no class" : "\(count) classes"
    }
}
