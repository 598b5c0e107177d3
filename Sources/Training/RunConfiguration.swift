public import Datasets
public import Flows
public import Models
public import Settings
public import StableHLO

/// Everything that there is to choose about a run: what decides its numbers, what is recorded, and how it is sampled where
/// nobody says otherwise. Saved with it as `config.json`.
public struct RunConfiguration: SettingGroup {
    @Slot(Networks.registry) public var model: any ModelConfiguration = UNet.Configuration()
    @Slot(DatasetSources.registry) public var data: any DatasetSource = MNIST()
    /// What is done to images before they are learnt from.
    public var augmentation = Augmentation()
    @Slot(ProbabilityPaths.registry) public var path: any ProbabilityPath = LinearPath()
    @Slot(Predictions.registry) public var prediction: any Prediction = VelocityPrediction()
    @Slot(Weightings.registry) public var weighting: any Weighting = UniformWeighting()
    @Slot(TimeDistributions.registry) public var times: any TimeDistribution = UniformTimes()
    @Slot(Couplings.registry) public var coupling: any Coupling = IndependentCoupling()
    @Slot(Optimizers.registry) public var optimizer: any Optimizer = Adam()
    @Slot(LearningRateSchedules.registry) public var schedule: any LearningRateSchedule = ConstantSchedule()
    @Slot(WeightAverages.registry) public var average: any WeightAverage = ExponentialAverage()
    /// How it is trained, whatever the network and the objective.
    public var training = TrainingSettings()
    /// What is written down, and when.
    public var recording = RecordingSettings()
    @Slot(Guidances.registry, role: .recording) public var guidance: any Guidance = ClassifierFreeGuidance()
    @Slot(Solvers.registry, role: .recording) public var solver: any Solver = Euler()
    @Slot(TimeGrids.registry, role: .recording) public var timeGrid: any TimeGrid = UniformGrid()
    /// How images are drawn, whatever solver and guidance.
    public var sampling = SamplingSettings()
    @Slot(DivergenceEstimates.registry, role: .recording)
    public var divergence: any DivergenceEstimate = HutchinsonDivergence()
    /// How likelihoods are computed, whatever divergence and solver.
    public var likelihood = LikelihoodSettings()

    /// The reference experiment's training of a UNet.
    public init() {}

    public func conflicts() -> [SettingConflict] {
        let least = coupling.leastBatch
        guard training.batchSize < least else { return [] }
        return [
            SettingConflict(
                "training.batch_size",
                mustBe: "\(least) or more for coupling=\(coupling.kindName), which pairs in a batch")
        ]
    }

    /// What the network is trained to.
    public var objective: FlowMatchingObjective {
        FlowMatchingObjective(
            path: path, prediction: prediction, weighting: weighting, times: times,
            hasStratifiedTimes: training.stratifiedTimes, coupling: coupling,
            labelDropout: LabelDropout(probability: training.labelDropout))
    }

    /// How its weights move.
    public var weightUpdate: WeightUpdate {
        WeightUpdate(
            optimizer: optimizer, schedule: schedule, average: average,
            clipping: GradientClipping(norm: training.gradientClip), totalSteps: training.steps)
    }

    /// The times between which the solver's steps lead.
    public var samplingTimes: [Double] { timeGrid.times(steps: sampling.steps) }

    /// The velocities of a network that is trained so.
    public func velocityField(of network: any ConditionalNetwork) -> VelocityField {
        VelocityField(network, path: path, prediction: prediction)
    }
}

/// How a network is trained, whatever it is and whatever it is trained to.
public struct TrainingSettings: SettingGroup {
    @Setting("Steps in total.", unit: "steps", .atLeast(1), mayChangeOnResume: true) public var steps = 5000
    @Setting("Images a step, drawn without repeats.", unit: "images", .atLeast(1)) public var batchSize = 250
    @Setting("Seed of every random number of the training.") public var seed: UInt64 = 0
    @Setting("Probability that a label is hidden, for classifier-free guidance.", .from(0, through: 1))
    public var labelDropout = 0.1
    @Setting(
        "Whether a batch's times are spread evenly over the distribution of times, one from each equal part; a calmer loss."
    )
    public var stratifiedTimes = false
    @Setting("Gradients are scaled down to this global norm; 0 leaves them.", .atLeast(0)) public var gradientClip = 0.0
    @Setting(
        "Precision of matrix products and convolutions, all else being float32; tf32 needs an NVIDIA GPU, bf16 sums in fp32."
    )
    public var precision = MatrixPrecision.float32

    public init() {}
}

/// What of a run is written down, and when.
public struct RecordingSettings: SettingGroup {
    @Setting(
        "Steps between checkpoints; the last step always gets one.", unit: "steps", .atLeast(1), role: .recording)
    public var checkpointEvery = 1000
    @Setting("Newest checkpoints to keep; 0 keeps all.", .atLeast(0), role: .recording) public var keepCheckpoints = 0
    @Setting(
        "Steps between evaluations of the held-out loss; 0 for none.", unit: "steps", .atLeast(0), role: .recording)
    public var validateEvery = 500
    @Setting(
        "Test images that the held-out loss is computed on.", unit: "images", .atLeast(1), role: .recording)
    public var validationImages = 1000
    @Setting(
        "Steps between Frechet distances of the run's images from the test images, drawn without guidance with the solver's steps of a picture; 0 for none.",
        unit: "steps", .atLeast(0), role: .recording)
    public var evaluateEvery = 0
    @Setting(
        "Images that such a distance is of; of fewer images it is larger.", unit: "images",
        .from(128, through: 1_000_000), role: .recording)
    public var evaluateSamples = 1000
    @Setting(
        "Steps of the solver for the picture at a checkpoint.", unit: "steps", .from(1, through: 1_000_000),
        role: .recording)
    public var pictureSteps = 25
    @Setting("Whether metrics are also written as an event file that TensorBoard opens.", role: .recording)
    public var tensorboard = false
    @Setting("The most steps dispatched to the device together.", unit: "steps", .atLeast(1), role: .recording)
    public var stepsPerDispatch = 50

    public init() {}
}

/// How images are drawn, whatever the solver and the guidance.
public struct SamplingSettings: SettingGroup {
    @Setting("Steps of the solver from noise to image.", unit: "steps", .from(1, through: 1_000_000), role: .recording)
    public var steps = 99
    @Setting("Seed of the noise.", role: .recording) public var seed: UInt64 = 0
    @Setting("Whether the weights' moving average draws, where one is kept.", role: .recording)
    public var averagedWeights = true

    public init() {}
}

/// How the likelihood of images is computed, whatever the divergence and the solver.
public struct LikelihoodSettings: SettingGroup {
    @Setting("Images of the test split, from its start.", unit: "images", .atLeast(1), role: .recording)
    public var images = 1000
    @Setting(
        "Whether it is that of an image given its label; else that of the image alone, by the field without a label.",
        role: .recording)
    public var conditional = true
    @Setting("Seed of what is added to the bytes, and of random vectors.", role: .recording) public var seed: UInt64 = 0

    public init() {}
}

extension MatrixPrecision: SettingChoice {}
