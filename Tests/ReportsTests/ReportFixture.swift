import Formats
import Foundation
import Reports

/// Reports with made-up numbers.
enum ReportFixture {
    static let names = ["UNet", "DiT", "Mamba"]
    static let parameterCounts = [1_233_325, 16_888_528, 4_233_360]

    static func configuration(steps: Int = 5_000, batchSize: Int = 250) -> ReportConfiguration {
        ReportConfiguration(
            dataSet: "MNIST", steps: steps, batchSize: batchSize, learningRate: 1e-3, nullLabelProbability: 0.1,
            seed: 7, settings: [ReportSetting(name: "EMA decay", value: "0.999")])
    }

    static func losses(steps: Int, end: Double) -> [Double] {
        (0..<steps).map { end + (1_400 - end) * exp(-Double($0) / 90) + sin(Double($0 * $0)) }
    }

    static func picture(_ shade: UInt8 = 80) throws -> RasterImage {
        try RasterImage(width: 20, height: 22, channels: 1, pixels: Array(repeating: shade, count: 440))
    }

    /// A report of three models with everything in it, and its pictures.
    static func full(
        steps: Int = 5_000, batchSize: Int = 250, title: String = "UNet, DiT and Mamba compared",
        names: [String] = Self.names, guidances: [Double] = [1, 3]
    ) throws -> (report: ExperimentReport, images: ReportImages) {
        let configuration = configuration(steps: steps, batchSize: batchSize)
        var images = ReportImages()
        var models: [ModelReport] = []
        for (index, name) in names.enumerated() {
            var samples: [SampleGrid] = []
            for guidance in guidances {
                let file = "samples-\(index)-\(Int(guidance)).png"
                try images.add(try picture(UInt8(40 * index + 40)), as: file)
                samples.append(SampleGrid(guidance: guidance, file: file))
            }
            let heldOut = [100, 200, 300]
            models.append(
                ModelReport(
                    name: name, configuration: configuration,
                    overrides: index == 1 ? [ReportSetting(name: "width", value: "384")] : [],
                    parameterCount: parameterCounts[index],
                    training: TrainingMeasurement(
                        steps: steps, batchSize: batchSize, seconds: 312.5, compileSeconds: 6.25),
                    sampling: SamplingMeasurement(images: 110, steps: 99, seconds: 1.5),
                    loss: LossReport(losses: losses(steps: steps, end: [131, 124, 154][index])),
                    heldOut: HeldOutReport(
                        weights: LossSeries(steps: heldOut, losses: [300, 200, 150]),
                        averagedWeights: LossSeries(steps: heldOut, losses: [280, 190, 145])),
                    peakMemoryBytes: 2_340_000_000, samples: samples))
        }
        let report = ExperimentReport(
            title: title, command: "flowmatch compare --steps \(steps) --seed 7",
            date: Date(timeIntervalSince1970: 1_750_000_000.75), environment: environment,
            configuration: configuration, models: models)
        return (report, images)
    }

    static let environment = ReportEnvironment(
        version: "0.1.0", plugin: "/some/where/plugin.so", interfaceVersion: "0.115", platform: "cpu",
        device: "CPU device 0", processor: "a processor, 2 cores")

    static func temporaryFolder() -> URL {
        FileManager.default.temporaryDirectory.appendingPathComponent("report-\(UUID().uuidString)")
    }
}
