/// The results of a report as rows of text: a row a figure, a column a model.
struct ResultsTable {
    struct Cell {
        var value: String
        /// The published figure to set beside it; `nil` where there is none.
        var published: String?
    }

    struct Row {
        var name: String
        var unit = ""
        var cells: [Cell]
    }

    let models: [String]
    let rows: [Row]

    init(_ report: ExperimentReport) {
        models = report.models.map(\.name)
        var rows: [Row] = []
        func add(_ name: String, unit: String = "", _ cell: (ModelReport) -> Cell?) {
            let cells = report.models.map(cell)
            guard cells.contains(where: { $0 != nil }) else { return }
            rows.append(Row(name: name, unit: unit, cells: cells.map { $0 ?? Cell(value: FigureText.missing) }))
        }
        add("Parameters") {
            Cell(
                value: FigureText.count($0.parameterCount),
                published: $0.published.map { FigureText.count($0.parameterCount) })
        }
        for window in LossReport.windows {
            add("Mean loss", unit: "last \(FigureText.count(window)) steps") { model in
                model.loss.finalMean(over: window).map {
                    Cell(
                        value: FigureText.loss($0),
                        published: window == 500 ? model.published.map { FigureText.loss($0.meanLossOfLast500) } : nil)
                }
            }
        }
        add("Loss", unit: "last step") { model in
            guard model.loss.steps > 0 else { return nil }
            return Cell(
                value: FigureText.loss(model.loss.last), published: model.published.map { FigureText.loss($0.lastLoss) }
            )
        }
        add("Training", unit: "steps per second") {
            Cell(
                value: FigureText.rate($0.training.stepsPerSecond),
                published: $0.published.map { FigureText.rate($0.trainingStepsPerSecond) })
        }
        add("Training", unit: "images per second") {
            Cell(
                value: FigureText.rate($0.training.imagesPerSecond),
                published: $0.published.map { FigureText.rate($0.trainingImagesPerSecond) })
        }
        add("Training", unit: "time") { Cell(value: FigureText.duration($0.training.seconds)) }
        add("Compiling", unit: "time") { Cell(value: FigureText.duration($0.training.compileSeconds)) }
        add("Sampling", unit: "steps per second") { model in
            model.sampling.map { sampling in
                let isReference = sampling.images == PublishedFigures.samplingImages
                return Cell(
                    value: FigureText.rate(sampling.stepsPerSecond),
                    published: isReference ? model.published.map { FigureText.rate($0.samplingStepsPerSecond) } : nil)
            }
        }
        add("Sampling", unit: "time, one grid") { model in
            model.sampling.map { Cell(value: FigureText.duration($0.seconds)) }
        }
        add("Peak memory") { model in model.peakMemoryBytes.map { Cell(value: FigureText.memory($0)) } }
        add("Comparable with published") { Cell(value: $0.comparability.isComparable ? "yes" : "no") }
        self.rows = rows
    }
}

extension ExperimentReport {
    /// Why models are not comparable, models of the same reasons together: names and reasons.
    var comparabilityNotes: [(models: String, reasons: [String])] {
        var notes: [(names: [String], reasons: [String])] = []
        for model in models where !model.comparability.isComparable {
            if let index = notes.firstIndex(where: { $0.reasons == model.comparability.reasons }) {
                notes[index].names.append(model.name)
            } else {
                notes.append(([model.name], model.comparability.reasons))
            }
        }
        return notes.map { (FigureText.list($0.names), $0.reasons) }
    }

    /// The configuration as names and texts, in the order in which it is shown.
    var configurationRows: [ReportSetting] {
        [
            ReportSetting(name: "Data set", value: configuration.dataSet),
            ReportSetting(name: "Steps", value: FigureText.count(configuration.steps)),
            ReportSetting(name: "Batch size", value: "\(FigureText.count(configuration.batchSize)) images"),
            ReportSetting(name: "Learning rate", value: "\(configuration.learningRate)"),
            ReportSetting(name: "Null-label probability", value: "\(configuration.nullLabelProbability)"),
            ReportSetting(name: "Seed", value: "\(configuration.seed)"),
        ] + configuration.settings
            + models.flatMap { model in
                model.overrides.map { ReportSetting(name: "\(model.name): \($0.name)", value: $0.value) }
            }
    }

    var environmentRows: [ReportSetting] {
        [
            ReportSetting(name: "flowmatch", value: environment.version),
            ReportSetting(name: "Plugin", value: environment.plugin),
            ReportSetting(name: "PJRT C API", value: environment.interfaceVersion),
            ReportSetting(name: "Platform", value: environment.platform),
            ReportSetting(name: "Device", value: environment.device),
            ReportSetting(name: "Processor", value: environment.processor),
        ]
    }

    /// The guidance weights that any model was sampled with, rising.
    var guidances: [Double] {
        Set(models.flatMap(\.samples).map(\.guidance).filter(\.isFinite)).sorted()
    }
}
