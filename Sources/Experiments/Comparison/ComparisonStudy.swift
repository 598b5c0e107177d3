import Basis
import Compute
import Datasets
import Foundation
import Measurements
import Models
import PJRT
import Quality
import Settings
import Training

/// What a report says of runs that were measured.
struct ComparisonStudy {
    private let members: [ComparedRun]
    private let measured: [MeasuredRun]
    private let guidance: [Double]
    private let quality: QualityOfRuns?

    private var configurations: [RunConfiguration] { members.map(\.configuration) }

    /// - Parameter measured: of each member
    init(_ members: [ComparedRun], _ measured: [MeasuredRun], guidance: [Double]) {
        self.members = members
        self.measured = measured
        self.guidance = guidance
        quality = QualityOfRuns(measured)
    }

    /// What sets a run apart: sizes of its network that are not the defaults, and all else that the runs do not share.
    private func own(_ configuration: RunConfiguration) -> [Fact] {
        let shared = Set(facts.map(\.name))
        return configuration.flattened().filter { setting in
            if ComparisonStudy.isPlace(setting) { return false }
            if setting.key == "model" {
                return configurations.contains { $0.model.kindName != configuration.model.kindName }
            }
            guard setting.key.hasPrefix("model.") else { return !shared.contains(setting.key) }
            return configuration.reference.value(of: setting.key) != setting.value
        }.map { Fact($0.key, $0.value.description) }
    }

    /// Whether a setting only says where images are on this machine.
    private static func isPlace(_ setting: FlatSetting) -> Bool {
        setting.key.hasPrefix("data.") && setting.declaration.role == .recording
    }

    /// What runs were trained on: once where it is the same for all, else with each.
    static func factsOfData(_ data: [DatasetIdentity?]) -> (shared: [Fact], own: [[Fact]]) {
        if let first = data.first ?? nil, data.allSatisfy({ $0 == first }) {
            return (first.facts, data.map { _ in [] })
        }
        return ([], data.map { $0?.facts ?? [Fact("training images", "not recorded")] })
    }

    /// By the figure that ranks the runs, by the held-out loss and by the Frechet distance, where they have them.
    private var findings: [Finding] {
        // Figures of other data are of other errors, or made with other features.
        func findings(
            _ figure: String, ofOtherKindBy axes: Set<String> = [], _ value: (MeasuredRun) -> Double?
        ) -> [Finding] {
            let figures = zip(members, measured).compactMap { member, run in
                run.failure == nil ? value(run).map { (choices: member.choices, figure: $0) } : nil
            }
            return ComparisonFinding.of(figures, leavingOut: axes.union(["data"])).map { $0.finding(figure) }
        }
        func name(_ quantity: Quantity) -> String {
            "\(quantity.name)\(quantity.detail.isEmpty ? "" : " (\(quantity.detail))")"
        }
        let ranking = measured.ranking
        let ranked = findings(name(ranking), ofOtherKindBy: ["path", "prediction", "weighting"]) {
            $0.subject.reading(of: ranking)?.value
        }
        // The velocity's error, whatever is predicted; on another path it is another velocity's.
        let heldOut = findings("held-out loss", ofOtherKindBy: ["path"]) { run in
            run.records.last { $0.validationLoss != nil }.flatMap { $0.validationLossAveraged ?? $0.validationLoss }
        }
        guard let quality, let distance = quality.distance else { return ranked + heldOut }
        return ranked + heldOut
            + findings(name(distance)) { run in
                quality.readings(of: run).first { $0.quantity == distance }?.value
            }
    }

