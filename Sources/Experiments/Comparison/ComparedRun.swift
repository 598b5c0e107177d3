import Basis
public import Foundation
import Models
public import Settings
public import Training

/// One of the runs of a comparison.
public struct ComparedRun: Sendable {
    /// Of its pictures; no other run of the comparison has it.
    public let name: String
    /// What it is called in the report.
    public let title: String
    public let configuration: RunConfiguration
    /// Where it is trained. Runs that differ by the sampling alone share a folder: they are trained once.
    public let folder: RunFolder
    /// Whether it was trained before, and is taken as far as it got.
    public let isGiven: Bool
    /// The values that decide its training, as a person reads them, by their axes' keys; in the order of the axes.
    let choices: [Choice]

    struct Choice: Hashable {
        let key: String
        let title: String
    }

    init(
        name: String, title: String, configuration: RunConfiguration, folder: RunFolder, isGiven: Bool = false,
        choices: [Choice] = []
    ) {
        self.name = name
        self.title = title
        self.configuration = configuration
        self.folder = folder
        self.isGiven = isGiven
        self.choices = choices
    }

    /// The runs of all combinations of the axes' values.
    ///
    /// - Parameters:
    ///   - assignments: for all, but for those whose key begins with the name of a network that is compared, such as
    ///     `dit.depth`: they are its alone
    ///   - folder: of the comparison; each run has a folder in it, named by the values that decide its training
    /// - Throws: ``SettingsError``, ``ComparisonError``
    public static func product(
        of axes: [ComparisonAxis], over base: RunConfiguration, _ assignments: [Assignment], in folder: URL
    ) throws -> [ComparedRun] {
        let keys = axes.map(\.key)
        for (index, key) in keys.enumerated()
        where keys[..<index].contains(key) || assignments.contains(where: { $0.key == key }) {
            throw ComparisonError.variedTwice(key)
        }
        func configuration(_ combination: [(axis: ComparisonAxis, value: String)]) throws -> RunConfiguration {
            let varied = combination.flatMap { $0.axis.assignments(of: $0.value) }
            let network = try base.applying((varied + assignments).filter { $0.key == "model" }).model.kindName
            let models = axes.first { $0.key == "model" }?.values ?? [network]
            let own = assignments.compactMap { assignment -> Assignment? in
                let parts = assignment.key.split(separator: ".", maxSplits: 1).map(String.init)
                guard parts.count == 2, models.contains(parts[0]) else { return assignment }
                guard parts[0] == network else { return nil }
                return Assignment("model.\(parts[1])", assignment.value, from: assignment.origin)
            }
            return try base.applying(varied + own)
        }
        let combinations = ComparisonAxis.combinations(axes)
        let configurations = try combinations.map(configuration)
        let ofTraining = try Set(
            axes.filter { axis in
                let alone = axes.map { $0 == axis ? axis : ComparisonAxis(key: $0.key, values: [$0.values[0]]) }
                let settings = try ComparisonAxis.combinations(alone).map(configuration)
                return settings.contains { $0.differences(from: settings[0]).contains(where: \.decidesTheResult) }
            }.map(\.key))
        return zip(combinations, configurations).map { combination, configuration in
            let decisive = combination.filter { ofTraining.contains($0.axis.key) }
            let choices = combination.map { Choice(key: $0.axis.key, title: title($0.axis, $0.value, configuration)) }
            return ComparedRun(
                name: name(combination, configuration),
                title: choices.isEmpty
                    ? configuration.model.kindTitle : choices.map(\.title).joined(separator: ", "),
                configuration: configuration,
                folder: RunFolder(
                    folder.appendingPathComponent(name(decisive, configuration), isDirectory: true)),
                choices: choices.filter { ofTraining.contains($0.key) })
        }
    }

    /// Runs that were trained before.
    ///
    /// - Parameter changes: settings of how they are sampled
    /// - Throws: ``ComparisonError/noRun(_:)``, ``TrainingError``, ``SettingsError``
    public static func trained(_ folders: [RunFolder], changes: [Assignment] = []) throws -> [ComparedRun] {
        let names = folders.map { $0.url.standardizedFileURL.lastPathComponent }
        return try folders.enumerated().map { index, folder in
            guard folder.exists else { throw ComparisonError.noRun(folder.url.relativePath) }
            let isAlone = names.filter { $0 == names[index] }.count == 1
            let title = isAlone ? names[index] : folder.url.relativePath
            return ComparedRun(
                name: isAlone ? fileName(names[index]) : "\(index + 1)-\(fileName(names[index]))", title: title,
                configuration: try folder.file().configuration.applying(changes), folder: folder, isGiven: true)
        }
    }

    /// The values, each with its setting's last word where it is no slot's kind; the network's name where there are none.
    private static func name(
        _ combination: [(axis: ComparisonAxis, value: String)], _ configuration: RunConfiguration
    ) -> String {
        guard !combination.isEmpty else { return configuration.model.kindName }
        return fileName(
            combination.map { axis, value in axis.word.map { "\($0)-\(value)" } ?? value }.joined(separator: "-"))
    }

    private static func title(_ axis: ComparisonAxis, _ value: String, _ configuration: RunConfiguration) -> String {
        switch axis.key {
        case "model": configuration.model.kindTitle
        case "data" where !value.contains("/"): configuration.data.kindTitle
        default: axis.word.map { "\($0.replacing("_", with: " ")) \(value)" } ?? value
        }
    }

    /// A text without what has a meaning in paths.
    private static func fileName(_ text: String) -> String {
        String(text.map { $0.isLetter || $0.isNumber || "-_.=".contains($0) ? $0 : "-" })
    }
}

extension [ComparedRun] {
    /// The training of the run of this number, counted from 1.
    ///
    /// - Throws: ``ComparisonError``, and what ``TrainingRun/init(_:in:)`` throws
    public func training(_ number: Int) throws -> TrainingRun {
        guard indices.contains(number - 1) else { throw ComparisonError.noPart(number, runs: count) }
        let member = self[number - 1]
        guard !member.isGiven else { throw ComparisonError.trainedPart(number) }
        return try TrainingRun(member.configuration, in: member.folder)
    }
}
