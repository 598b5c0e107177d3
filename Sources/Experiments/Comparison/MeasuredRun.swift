import Datasets
import Measurements
import Settings
import Training

/// How fast a network was sampled. Compiling is not part of the time.
struct SamplingTime: Equatable {
    /// Images drawn together.
    var images: Int
    /// Solver steps under guidance, as the reference's are: a scale of 1 costs half and is left out.
    var guidedSteps: Int
    /// Images that were drawn under guidance.
    var guidedImages = 0
    var guidedSeconds: Double
    /// Of all grids.
    var totalSeconds: Double
}

/// One run of a comparison, and what a study says of it.
struct MeasuredRun {
    /// What can become of a run besides its end.
    enum Failure: Equatable {
        case diverged(step: Int, TrainingDivergence)
        /// By an error, in its words.
        case stopped(String)
    }

    /// Its name in the report.
    var name: String
    /// Its network's, by which published figures are found.
    var network: String
    var configuration: RunConfiguration
    /// The images that it was trained on; nil where that was not recorded.
    var data: DatasetIdentity?
    /// Where the network's configuration differs from its defaults.
    var settings: [Fact]
    var parameterCount: Int
    /// The steps of the run, in order.
    var records: [StepRecord]
    /// What is wrong with the records.
    var problems: [MetricsProblem] = []
    /// Nil for a run that was trained as far as was asked.
    var failure: Failure?
    /// What compiling the training step took; `nil` where it was not compiled now.
    var compileSeconds: Double?
    /// What the compiled training step occupies; nil where it was not compiled now, or the plugin does not tell.
    var stepMemory: Int?
    /// What weights, optimizer and average occupy.
    var stateMemory: Int?
    /// The figures of its images, the last first; from its `evaluation.json`.
    var evaluations: [Evaluation] = []
    /// Nil for a run that was not sampled.
    var sampling: SamplingTime?
    var pictures: [Picture]

    var course: Course { Course(records.map(\.loss), steps: records.map(\.step)) }

    private var failureText: String? {
        switch failure {
        case nil: nil
        case .diverged(let step, let what): "diverged at step \(step): \(what)"
        case .stopped(let error): "failed: \(error)"
        }
    }

    /// Its last losses, in a line.
    var summary: String {
        if let failure = failureText { return "\(name): \(failure)" }
        let means = Quantity.lossWindows.compactMap { window in
            course.finalMean(over: window).map { "\(NumberForm.decimal.text($0)) (last \(window))" }
        }
        let last = "loss of the last step \(NumberForm.decimal.text(course.values.last ?? .nan))"
        return "\(name): \(means.isEmpty ? last : "mean loss \(means.joined(separator: ", "))")"
    }

    /// The run's part of the study.
    var subject: Subject {
        let published = PublishedFigures(network: network)
        return Subject(
            name: name, settings: settings, readings: readings(published), curves: curves, pictures: pictures,
            caveats: (published?.differences(
                of: configuration, data: data, stepsRun: records.last?.step ?? 0, parameterCount: parameterCount)
                ?? ["no figures are published for this network"])
                + problems.map { "metrics.jsonl: \($0)" },
            failure: failureText)
    }

    private func readings(_ published: PublishedFigures?) -> [Reading] {
        [Reading(.parameters, Double(parameterCount), reference: published.map { Double($0.parameterCount) })]
            + (failure == nil ? losses(published) + training(published) : []) + memory + sampled(published)
    }

    private func losses(_ published: PublishedFigures?) -> [Reading] {
        let course = course
        guard let last = course.values.last else { return [] }
        let images = "\(configuration.training.batchSize) images" + (data.map { " of \($0.name)" } ?? "")
        let basis = (["\(DecimalText.grouped(records.count)) steps of \(images)"] + otherTarget).joined(separator: ", ")
        let means = Quantity.lossWindows.compactMap { window in
            course.finalMean(over: window).map { mean in
                Reading(
                    .meanLoss(window), mean, reference: window == 500 ? published?.meanLossOfLast500 : nil,
                    basis: basis)
            }
        }
        return means + [Reading(.lastLoss, last, reference: published?.lastLoss, basis: basis)]
    }

