import Flows
import Formats
import Settings
import Training

/// A file of reference values for the toolbox's formulas: inputs and outputs of one kind of case.
///
/// Its metadata has `kind` and `note`; a tensor's name is a path whose parts are the kind and settings of a case, such as
/// `interval/0.2/0.7/3.0`.
struct ToolboxFile {
    let file: SafetensorsFile

    var metadata: [String: String] { file.metadata }

    func holds(_ name: String) -> Bool { file[name] != nil }

    /// The error of a tensor that is not what it must be.
    func error(_ name: String, _ reason: String) -> VerificationError {
        .input(path: file.path, tensor: name, reason: reason)
    }

    func array(_ name: String) throws -> Values {
        let entry = try file.tensor(name)
        return Values(try entry.values(as: Double.self), entry.shape)
    }

    func integers(_ name: String) throws -> [Int] { try file.tensor(name).values(as: Int64.self).map { Int($0) } }

    /// The parts of the names that begin with one, without it: `["0.2", "0.7", "3.0"]` of `interval/0.2/0.7/3.0`.
    func cases(of first: String) -> [[String]] {
        parts.filter { $0.count > 1 && $0[0] == first }.map { Array($0.dropFirst()) }
    }

    /// All names, in parts.
    var parts: [[String]] { file.names.map { $0.split(separator: "/").map(String.init) } }

    /// What the names begin with, of those with so many parts.
    func beginnings(ofNamesWith count: Int) -> [String] {
        Set(parts.filter { $0.count == count }.map { $0[0] }).sorted()
    }

    /// The number that follows a word in the metadata, such as 0.01 of "dt 0.01".
    func number(after word: String) -> Double? {
        let words = metadata.values.flatMap { $0.split { " ,;:()={}[]\"".contains($0) } }
        return zip(words, words.dropFirst()).lazy.compactMap { $0 == word ? Double($1) : nil }.first
    }

    /// A configuration whose slot holds the kind that a name means: `polynomial-3` is the kind `polynomial` with 3 for its
    /// first setting. A setting that the name leaves out is the number after its own name in the metadata, where one is.
    ///
    /// - Throws: ``SettingsError`` where there is no such kind.
    func configuration(_ slot: String, _ name: String) throws -> RunConfiguration {
        let kinds = try SettingsManual(RunConfiguration()).section(slot).kinds
        let kind = kinds.filter { name == $0.name || name.hasPrefix($0.name + "-") }.max {
            $0.name.count < $1.name.count
        }
        let knobs = (kind?.knobs ?? []).map(\.key)
        let numbers = name.dropFirst(kind?.name.count ?? name.count).split(separator: "-").map(String.init)
        var assignments = [Assignment(slot, .text(kind?.name ?? name), from: file.path)]
        for knob in knobs {
            guard let number = number(after: String(knob.dropFirst(slot.count + 1))) else { continue }
            assignments.append(Assignment(knob, .number(number), from: file.path))
        }
        for (knob, number) in zip(knobs, numbers) {
            assignments.append(Assignment(knob, .typed(number), from: file.path))
        }
        return try RunConfiguration().applying(assignments)
    }

    func path(_ name: String) throws -> any ProbabilityPath { try configuration("path", name).path }

    /// The mixture of Gaussians that the file's `weights`, `means` and `deviations` describe.
    func mixture() throws -> GaussianMixture {
        let (weights, means, deviations) = try (array("weights"), array("means"), array("deviations"))
        guard means.shape.count == 2, !weights.numbers.isEmpty,
            weights.shape == [means.shape[0]], deviations.shape == weights.shape
        else {
            throw error("means", "is no row for each of 'weights' and 'deviations'")
        }
        let rows = (0..<means.shape[0]).map { row in
            Array(means.numbers[row * means.shape[1]..<(row + 1) * means.shape[1]])
        }
        return GaussianMixture(weights: weights.numbers, means: rows, deviations: deviations.numbers)
    }
}

/// Numbers with a shape.
struct Values {
    let numbers: [Double]
    let shape: [Int]

    init(_ numbers: [Double], _ shape: [Int]) {
        self.numbers = numbers
        self.shape = shape
    }
}
