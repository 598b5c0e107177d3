import Basis
import Datasets
import Foundation
import Measurements
import Settings
import Training

/// How long runs trained until they were as good as the least good of them became.
struct TimeToLevel {
    /// What a run is followed by.
    private struct Measure: Sendable {
        let id: String
        let name: String
        let value: @Sendable (MeasuredRun) -> [(record: Int, value: Double)]
        let basis: @Sendable (MeasuredRun) -> String
    }

    private static let window = 50

    private static let heldOut = Measure(
        id: "held-out-loss", name: "held-out loss",
        value: { run in points(run) { $0.validationLossAveraged ?? $0.validationLoss } },
        basis: { "looked at every \($0.configuration.recording.validateEvery) steps" })
    private static let distance = Measure(
        id: "frechet-distance", name: "Frechet distance", value: { run in points(run, \.frechetDistance) },
        basis: { "looked at every \($0.configuration.recording.evaluateEvery) steps" })
    /// Where no held-out loss was recorded. Losses of other objectives are not of one scale.
    private static let loss = Measure(
        id: "mean-loss", name: "mean loss of \(window) steps",
        value: { run in
            let losses = run.records.map(\.loss)
            return losses.indices.dropFirst(window - 1).map { last in
                (last, losses[last - window + 1...last].reduce(0, +) / Double(window))
            }
        },
        basis: { run in
            let configuration = run.configuration
            return "path \(configuration.path.kindName), prediction \(configuration.prediction.kindName), "
                + "weighting \(configuration.weighting.kindName), times \(configuration.times.kindName)"
        })

    private static func points(
        _ run: MeasuredRun, _ value: (StepRecord) -> Double?
    ) -> [(record: Int, value: Double)] {
        run.records.enumerated().compactMap { index, record in value(record).map { (index, $0) } }
    }

    /// The readings of each run. Images of other data are not looked at together.
    static func readings(of runs: [MeasuredRun]) -> [[Reading]] {
        let data = runs.map { $0.data?.checksum ?? "" }
        var readings = runs.map { _ in [Reading]() }
        for checksum in data.uniqued {
            let own = runs.indices.filter { data[$0] == checksum && runs[$0].failure == nil }
            let name = data.uniqued.count > 1 ? own.first.flatMap { runs[$0].data?.name } : nil
            let losses = found(heldOut, own, runs, name)
            for (run, reading) in (losses.isEmpty ? found(loss, own, runs, name) : losses)
                + found(distance, own, runs, name)
            { readings[run].append(reading) }
        }
        return readings
    }

    /// - Parameter name: of the data, where there are several
    private static func found(
        _ measure: Measure, _ own: [Int], _ runs: [MeasuredRun], _ name: String?
    ) -> [(run: Int, reading: Reading)] {
        let courses = own.map { (run: $0, points: measure.value(runs[$0]).filter { $0.value.isFinite }) }
            .filter { !$0.points.isEmpty }
        guard courses.count > 1 else { return [] }
        let level = roundedUp(courses.compactMap { $0.points.map(\.value).min() }.max() ?? 0)
        let detail = "at most \(DecimalText.significant(level, digits: 3))\(name.map { ", \($0)" } ?? "")"
        let quantity = Quantity(
            "time-to-\(measure.id)\(name.map { "-\($0)" } ?? "")", name: "time to a \(measure.name)", detail: detail,
            direction: .lowerIsBetter, form: .duration,
            bars: Quantity.Bars(
                title: "Time to a \(measure.name)", section: Section.speed,
                scale: "seconds of training steps, \(detail)"))
        return courses.compactMap { run, points in
            guard let first = points.first(where: { $0.value <= level * (1 + 1e-12) }) else { return nil }
            let seconds = runs[run].records[...first.record].reduce(0) { $0 + $1.seconds }
            return (run, Reading(quantity, seconds, basis: measure.basis(runs[run])))
        }
    }

    /// The least number of three digits that is not below.
    static func roundedUp(_ value: Double) -> Double {
        guard value > 0 else { return value }
        let unit = DecimalText.powerOfTen(Int(log10(value).rounded(.down)) - 2)
        return (value / unit).rounded(.up) * unit
    }
}
