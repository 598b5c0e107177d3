import ArgumentParser
import Settings
import Training

/// Shorthands of the settings that are changed most.
struct TrainingOptions: ParsableArguments {
    @Option(knob: "training.batch_size") var batchSize: Assignment?
    @Option(knob: "training.steps") var steps: Assignment?
    @Option(knob: "optimizer.learning_rate") var learningRate: Assignment?
    @Option(knob: "schedule.warmup_steps") var warmupSteps: Assignment?
    @Flag(help: "Let the learning rate fall to 0 at the last step. Short for --set schedule=cosine.")
    var cosineDecay = false
    @Option(help: "Decoupled weight decay. Short for --set optimizer=adamw --set optimizer.weight_decay=...")
    var weightDecay: String?
    @Option(knob: "training.gradient_clip") var gradientClip: Assignment?
    @Option(knob: "training.label_dropout") var labelDropout: Assignment?
    @Option(knob: "training.seed") var seed: Assignment?
    @Option(knob: "training.precision") var precision: Assignment?
    @Flag(help: "Keep no moving average of the weights. Short for --set average=none.") var noEma = false
    @Option(knob: "average.decay", name: "ema-decay") var emaDecay: Assignment?
    @Option(knob: "recording.checkpoint_every") var checkpointEvery: Assignment?
    @Option(knob: "recording.keep_checkpoints") var keepCheckpoints: Assignment?
    @Option(knob: "recording.validate_every") var validateEvery: Assignment?
    @Option(knob: "recording.evaluate_every") var evaluateEvery: Assignment?
    @Option(knob: "recording.evaluate_samples") var evaluateSamples: Assignment?
    @Option(knob: "recording.steps_per_dispatch") var stepsPerDispatch: Assignment?
    @Flag(help: "Also write an event file that TensorBoard opens. Short for --set recording.tensorboard=true.")
    var tensorboard = false

    /// Those that are more than a value of one setting come first, so that an option of their kind can follow.
    var allAssignments: [Assignment] {
        var list: [Assignment] = []
        if cosineDecay { list += Shorthand.cosineDecay.assignments(from: "--cosine-decay") }
        if noEma { list += Shorthand.noAverage.assignments(from: "--no-ema") }
        if let weightDecay { list += Shorthand.weightDecay(weightDecay).assignments(from: "--weight-decay") }
        if tensorboard { list += Shorthand.tensorBoard.assignments(from: "--tensorboard") }
        return list + assignments
    }
}
