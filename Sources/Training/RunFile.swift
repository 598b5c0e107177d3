public import Datasets
public import Foundation
import Settings

/// `config.json`: the settings of a run, which program wrote them, and which images it is trained on.
public struct RunFile: Sendable {
    /// Everything that was chosen.
    public let configuration: RunConfiguration
    /// The form of the file: 1 until version 0.1, which knew neither slots nor the data's identity.
    public let format: Int
    /// The images that the run is trained on; nil until its training began, and where version 0.1 began it.
    public let data: DatasetIdentity?

    /// Keys of a file that are no settings.
    package static let headerKeys: Set<String> = ["format", "program", DatasetIdentity.headerKey]

    /// The form that is written.
    package static let currentFormat = 2

    /// The text of a file.
    public static func encoded(_ configuration: RunConfiguration, data: DatasetIdentity? = nil) throws -> Data {
        let header: [String: SettingValue] = [
            "format": .integer(currentFormat), "program": .text("flowmatch \(Version.current)"),
        ]
        return try configuration.json(header: header.merging(data?.header ?? [:]) { first, _ in first })
    }

    /// Reads a file of any form.
    ///
    /// - Parameters:
    ///   - data: the text of a file
    ///   - path: of the file, for messages
    ///   - base: settings for what the file leaves out
    /// - Throws: ``TrainingError``, or ``SettingsError`` with everything that is wrong.
    public init(_ data: Data, path: String, over base: RunConfiguration = RunConfiguration()) throws {
        // What another form may hold is not known: its header alone is read before all else.
        if let header = try? JSONDecoder().decode(Header.self, from: data), let format = header.format,
            !(1...RunFile.currentFormat).contains(Int(format) ?? 0)
        {
            throw TrainingError.otherFormat(path: path, program: header.program?.description)
        }
        let file: SettingsFile
        do {
            file = try SettingsFile(data, path: path, headerKeys: RunFile.headerKeys)
        } catch {
            throw TrainingError.malformedConfiguration(path: path)
        }
        let format = file.header["format"].flatMap { Int($0) } ?? 1
        self.format = format
        let assignments = format == 1 ? FormatOne.translated(file.assignments) : file.assignments
        guard format > 1 || assignments.contains(where: { $0.key == "model" }) else {
            throw TrainingError.malformedConfiguration(path: path)
        }
        configuration = try base.applying(assignments)
        self.data = DatasetIdentity(header: file.header)
    }
}

/// What stands in a file of any form.
private struct Header: Decodable {
    let format: SettingValue?
    let program: SettingValue?
}

/// The keys of version 0.1.
private enum FormatOne {
    private static let keys = [
        "data": "data", "batch_size": "training.batch_size", "steps": "training.steps", "seed": "training.seed",
        "label_dropout": "training.label_dropout", "precision": "training.precision",
        "checkpoint_every": "recording.checkpoint_every", "keep_checkpoints": "recording.keep_checkpoints",
        "validate_every": "recording.validate_every", "validation_images": "recording.validation_images",
        "optimizer.gradient_clip": "training.gradient_clip", "model.model": "model",
    ]

    static func translated(_ old: [Assignment]) -> [Assignment] {
        func number(_ key: String) -> Double { old.last { $0.key == key }.flatMap { Double($0.value) } ?? 0 }
        let (decay, steps) = (number("optimizer.decay_steps"), number("steps"))
        let hasWeightDecay = number("optimizer.weight_decay") > 0
        var new: [Assignment] = []
        for setting in old {
            func add(_ key: String, _ value: SettingValue? = nil) {
                new.append(Assignment(key, value ?? setting.value, from: setting.origin))
            }
            switch setting.key {
            case "average_decay" where Double(setting.value) == 0: add("average", .text(NoAverage.name))
            case "average_decay": add("average.decay")
            case "optimizer.warmup_steps": add("schedule.warmup_steps")
            case "optimizer.decay_steps" where decay > 0:
                add("schedule", .text(CosineSchedule.name))
                // Where the cosine ended with the run, it does so still when the run is extended.
                if decay != steps { add("schedule.steps") }
            case "optimizer.decay_steps": break
            case "optimizer.weight_decay" where hasWeightDecay:
                add("optimizer", .text(AdamW.name))
                add("optimizer.weight_decay")
            case "optimizer.weight_decay": break
            case let key where key.hasPrefix("model.configuration."):
                add("model." + key.dropFirst("model.configuration.".count))
            case let key: add(keys[key] ?? key)
            }
        }
        return new
    }
}
