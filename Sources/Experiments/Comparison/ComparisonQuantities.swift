import Measurements

/// What a comparison measures of each network.
extension Quantity {
    static let parameters = Quantity("parameters", name: "parameters", form: .count)

    /// The windows of the final mean losses.
    static let lossWindows = [1_000, 500, 100, 50]

    /// The mean training loss of the last `window` steps.
    static func meanLoss(_ window: Int) -> Quantity {
        let bars = Quantity.Bars(
            title: "Mean loss of the last \(DecimalText.grouped(window)) steps", section: Section.loss,
            scale: Plot.Axis.loss.unit,
            referenceNote: "The reference's figures were made with 5,000 steps of 250 images.", digits: 5)
        return Quantity(
            "mean-loss-\(window)", name: "mean loss", detail: "last \(DecimalText.grouped(window)) steps",
            direction: .lowerIsBetter, form: .decimal, bars: window == 500 ? bars : nil)
    }

    static let lastLoss = Quantity(
        "last-loss", name: "loss", detail: "last step", direction: .lowerIsBetter, form: .decimal)

    static let trainingSteps = Quantity(
        "training-steps", name: "training", unit: "steps per second", direction: .higherIsBetter, form: .rate)

    static let trainingImages = Quantity(
        "training-speed", name: "training", unit: "images per second", direction: .higherIsBetter, form: .rate,
        praise: "trained fastest",
        bars: Bars(
            title: "Training", section: Section.speed,
            referenceNote: "Published: on one cloud GPU whose data loading bound its speed."))

    static let stepTime = Quantity(
        "step-time", name: "training", detail: "time a step", direction: .lowerIsBetter, form: .duration)

    static let trainingTime = Quantity(
        "training-time", name: "training", detail: "time", direction: .lowerIsBetter, form: .duration)

    static let compilingTime = Quantity(
        "compiling-time", name: "compiling", detail: "time", direction: .lowerIsBetter, form: .duration)

    static let samplingSteps = Quantity(
        "sampling-speed", name: "sampling", unit: "solver steps per second", direction: .higherIsBetter, form: .rate,
        praise: "sampled fastest",
        bars: Bars(title: "Sampling", section: Section.speed, referenceNote: "Published: on one cloud GPU."))

    static let samplingImages = Quantity(
        "sampling-images", name: "sampling", unit: "images per second", direction: .higherIsBetter, form: .rate)

    static let stateMemory = Quantity(
        "state-memory", name: "memory", detail: "weights, optimizer and average", direction: .lowerIsBetter,
        form: .memory)

    static let stepMemory = Quantity(
        "step-memory", name: "memory", detail: "training step, all of it", direction: .lowerIsBetter, form: .memory)

    static let samplingTime = Quantity(
        "sampling-time", name: "sampling", detail: "time, all grids", direction: .lowerIsBetter, form: .duration)
}

extension Plot.Axis {
    static let step = Plot.Axis(label: "training step")
    static let loss = Plot.Axis(label: "loss", unit: "squared error summed over the pixels", isLogarithmic: true)
}

/// What a comparison follows over the training steps.
extension Plot {
    static let loss = Plot(
        "loss", title: "Training loss", section: Section.loss, xAxis: .step, yAxis: .loss, hasCloseUp: true)
    static let heldOutLoss = Plot(
        "held-out", title: "Held-out loss", section: Section.heldOut, xAxis: .step, yAxis: .loss)
    static let frechetDistance = Plot(
        "frechet-training", title: "Frechet distance along the training", section: Section.quality, xAxis: .step,
        yAxis: Plot.Axis(label: "Frechet distance to the test split", isLogarithmic: true))
}

/// The sections of a comparison's report.
extension Section {
    static let loss = "Loss"
    static let samples = "Samples"
    static let heldOut = "Held-out loss"
    static let speed = "Speed"
    static let quality = "Quality"
    static let sheets = "Nearest, surest and least sure"

    /// - Parameters:
    ///   - grid: of every subject's samples
    ///   - quality: what the figures of quality have in common
    static func ofComparison(_ grid: LabelGrid, quality introduction: String = "") -> [Section] {
        [
            Section(quality, introduction: introduction), Section(loss),
            Section(
                samples, introduction: "\(grid.caption) All models start from the same noise in the same cell."),
            Section(
                sheets,
                introduction:
                    "Of each run, or the first of those that differ by the seed alone; from its last evaluation."),
            Section(heldOut), Section(speed),
        ]
    }
}
