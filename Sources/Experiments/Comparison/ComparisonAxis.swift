import Basis
import Datasets
import Settings
import Training

/// A setting and the values that a comparison gives it in turn.
public struct ComparisonAxis: Sendable, Equatable {
    /// The setting's full key, or a slot's name.
    public let key: String
    /// As they were typed, none twice.
    public let values: [String]

    /// An axis of values as they would be typed.
    public init(key: String, values: [String]) {
        self.key = key
        self.values = values
    }

    /// Reads `KEY=VALUE,VALUE`. Where a value has commas of its own, as `model.channels=16,32;16,32,64`, a semicolon stands
    /// between values. A word that is no slot's is short for a setting of `training`, such as `seed`.
    ///
    /// - Throws: ``ComparisonError``
    public init(text: String) throws(ComparisonError) {
        let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
        guard parts.count == 2 else { throw .malformedAxis(text) }
        let values = parts[1].split(separator: parts[1].contains(";") ? ";" : ",").map(String.init)
        guard !values.isEmpty, values.uniqued.count == values.count else { throw .malformedAxis(text) }
        let manual = SettingsManual(RunConfiguration())
        let (word, ofTraining) = (parts[0], "training.\(parts[0])")
        let isShort = manual.knob(word) == nil && manual.knob(ofTraining) != nil
        self.init(key: isShort ? ofTraining : word, values: values)
    }

    /// The last word of the key; nil for a slot, whose kinds speak for themselves.
    var word: String? { key.contains(".") ? key.split(separator: ".").last.map(String.init) : nil }

    func assignments(of value: String) -> [Assignment] {
        key == "data"
            ? DatasetSources.assignments(naming: value, from: "--vary data")
            : [Assignment(key, .typed(value), from: "--vary \(key)")]
    }

    /// Each way to take one value of every axis; the last axis changes fastest.
    static func combinations(_ axes: [ComparisonAxis]) -> [[(axis: ComparisonAxis, value: String)]] {
        axes.reduce([[]]) { combinations, axis in
            combinations.flatMap { combination in axis.values.map { combination + [(axis, $0)] } }
        }
    }
}

/// What cannot be compared.
public enum ComparisonError: Error, Equatable, CustomStringConvertible {
    /// A text that names no setting with values.
    case malformedAxis(String)
    /// The key of a setting that is given more than once.
    case variedTwice(String)
    /// The path of a folder that holds no run.
    case noRun(String)
    /// A run that was not to be trained any further is not finished.
    case unfinished(path: String, steps: Int, of: Int)
    /// A part that is no run's; how many runs there are.
    case noPart(Int, runs: Int)
    /// A part whose run was trained before.
    case trainedPart(Int)

    public var description: String {
        switch self {
        case .malformedAxis(let text):
            "--vary \(text): it must be a setting and its values, none twice, such as seed=0,1,2 or model=unet,dit"
        case .variedTwice(let key): "\(key) is given by --vary and once more; give it once"
        case .noRun(let folder): "\(folder) is no run: it has no config.json; name folders that flowmatch trained"
        case .unfinished(let path, let steps, let total): "\(path) is trained for \(steps) of \(total) steps only"
        case .noPart(let number, let runs): "there is no run \(number) among the \(runs) that --dry-run lists"
        case .trainedPart(let number): "run \(number) is compared as it was trained; only a report can be made on it"
        }
    }
}
