import Datasets
import Experiments
import Foundation
import Measurements
import Training

/// What a person sees while a run is trained: a bar, and in the end a line.
struct TrainingProgress {
    private let run: TrainingRun
    private var bar: ProgressBar
    private var losses = RecentMean(count: 100)
    private var loading = LoadingProgress()

    init(_ run: TrainingRun) {
        self.run = run
        bar = ProgressBar(total: run.configuration.training.steps, first: run.stepsDone)
    }

    mutating func report(_ event: TrainingRun.Event) {
        switch event {
        case .data(let event): loading.report(event)
        case .takenAsTrainedOn(let data):
            Terminal.note("the run did not record its images; from now on it is one on \(data)")
        case .finishedEarlier(let steps): Terminal.note("finished earlier, \(steps) steps")
        case .began: bar.start()
        case .steps(let records):
            for record in records { losses.append(record.loss) }
            guard let last = records.last else { return }
            let speed = String(format: "%.2f steps/s  %.0f images/s", 1 / last.seconds, last.imagesPerSecond)
            bar.update(last.step, String(format: "loss %.1f  ", losses.mean) + speed)
        case .checkpoint: break
        }
    }

    /// - Parameter steps: that the run has now
    func finish(steps: Int) {
        let path = run.folder.url.relativePath
        if steps < run.configuration.training.steps {
            Terminal.note("stopped after step \(steps) and saved; go on with `flowmatch train --resume \(path)`")
        } else if losses.count > 0 {
            print(String(format: "trained %d steps, mean loss of the last %d: %.2f", steps, losses.count, losses.mean))
            print("run: \(path)")
        }
    }
}
