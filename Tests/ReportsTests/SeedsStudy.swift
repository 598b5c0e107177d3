import Foundation
import Measurements

extension StudyFixture {
    /// A study of two networks with three seeds each, the last of which failed.
    static func seeds() throws -> (study: Study, runs: [Subject]) {
        let subjects = (0..<6).map { index in
            let (network, seed) = (index / 3, index % 3)
            let value = [10.0, 12, 14, 20, 22, 0][index]
            let isFailed = index == 5
            return Subject(
                name: "\(names[network]), seed \(seed)",
                choices: [Fact("network", names[network]), Fact("seed", "\(seed)")],
                settings: [Fact("model", names[network]), Fact("training.seed", "\(seed)")],
                readings: isFailed ? [] : [Reading(error, value, floor: 1.5, basis: "9 steps"), Reading(size, 7)],
                curves: isFailed
                    ? [] : [Curve(heldOut, line: Curve.Line(points: [0, 1].map { CurvePoint(x: $0, y: value + $0) }))],
                failure: isFailed ? "failed: no disk" : nil)
        }
        let groups = [0, 1].map { network in
            let own = subjects[network * 3..<network * 3 + 3].filter { $0.failure == nil }
            return SubjectGroup(
                members: Array(network * 3..<network * 3 + 3),
                summary: Subject(
                    name: names[network],
                    readings: [
                        Reading(
                            error, [12, 21][network], uncertainty: [4.97, 12.7][network], floor: 1.5, basis: "mean"),
                        Reading(size, 7),
                    ], curves: [Curve.mean(of: own.flatMap(\.curves), what: "seeds")].compactMap { $0 }))
        }
        let finding = Finding(
            figure: "mean error", ahead: "UNet", behind: "DiT", difference: 10, uncertainty: 0.5, pairs: 2,
            sentence: "UNet ahead of DiT by 10.00 ± 0.50 in mean error, 2 pairs")
        let study = Study(
            title: "Six runs", command: "again", date: Date(timeIntervalSince1970: 0), environment: [],
            configuration: [Fact("training.steps", "9")], subjects: subjects, groups: groups, findings: [finding],
            rankedBy: error.id)
        return (study, subjects)
    }
}