    /// What makes a loss another measure than the reference's: the error of something else, or weighted otherwise.
    private var otherTarget: [String] {
        let standard = RunConfiguration()
        let kinds: [(any SettingKind, any SettingKind, String)] = [
            (configuration.prediction, standard.prediction, "prediction"), (configuration.path, standard.path, "path"),
            (configuration.weighting, standard.weighting, "weighting"),
        ]
        return kinds.filter { $0.0.kindName != $0.1.kindName }.map { "\($0.0.kindName) \($0.2)" }
    }

    private func training(_ published: PublishedFigures?) -> [Reading] {
        var readings: [Reading] = []
        if !records.isEmpty {
            let seconds = records.reduce(0) { $0 + $1.seconds }
            let rate = Double(records.count) / seconds
            let basis = "batches of \(configuration.training.batchSize) images"
            readings = [
                Reading(.trainingSteps, rate, reference: published?.trainingStepsPerSecond, basis: basis),
                Reading(
                    .trainingImages, rate * Double(configuration.training.batchSize),
                    reference: published?.trainingImagesPerSecond, basis: basis),
                Reading(.stepTime, 1 / rate, basis: basis), Reading(.trainingTime, seconds),
            ]
        }
        return readings + (compileSeconds.map { [Reading(.compilingTime, $0)] } ?? [])
    }

    private var memory: [Reading] {
        let basis = "batches of \(configuration.training.batchSize) images"
        return (stateMemory.map { [Reading(.stateMemory, Double($0))] } ?? [])
            + (stepMemory.map { [Reading(.stepMemory, Double($0), basis: basis)] } ?? [])
    }

    private func sampled(_ published: PublishedFigures?) -> [Reading] {
        guard let sampling else { return [] }
        let isReference = sampling.images == PublishedFigures.samplingImages
        let basis = "\(DecimalText.grouped(sampling.images)) images at a time, guided"
        let speed = Reading(
            .samplingSteps, Double(sampling.guidedSteps) / sampling.guidedSeconds,
            reference: isReference ? published?.samplingStepsPerSecond : nil, basis: basis)
        let steps = "\(configuration.sampling.steps) steps of \(configuration.solver.kindName)"
        let images = Reading(
            .samplingImages, Double(sampling.guidedImages) / sampling.guidedSeconds, basis: "\(basis), \(steps)")
        return (sampling.guidedSteps > 0 ? [speed, images] : []) + [Reading(.samplingTime, sampling.totalSeconds)]
    }

    private var curves: [Curve] { lossCurves + distances }

    /// Of few images, drawn cheaply while it was trained.
    private var distances: [Curve] {
        let points = points(\.frechetDistance)
        let recording = configuration.recording
        let meaning =
            "\(DecimalText.grouped(recording.evaluateSamples)) images of \(recording.pictureSteps) solver steps, without "
            + "guidance, drawn while it was trained"
        return points.isEmpty ? [] : [Curve(.frechetDistance, line: Curve.Line(meaning: meaning, points: points))]
    }

    private var lossCurves: [Curve] {
        let loss = records.isEmpty ? [] : [course.curve(.loss)]
        let raw = points(\.validationLoss)
        guard !raw.isEmpty else { return loss }
        let averaged = points(\.validationLossAveraged)
        guard !averaged.isEmpty else {
            return loss + [
                Curve(.heldOutLoss, line: Curve.Line(meaning: "the weights as they were at each step", points: raw))
            ]
        }
        return loss + [
            Curve(
                .heldOutLoss, line: Curve.Line(meaning: "averaged weights (EMA)", points: averaged),
                companion: Curve.Line(meaning: "the weights as they were", points: raw))
        ]
    }

    private func points(_ value: KeyPath<StepRecord, Double?>) -> [CurvePoint] {
        records.compactMap { record in
            record[keyPath: value].map { CurvePoint(x: Double(record.step), y: $0) }
        }
    }
}

extension [MeasuredRun] {
    /// The quantity that ranks the runs: the final mean loss over 500 steps, as published, or over the largest window
    /// that every run has.
    var ranking: Quantity {
        let finished = filter { $0.failure == nil }
        let window = [500, 1_000, 100, 50].first { window in
            !finished.isEmpty && finished.allSatisfy { $0.records.count >= window }
        }
        return window.map(Quantity.meanLoss) ?? .lastLoss
    }
}
