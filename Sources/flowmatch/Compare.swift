import ArgumentParser
import Models

struct Compare: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Train several networks on the same task, sample each from the same noise, and report.",
        discussion: """
            Writes one folder: a run for each network, and report.html, report.md, report.json with their pictures. \
            Runs that are finished are taken up as they are, half-finished ones are resumed. The defaults are the \
            reference experiment.
            """)

    @Option(help: ArgumentHelp("The networks, in the order of the report.", valueName: "name,name"))
    var models: ModelList = ModelList(names: ModelName.allCases)

    @Option(
        name: .customLong("set"),
        help: ArgumentHelp("A setting of one network, such as dit.depth=2; repeatable.", valueName: "model.name=value"))
    var settings: [String] = []

    @OptionGroup(title: "Training") var training: TrainingOptions

    @Option(help: "Guidance scale of the samples; repeatable.")
    var guidance: [Double] = [1, 3, 5]

    @Option(help: "Steps of Euler's method from noise to image.")
    var sampleSteps = 99

    @Option(help: "The folder of the comparison.", completion: .directory)
    var out: String

    @OptionGroup(title: "Data") var data: DataOptions
    @OptionGroup(title: "Device") var device: DeviceOptions

    func validate() throws {
        guard sampleSteps > 0 else { throw ValidationError("--sample-steps must be 1 or more.") }
        guard guidance.allSatisfy(\.isFinite), !guidance.isEmpty else {
            throw ValidationError("--guidance must be a number.")
        }
    }

    func run() throws {
        try ComparisonSession(self, specifications: specifications()).run()
        if Interruption.isRequested { throw ExitCode(130) }
    }

    private func specifications() throws -> [ModelSpecification] {
        var assignments: [ModelName: [String]] = [:]
        for setting in settings {
            let parts = setting.split(separator: ".", maxSplits: 1).map(String.init)
            guard parts.count == 2, let name = ModelName(rawValue: parts[0]) else {
                throw ModelConfigurationError.malformedForModel(setting)
            }
            guard models.names.contains(name) else { throw ModelConfigurationError.unusedModel(setting) }
            assignments[name, default: []].append(parts[1])
        }
        return try models.names.map { try ModelSpecification($0, assignments: assignments[$0] ?? []) }
    }
}

/// Names of networks, separated by commas, none twice.
struct ModelList: ExpressibleByArgument, CustomStringConvertible {
    let names: [ModelName]

    init(names: [ModelName]) { self.names = names }

    init?(argument: String) {
        let parts = argument.split(separator: ",")
        names = parts.compactMap { ModelName(rawValue: String($0)) }
        guard !names.isEmpty, names.count == parts.count, Set(names).count == names.count else { return nil }
    }

    var description: String { names.map(\.rawValue).joined(separator: ",") }

    var defaultValueDescription: String { description }
}