    /// The study, but for pictures of its evaluations.
    func study(on engine: Engine, command: String) throws -> Study {
        let dataFacts = ComparisonStudy.factsOfData(measured.map(\.data))
        let times = TimeToLevel.readings(of: measured)
        let subjects = try measured.indices.map { index in
            let (member, run) = (members[index], measured[index])
            var subject = run.subject
            subject.choices = member.choices.map { Fact(ComparedRun.word(of: $0.key), shortened($0)) }
            subject.settings = own(run.configuration) + dataFacts.own[index] + (try checksums(of: member))
            subject.readings += times[index] + (quality?.readings(of: run) ?? [])
            subject.curves += quality?.curves(of: run) ?? []
            return subject
        }
        let grid = LabelGrid(
            classCount: try measured[0].configuration.form().classCount, perClass: ComparisonRun.imagesPerLabel)
        let groups = SeedGroups.of(members, subjects)
        let titles = groups.isEmpty ? members.map(\.title) : groups.map(\.summary.name)
        let about = titles.count > 4 ? "\(members.count) runs" : WordList.text(titles)
        let data = Array(Set(configurations.map(\.data.kindTitle))).sorted()
        return Study(
            title: "\(about) on the same flow-matching task", topics: data + [engine.device.kind],
            command: command,
            date: Date(), environment: try environment(engine), configuration: facts + dataFacts.shared,
            subjects: subjects, groups: groups, findings: findings,
            rankedBy: measured.ranking.id, reference: PublishedFigures.reference,
            sections: Section.ofComparison(grid, quality: quality?.introduction ?? ""))
    }

    /// A choice without the word that names its column.
    private func shortened(_ choice: ComparedRun.Choice) -> String {
        let word = "\(ComparedRun.word(of: choice.key)) "
        return choice.title.hasPrefix(word) ? String(choice.title.dropFirst(word.count)) : choice.title
    }

    /// By which another person sees that a run came out the same.
    private func checksums(of member: ComparedRun) throws -> [Fact] {
        guard let step = member.folder.checkpointSteps().last else { return [] }
        let checksum = try FileChecksum.text(of: member.folder.checkpointFile(step: step))
        return [Fact("weights of step \(step), SHA-256", checksum)]
    }

    /// What all runs are set to, but for their networks.
    private var facts: [Fact] {
        let settings = configurations.map { $0.flattened().filter { $0.key != "model" && !$0.key.hasPrefix("model.") } }
        return settings[0].filter { setting in
            settings.allSatisfy { list in list.contains { $0.key == setting.key && $0.value == setting.value } }
                && !ComparisonStudy.isPlace(setting)
        }.map { setting in
            let unit = setting.declaration.unit.isEmpty ? "" : " \(setting.declaration.unit)"
            return Fact(setting.key, "\(setting.value)\(unit)")
        }
            + (guidance.isEmpty
                ? [] : [Fact("guidance scales", guidance.map(DecimalText.exact).joined(separator: ", "))])
    }

    private func environment(_ engine: Engine) throws -> [Fact] {
        let client = engine.device.client
        let version = client.plugin.apiVersion
        return [
            Fact("flowmatch", Version.current),
            Fact("Plugin", URL(fileURLWithPath: client.plugin.path).lastPathComponent),
            Fact("Plugin, SHA-256", try FileChecksum.text(of: client.plugin)),
            Fact("PJRT C API", "\(version.major).\(version.minor)"), Fact("Platform", client.platformName),
            Fact("Device", engine.device.kind), Fact("Processor", CPU.summary),
        ] + (quality?.features ?? []).map { Fact("Features, SHA-256", $0) }
    }
}

extension DatasetIdentity {
    /// For a report.
    var facts: [Fact] {
        let form = channels == 1 ? "gray" : "colour"
        return [
            Fact("training images", "\(DecimalText.grouped(count)) of \(name) (\(split)), \(form)"),
            Fact("their checksum", checksum),
            Fact("their size", "\(side) x \(side)" + (resize == "none" ? "" : " by \(resize)")),
        ]
    }
}

extension RunConfiguration {
    /// The reference experiment with this network at its defaults.
    var reference: RunConfiguration {
        var reference = RunConfiguration()
        if let model = Networks.registry[model.kindName] { reference.model = model }
        return reference
    }
}
