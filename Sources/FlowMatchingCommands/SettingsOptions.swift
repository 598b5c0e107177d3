import ArgumentParser
import Basis
import Compute
import Datasets
import Foundation
import Settings
import Training

/// What any command that makes a configuration takes: the network, the data, a file, and any setting by its key.
struct SettingsOptions: ParsableArguments {
    @Option(knob: "model") var model: Assignment?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The images: mnist, fashion-mnist, a folder of pictures, of IDX files, or an NPZ file. (default: mnist)",
            discussion: "Short for --set data=... --set data.folder=...; `flowmatch data` says what there is.",
            valueName: "name or path"),
        completion: .file())
    var data: String?

    @Flag(help: "Leave out pictures that cannot be read. Short for --set data.skip_unreadable=true.")
    var skipUnreadable = false

    @Option(
        name: .customLong("set"), parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "Any setting, such as path=cosine or optimizer.learning_rate=2e-3; repeatable.",
            discussion: "`flowmatch settings` lists them all.", valueName: "key=value"),
        completion: .list(Knobs.keys.map { $0 + "=" }))
    var set: [String] = []

    @Option(
        help: "A JSON file of settings grouped by slot; flags go before it.",
        completion: .file(extensions: ["json"]))
    var config: String?

    /// The settings of the file, or those given.
    ///
    /// - Parameter file: named by an argument of its own
    func base(_ base: RunConfiguration = RunConfiguration(), file: String? = nil) throws -> RunConfiguration {
        try base.applying(fileAssignments(file))
    }

    /// What the file sets; nothing where none was given.
    ///
    /// - Parameter file: named by an argument of its own
    func fileAssignments(_ file: String? = nil) throws -> [Assignment] {
        guard let config = file ?? config else { return [] }
        guard let data = FileManager.default.contents(atPath: config) else {
            throw ValidationError("\(config) cannot be read; name a JSON file of settings.")
        }
        return try SettingsFile(data, path: config, headerKeys: RunFile.headerKeys).assignments
    }

    /// Whether none was given.
    var isEmpty: Bool { model == nil && data == nil && !skipUnreadable && set.isEmpty && config == nil }

    /// What flags set: shorthands, then `--set`.
    func texts(_ shorthands: [Assignment] = []) -> AssignmentTexts {
        var images = data.map { DatasetSources.assignments(naming: $0, from: "--data") } ?? []
        if skipUnreadable { images.append(Assignment("data.skip_unreadable", .flag(true), from: "--skip-unreadable")) }
        var texts = AssignmentTexts(assignments + shorthands + images)
        for text in set { texts.add(text, from: "--set") }
        return texts
    }

    /// The whole configuration.
    func configuration(
        over defaults: RunConfiguration = RunConfiguration(), _ shorthands: [Assignment] = []
    ) throws -> RunConfiguration {
        let base = try base(defaults)
        return try texts(shorthands).resolved(by: base.applying)
    }
}

extension DatasetPlaces {
    /// Where this program looks for data that nobody named the folder of.
    static var usual: DatasetPlaces {
        DatasetPlaces(setUpFolder: SetUpFolder.url, cacheFolder: DiskCache.standard?.folder)
    }
}

extension ParsableArguments {
    /// The shorthands that were given, found as the parser finds them: by a walk over the properties.
    var assignments: [Assignment] {
        Mirror(reflecting: self).children.compactMap { ($0.value as? Option<Assignment?>)?.wrappedValue }
    }
}

extension Option where Value == Assignment? {
    /// An option that is short for a setting: its help, default and rules are those of the setting's declaration.
    ///
    /// - Parameter name: of the option; left out, the setting's last part
    init(knob key: String, name: String? = nil) {
        guard let knob = Knobs.manual.knob(key) else { preconditionFailure("there is no setting \(key)") }
        let last = String(key.split(separator: ".").last ?? "").replacing("_", with: "-")
        let option = name ?? last
        let rule = key.contains(".") ? "" : " \(knob.rule.prefix(1).uppercased() + knob.rule.dropFirst())."
        let help = ArgumentHelp(
            "\(knob.summary)\(rule) (default: \(knob.defaultValue))", discussion: "Short for --set \(key)=...",
            valueName: last)
        let completion: CompletionKind? = knob.choices.isEmpty ? nil : .list(knob.choices)
        self.init(name: .customLong(option), parsing: .unconditional, help: help, completion: completion) {
            Assignment(key, .typed($0), from: "--\(option)")
        }
    }
}

/// What there is to set, walked once.
enum Knobs {
    static let manual = SettingsManual(RunConfiguration())

    /// The names of slots and groups.
    static let groups = manual.sections.map(\.name)

    /// The keys of all kinds' settings.
    static let keys = manual.sections.flatMap { section in
        ([section.choice].compactMap { $0 } + section.knobs + section.kinds.flatMap(\.knobs)).map(\.key)
    }.uniqued.sorted()
}
