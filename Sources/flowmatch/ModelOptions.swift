public import ArgumentParser
public import Models

extension ModelName: ExpressibleByArgument {}

/// Which network, and which of its sizes differ from the reference's.
struct ModelOptions: ParsableArguments {
    @Option(help: "The network.")
    var model: ModelName = .unet

    @Option(
        name: .customLong("set"),
        help: ArgumentHelp(
            "A setting of the network, such as num_residual_layers=1 or channels=16,32,64; repeatable.",
            discussion: "`flowmatch info --model NAME` lists them all.", valueName: "name=value"))
    var settings: [String] = []

    func specification() throws -> ModelSpecification {
        try ModelSpecification(model, assignments: settings)
    }
}
