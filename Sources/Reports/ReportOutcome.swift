/// What a comparison came to, in sentences computed from its numbers.
struct ReportOutcome {
    /// The window that the models are ranked by: 500 steps, as published, or the largest that every model has.
    let window: Int?
    /// The sentences of the summary.
    let sentences: [String]

    init(_ report: ExperimentReport) {
        let models = report.models
        let shared = [500, 1000, 100, 50].first { window in
            !models.isEmpty && models.allSatisfy { $0.loss.finalMean(over: window) != nil }
        }
        window = shared
        sentences = [
            Self.ranking(models, window: shared), Self.speed(models), Self.comparison(models),
        ].compactMap { $0 }
    }

    /// The figure a model is ranked by.
    func finalLoss(_ model: ModelReport) -> Double {
        Self.finalLoss(model, window: window)
    }

    /// What ``finalLoss(_:)`` is, in words.
    var finalLossName: String {
        window.map { "mean loss, last \(FigureText.count($0)) steps" } ?? "loss of the last step"
    }

    private static func finalLoss(_ model: ModelReport, window: Int?) -> Double {
        window.flatMap { model.loss.finalMean(over: $0) } ?? model.loss.last
    }

    private static func ranking(_ models: [ModelReport], window: Int?) -> String? {
        let measure = window.map { "a mean of the last \(FigureText.count($0)) steps" } ?? "the loss of the last step"
        let finite = models.filter { finalLoss($0, window: window).isFinite }
            .sorted { finalLoss($0, window: window) < finalLoss($1, window: window) }
        let lost = models.filter { !finalLoss($0, window: window).isFinite }.map(\.name)
        let diverged = lost.isEmpty ? "" : " The loss of \(FigureText.list(lost)) did not stay finite."
        guard let best = finite.first else {
            return models.isEmpty ? "No model was run." : String(diverged.dropFirst())
        }
        let figure = FigureText.loss(finalLoss(best, window: window))
        let isOneLength = Set(models.map(\.loss.steps)).count == 1
        let start = isOneLength ? "After \(FigureText.count(best.loss.steps)) steps " : ""
        guard finite.count > 1 else {
            return "\(start)\(best.name) stands at a loss of \(figure) (\(measure)).\(diverged)"
        }
        let others = finite.dropFirst().map { "\($0.name) at \(FigureText.loss(finalLoss($0, window: window)))" }
        return "\(start)\(best.name) has the lowest loss, \(figure) (\(measure)), "
            + "ahead of \(FigureText.list(others)).\(diverged)"
    }

    private static func speed(_ models: [ModelReport]) -> String? {
        func fastest(_ rate: (ModelReport) -> Double?) -> (model: ModelReport, rate: Double)? {
            models.compactMap { model in rate(model).map { (model, $0) } }.filter { $0.1.isFinite }
                .max { $0.1 < $1.1 }
        }
        guard models.count > 1, let training = fastest({ $0.training.imagesPerSecond }) else { return nil }
        let trained = "\(training.model.name) trained fastest, at \(FigureText.rate(training.rate)) images a second"
        guard let sampling = fastest({ $0.sampling?.stepsPerSecond }) else { return trained + "." }
        let subject = sampling.model.name == training.model.name ? "it also sampled" : "\(sampling.model.name) sampled"
        return "\(trained); \(subject) fastest, at \(FigureText.rate(sampling.rate)) solver steps a second."
    }

    private static func comparison(_ models: [ModelReport]) -> String? {
        let published = models.filter { $0.published != nil }
        guard !published.isEmpty else { return nil }
        let differences = published.filter(\.comparability.isComparable).compactMap { model -> String? in
            guard let figures = model.published, let mean = model.loss.finalMean(over: 500), mean.isFinite else {
                return nil
            }
            return "\(model.name) \(FigureText.difference(mean, from: figures.meanLossOfLast500))"
        }
        let others = published.filter { !$0.comparability.isComparable }.map(\.name)
        let distance =
            differences.isEmpty ? "" : "Against the published losses: \(FigureText.list(differences))."
        guard !others.isEmpty else { return distance.isEmpty ? nil : distance }
        let subject = others.count == published.count ? "The losses" : "The losses of \(FigureText.list(others))"
        let caution = "\(subject) are not comparable with the published ones, which were made in another setting."
        return distance.isEmpty ? caution : "\(distance) \(caution)"
    }
}
