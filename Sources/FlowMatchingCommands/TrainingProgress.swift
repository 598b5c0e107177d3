import Datasets
import Experiments
import Foundation
import Measurements
import Training

/// What a person sees while a run is trained: a bar, and in the end a line.
struct TrainingProgress {
    private let run: TrainingRun
    private let command: String
    private var bar: ProgressBar
    private var losses = RecentMean(count: 100)
    private var loading = LoadingProgress()

    /// - Parameter command: what goes on after an interruption
    init(_ run: TrainingRun, command: String) {
        self.run = run
        self.command = command
        bar = ProgressBar(total: run.configuration.training.steps, first: run.stepsDone)
    }

    mutating func report(_ event: TrainingRun.Event) {
        switch event {
        case .data(let event): loading.report(event)
        case .takenAsTrainedOn(let data):
            Terminal.note("the run did not record its images; from now on it is one on \(data)")
        case .finishedEarlier(let steps): Terminal.note("finished earlier, \(steps) steps")
        case .notice(let text): Terminal.note(text)
        case .began:
            bar.start()
            Interruption.beginSaving()
        case .steps(let records):
            for record in records { losses.append(record.loss) }
            guard let last = records.last else { return }
            let speed = String(format: "%.2f steps/s  %.0f images/s", 1 / last.seconds, last.imagesPerSecond)
            bar.update(last.step, String(format: "loss %.1f  ", losses.mean) + speed)
        case .saved(let step):
            // While the picture is drawn, nothing would be lost.
            Interruption.endSaving { Terminal.note(farewell(step)) }
        case .checkpoint(let step, _):
            if step < run.configuration.training.steps { Interruption.beginSaving() }
        }
    }

    /// - Parameter steps: that the run has now
    func finish(steps: Int) throws {
        if steps < run.configuration.training.steps {
            Terminal.note(farewell(steps))
        } else if losses.count > 0 {
            try Terminal.print(
                String(format: "trained %d steps, mean loss of the last %d: %.2f", steps, losses.count, losses.mean))
            try Terminal.print("run: \(run.folder.url.relativePath)")
        }
    }

    private func farewell(_ steps: Int) -> String {
        steps < run.configuration.training.steps
            ? "stopped after step \(steps) and saved; go on with \(command)"
            : "all \(steps) steps are trained and saved"
    }
}
