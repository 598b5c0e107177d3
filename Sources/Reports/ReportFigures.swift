import Charts

/// A chart of a report, the file name it is saved under, and what is said below it.
struct ReportFigure {
    var name: String
    var caption: String
    var chart: any Chart
}

/// The charts of a report, each where there are numbers for it.
struct ReportFigures {
    var loss: [ReportFigure] = []
    var heldOut: [ReportFigure] = []
    var speed: [ReportFigure] = []

    var all: [ReportFigure] { loss + heldOut + speed }

    init(_ report: ExperimentReport) {
        let models = report.models
        guard models.contains(where: { $0.loss.steps > 0 }) else { return }
        loss = [Self.lossChart(models), Self.lastStepsChart(models)].compactMap { $0 }
        heldOut = Self.heldOutChart(models).map { [$0] } ?? []
        speed = [Self.trainingSpeedChart(models), Self.samplingSpeedChart(models)].compactMap { $0 }
        if let chart = Self.finalLossChart(models) { loss.append(chart) }
    }

    private static let stepAxis = Axis(label: "training step")
    private static let lossAxis = Axis(label: "loss", unit: "squared error summed over the pixels")

    private static func names(_ models: [ModelReport]) -> String { FigureText.list(models.map(\.name)) }

    private static func lossChart(_ models: [ModelReport]) -> ReportFigure {
        var axis = lossAxis
        axis.scale = .logarithmic
        let windows = Set(models.map(\.loss.smoothingWindow)).sorted().map { FigureText.count($0) }
        let isSmoothed = models.contains { $0.loss.smoothingWindow > 1 }
        let course =
            isSmoothed
            ? "Bold: the running mean of \(FigureText.list(windows)) steps. Faint: single steps. " : ""
        return ReportFigure(
            name: "loss",
            caption: course + "The loss axis is logarithmic.",
            chart: LineChart(
                title: "Training loss",
                summary: "Loss over the training steps of \(names(models)), on a logarithmic axis.", xAxis: stepAxis,
                yAxis: axis,
                series: models.enumerated().map { index, model in
                    LineSeries(
                        name: model.name, color: .series(index), points: model.loss.smoothed.points,
                        faintPoints: model.loss.smoothingWindow > 1 ? model.loss.series.points : [])
                }))
    }

    /// The last three fifths of the run's smoothed loss, where the curves of the whole run lie close together.
    private static func lastStepsChart(_ models: [ModelReport]) -> ReportFigure? {
        let steps = models.map(\.loss.steps).max() ?? 0
        guard steps >= 100 else { return nil }
        let first = Double(steps) * 0.4
        let series = models.enumerated().map { index, model in
            LineSeries(
                name: model.name, color: .series(index), points: model.loss.smoothed.points.filter { $0.x >= first })
        }
        guard series.contains(where: { $0.points.count > 1 }) else { return nil }
        return ReportFigure(
            name: "loss-last-steps", caption: "The same running means, the last three fifths on a linear axis.",
            chart: LineChart(
                title: "Training loss, the last three fifths",
                summary: "The smoothed loss of \(names(models)) over the last steps, on a linear axis.",
                xAxis: stepAxis, yAxis: lossAxis, series: series))
    }

    private static func finalLossChart(_ models: [ModelReport]) -> ReportFigure? {
        guard models.contains(where: { $0.loss.finalMean(over: 500) != nil && $0.published != nil }) else { return nil }
        return ReportFigure(
            name: "final-loss",
            caption: "The reference's figures were made with 5,000 steps of 250 images.",
            chart: BarChart(
                title: "Mean loss of the last 500 steps",
                summary: "The final loss of \(names(models)) beside the published ones.", unit: lossAxis.unit,
                categories: models.map(\.name),
                series: [
                    BarSeries(name: "this run", values: models.map { $0.loss.finalMean(over: 500) }),
                    BarSeries(
                        name: "published", values: models.map { $0.published?.meanLossOfLast500 }, isOutlined: true),
                ],
                digits: 5))
    }

    private static func heldOutChart(_ models: [ModelReport]) -> ReportFigure? {
        let series = models.enumerated().compactMap { index, model in
            model.heldOut.map { heldOut in
                LineSeries(
                    name: model.name, color: .series(index),
                    points: (heldOut.averagedWeights ?? heldOut.weights).points,
                    faintPoints: heldOut.averagedWeights == nil ? [] : heldOut.weights.points)
            }
        }
        guard !series.isEmpty else { return nil }
        let caption =
            series.contains { !$0.faintPoints.isEmpty }
            ? "Bold: averaged weights (EMA). Faint: the weights as they were."
            : "The weights as they were at each step."
        var axis = lossAxis
        axis.scale = .logarithmic
        return ReportFigure(
            name: "held-out", caption: caption + " The loss axis is logarithmic.",
            chart: LineChart(
                title: "Held-out loss", summary: "Loss of \(names(models)) on images that were not trained on.",
                xAxis: stepAxis, yAxis: axis, series: series))
    }

    private static func trainingSpeedChart(_ models: [ModelReport]) -> ReportFigure? {
        let values = models.map(\.training.imagesPerSecond)
        guard values.contains(where: \.isFinite) else { return nil }
        return speedChart(
            "training-speed", title: "Training", unit: "images per second", models, values: values,
            published: models.map { $0.published?.trainingImagesPerSecond },
            caption: "Published: on one cloud GPU whose data loading bound its speed.")
    }

    private static func samplingSpeedChart(_ models: [ModelReport]) -> ReportFigure? {
        let values = models.map { $0.sampling?.stepsPerSecond }
        guard let images = models.compactMap(\.sampling?.images).first else { return nil }
        let isReference = models.allSatisfy { ($0.sampling?.images ?? images) == PublishedFigures.samplingImages }
        return speedChart(
            "sampling-speed", title: "Sampling",
            unit: "solver steps per second, \(FigureText.count(images)) images at a time", models, values: values,
            published: models.map { isReference ? $0.published?.samplingStepsPerSecond : nil },
            caption: isReference ? "Published: on one cloud GPU." : "The published speeds are for 110 images at a time."
        )
    }

    private static func speedChart(
        _ name: String, title: String, unit: String, _ models: [ModelReport], values: [Double?],
        published: [Double?], caption: String
    ) -> ReportFigure {
        let compares = published.contains { $0 != nil }
        let reference = BarSeries(name: "published", values: published, isOutlined: true)
        return ReportFigure(
            name: name, caption: compares ? caption : "",
            chart: BarChart(
                title: title, summary: "\(title) speed of \(names(models)), \(unit).", unit: unit,
                categories: models.map(\.name),
                series: [BarSeries(name: "this run", values: values)] + (compares ? [reference] : [])))
    }
}
