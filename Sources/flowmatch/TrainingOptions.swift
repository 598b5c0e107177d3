import ArgumentParser
import Models
import Training

/// Options that decide how a network is trained; the defaults are the reference's.
struct TrainingOptions: ParsableArguments {
    @Option(help: "Images a step, drawn without repeats.")
    var batchSize = 250

    @Option(help: "Steps in total.")
    var steps = 5000

    @Option(help: "Learning rate of Adam, after warm-up.")
    var learningRate = 1e-3

    @Option(help: "Steps over which the learning rate rises from 0.")
    var warmupSteps = 0

    @Flag(help: "Let the learning rate fall to 0 at the last step, along a cosine.")
    var cosineDecay = false

    @Option(help: "Decoupled weight decay (AdamW).")
    var weightDecay = 0.0

    @Option(help: "Scale gradients down to this global norm; 0 leaves them.")
    var gradientClip = 0.0

    @Option(help: "Probability that a label is hidden, for classifier-free guidance.")
    var labelDropout = 0.1

    @Option(help: "Seed of every random number of the run.")
    var seed: UInt64 = 0

    @Flag(help: "Keep no moving average of the weights.")
    var noEma = false

    @Option(help: "Decay of the moving average of the weights.")
    var emaDecay = 0.999

    @Option(help: "Steps between checkpoints; the last step always gets one.")
    var checkpointEvery = 1000

    @Option(help: "Newest checkpoints to keep; 0 keeps all.")
    var keepCheckpoints = 0

    @Option(help: "Steps between evaluations of the held-out loss; 0 for none.")
    var validateEvery = 500

    @Flag(help: "Also write the metrics as an event file that TensorBoard opens.")
    var tensorboard = false

    @Option(help: "The most steps dispatched to the device together.")
    var stepsPerDispatch = 50

    func validate() throws {
        guard stepsPerDispatch > 0 else { throw ValidationError("--steps-per-dispatch must be 1 or more.") }
    }

    func configuration(of model: ModelSpecification, on device: DeviceOptions) -> RunConfiguration {
        var configuration = RunConfiguration(model: model)
        configuration.batchSize = batchSize
        configuration.steps = steps
        configuration.seed = seed
        configuration.precision = device.precision
        configuration.labelDropout = labelDropout
        configuration.averageDecay = noEma ? 0 : emaDecay
        configuration.checkpointEvery = checkpointEvery
        configuration.keepCheckpoints = keepCheckpoints
        configuration.validateEvery = validateEvery
        configuration.optimizer.learningRate = learningRate
        configuration.optimizer.warmupSteps = warmupSteps
        configuration.optimizer.decaySteps = cosineDecay ? steps : 0
        configuration.optimizer.weightDecay = weightDecay
        configuration.optimizer.gradientClip = gradientClip
        return configuration
    }
}
