import Basis
import Datasets
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
    /// All of its settings.
    public let configuration: RunConfiguration
    /// Where it is trained. Runs that differ by the sampling alone share a folder: they are trained once.
    public let folder: RunFolder
    /// Whether it was trained before, and is taken as far as it got.
    public let isGiven: Bool
    /// The values that set it apart, as a person reads them, by their axes' keys; in the order of the axes.
    let choices: [Choice]

    struct Choice: Hashable {
        let key: String
        let title: String
        /// Whether another value is another training; else it is another sampling of the same.
        var decidesTraining = true
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
    ///   - axes: the settings that vary, with their values
    ///   - base: what does not
    ///   - assignments: changes of all, but those whose key begins with the name of a network that is compared, such as
    ///     `dit.depth`: they are its alone
    ///   - folder: of the comparison; each run has a folder in it, named by the values that decide its training
    /// - Throws: ``SettingsError``, ``ComparisonError``
    public static func product(
        of axes: [ComparisonAxis], over base: RunConfiguration, changes assignments: [Assignment] = [], in folder: URL
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
                // A run may go on with its images elsewhere, and longer; what is compared is then no other run yet.
                if axis.key == "data" || axis.key.hasPrefix("data.") || axis.key == "training.steps" { return true }
                let alone = axes.map { $0 == axis ? axis : ComparisonAxis(key: $0.key, values: [$0.values[0]]) }
                let settings = try ComparisonAxis.combinations(alone).map(configuration)
                return settings.contains { $0.differences(from: settings[0]).contains(where: \.decidesTheResult) }
            }.map(\.key))
        let decisive = combinations.map { $0.filter { ofTraining.contains($0.axis.key) } }
        let names = FolderNames(zip(combinations, configurations).map(words))
        let folders = FolderNames(zip(decisive, configurations).map(words))
        return zip(combinations, configurations).enumerated().map { index, item in
            let (combination, configuration) = item
            let choices = combination.map { axis, value in
                Choice(
                    key: axis.key, title: title(axis, value, configuration),
                    decidesTraining: ofTraining.contains(axis.key))
            }
            return ComparedRun(
                name: names[index],
                title: choices.isEmpty
                    ? configuration.model.kindTitle : choices.map(\.title).joined(separator: ", "),
                configuration: configuration,
                folder: RunFolder(folder.appendingPathComponent(folders[index], isDirectory: true)),
                choices: choices)
        }
    }

    /// Runs that were trained before.
    ///
    /// - Parameters:
    ///   - folders: of the runs
    ///   - changes: settings of how they are sampled
    /// - Throws: ``ComparisonError/noRun(_:)``, ``TrainingError``, ``SettingsError``
    public static func trained(_ folders: [RunFolder], changes: [Assignment] = []) throws -> [ComparedRun] {
        for folder in folders where !folder.exists { throw ComparisonError.noRun(folder.url.relativePath) }
        let files = try folders.map { try $0.file() }
        let configurations = try files.map { try $0.configuration.applying(changes) }
        let choices = choices(of: configurations, trainedOn: files.map(\.data))
        let titles = folders.map { $0.url.standardizedFileURL.lastPathComponent }
        let names = FolderNames(folders.map { [$0.url.standardizedFileURL.path] }, shown: titles)
        return folders.enumerated().map { index, folder in
            let isAlone = titles.filter { $0 == titles[index] }.count == 1
            return ComparedRun(
                name: names[index], title: isAlone ? titles[index] : folder.url.relativePath,
                configuration: configurations[index], folder: folder, isGiven: true, choices: choices[index])
        }
    }

    /// What sets runs apart that nobody planned: the settings of science in which any two of them differ.
    private static func choices(
        of configurations: [RunConfiguration], trainedOn data: [DatasetIdentity?]
    ) -> [[Choice]] {
        let pairs = configurations.indices.flatMap { one in configurations[..<one].map { (configurations[one], $0) } }
        func isOfSampling(_ key: String) -> Bool { samplingSlots.contains { key == $0 || key.hasPrefix("\($0).") } }
        let differences = pairs.flatMap { $0.differences(from: $1) }
        let keys = differences.filter { $0.declaration.role == .science || isOfSampling($0.key) }.map(\.key).uniqued
        // Data of one kind may be other images.
        let isOtherData = !keys.contains("data") && data.map { $0?.checksum }.uniqued.count > 1
        return zip(configurations, data).map { configuration, data in
            let chosen = keys.compactMap { key in
                configuration.value(of: key).map { value in
                    let axis = ComparisonAxis(key: key, values: [])
                    return Choice(
                        key: key, title: title(axis, value.description, configuration),
                        decidesTraining: !isOfSampling(key))
                }
            }
            guard isOtherData else { return chosen }
            return chosen + [
                Choice(key: "data", title: data.map { "\($0.name) \($0.shortChecksum)" } ?? "unknown data")
            ]
        }
    }

    /// The slots that a run is drawn with.
    private static let samplingSlots = ["solver", "guidance", "time_grid", "sampling"]

    /// The values, each with its setting's last word where it is no slot's kind; the network's name where there are none.
    private static func words(
        _ combination: [(axis: ComparisonAxis, value: String)], _ configuration: RunConfiguration
    ) -> [String] {
        guard !combination.isEmpty else { return [configuration.model.kindName] }
        return combination.map { axis, value in axis.word.map { "\($0)-\(value)" } ?? value }
    }

    /// What a person calls the setting of a choice.
    static func word(of key: String) -> String {
        key == "model" ? "network" : ComparisonAxis(key: key, values: []).word?.replacing("_", with: " ") ?? key
    }

    private static func title(_ axis: ComparisonAxis, _ value: String, _ configuration: RunConfiguration) -> String {
        switch axis.key {
        case "model": configuration.model.kindTitle
        case "data" where !value.contains("/"): configuration.data.kindTitle
        default: axis.word.map { "\($0.replacing("_", with: " ")) \(value)" } ?? value
        }
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
