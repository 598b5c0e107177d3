import Formats
import Foundation
import Measurements
import Reports

/// Studies with made-up numbers.
enum StudyFixture {
    static let names = ["UNet", "DiT", "Mamba"]

    static let size = Quantity("size", name: "parameters", form: .count)
    static let error = Quantity(
        "final-error", name: "mean error", detail: "last 500 steps", direction: .lowerIsBetter, form: .decimal,
        bars: Quantity.Bars(
            title: "Mean error at the end", section: "Error", scale: "squared error",
            referenceNote: "Theirs: on paper.",
            digits: 5))
    static let speed = Quantity(
        "speed", name: "training", unit: "images per second", direction: .higherIsBetter, form: .rate,
        praise: "trained fastest", bars: Quantity.Bars(title: "Training", section: "Speed"))
    static let sampling = Quantity(
        "sampling", name: "sampling", unit: "steps per second", direction: .higherIsBetter, form: .rate,
        praise: "sampled fastest", bars: Quantity.Bars(title: "Sampling", section: "Speed"))
    static let time = Quantity(
        "time", name: "training", detail: "time", direction: .lowerIsBetter, form: .duration)
    static let memory = Quantity("memory", name: "peak memory", direction: .lowerIsBetter, form: .memory)

    static let course = Plot(
        "course", title: "Error", section: "Error", xAxis: Plot.Axis(label: "step"),
        yAxis: Plot.Axis(label: "error", unit: "squared error", isLogarithmic: true), hasCloseUp: true)
    static let heldOut = Plot(
        "held-out", title: "Held-out error", section: "Held-out error", xAxis: Plot.Axis(label: "step"),
        yAxis: Plot.Axis(label: "error", isLogarithmic: true))

    static func values(steps: Int, end: Double) -> [Double] {
        (0..<steps).map { end + (1_400 - end) * exp(-Double($0) / 90) + sin(Double($0 * $0)) }
    }

    static func picture(_ shade: UInt8 = 80) throws -> RasterImage {
        try RasterImage(width: 20, height: 22, channels: 1, pixels: Array(repeating: shade, count: 440))
    }

    static func readings(_ index: Int, steps: Int) -> [Reading] {
        let ends = [131.0, 124, 154]
        let basis = "\(steps) steps"
        return [
            Reading(size, [1_233_325, 16_888_528, 4_233_360][index]),
            Reading(error, ends[index], uncertainty: 0.52, reference: [131.15, 123.94, 154.31][index], basis: basis),
            Reading(speed, [4_000, 3_900, 4_100][index], reference: [3_788, 3_575, 4_345][index]),
            Reading(sampling, [66, 70, 113][index]), Reading(time, 312.5), Reading(memory, 2_340_000_000),
        ]
    }

    static func curves(_ index: Int, steps: Int) -> [Curve] {
        func line(_ meaning: String, _ y: [Double]) -> Curve.Line {
            Curve.Line(meaning: meaning, points: zip([100, 200, 300], y).map { CurvePoint(x: $0, y: $1) })
        }
        return [
            Course(values(steps: steps, end: [131, 124, 154][index])).curve(course),
            Curve(heldOut, line: line("averaged", [280, 190, 145]), companion: line("as they were", [300, 200, 150])),
        ]
    }

    /// A study of three subjects with everything in it, and its pictures.
    static func full(
        steps: Int = 5_000, title: String = "Three compared", names: [String] = Self.names,
        groups: [String] = ["A", "B"]
    ) throws -> (study: Study, images: ReportImages) {
        var images = ReportImages()
        var subjects: [Subject] = []
        for (index, name) in names.enumerated() {
            var pictures: [Picture] = []
            for (number, group) in groups.enumerated() {
                let file = "picture-\(index)-\(number).png"
                try images.add(try picture(UInt8(40 * index + 40)), as: file)
                pictures.append(
                    Picture(section: "Samples", group: group, file: file, summary: "samples of \(name), \(group)"))
            }
            subjects.append(
                Subject(
                    name: name, settings: index == 1 ? [Fact("width", "384")] : [],
                    readings: readings(index, steps: steps), curves: curves(index, steps: steps), pictures: pictures))
        }
        let study = Study(
            title: title, topics: ["digits", "device 0"], command: "program compare --steps \(steps) --seed 7",
            date: Date(timeIntervalSince1970: 1_750_000_000.75),
            environment: [Fact("Plugin", "plugin.so"), Fact("Interface", "0.115")],
            configuration: [Fact("Learning rate", "0.001")], subjects: subjects, rankedBy: error.id,
            reference: Reference(name: "published", note: "The published figures are made up."),
            sections: [Section("Error"), Section("Samples", introduction: "A row for each label.")])
        return (study, images)
    }

    static func temporaryFolder() -> URL {
        FileManager.default.temporaryDirectory.appendingPathComponent("report-\(UUID().uuidString)")
    }
}
