import Foundation
import Models
import StableHLO
import Testing
import Training

struct RunConfigurationTests {
    private func read(_ text: String) throws -> RunConfiguration {
        try RunConfiguration.read(Data(text.utf8), path: "config.json")
    }

    private let model = #""model": {"model": "dit", "configuration": {"depth": 2}}"#

    @Test func absentSettingsHaveTheirDefaults() throws {
        let configuration = try read("{\(model), \"batch_size\": 64, \"optimizer\": {\"learning_rate\": 0.5}}")
        var expected = RunConfiguration(model: try ModelSpecification(.dit, assignments: ["depth=2"]))
        expected.batchSize = 64
        expected.optimizer.learningRate = 0.5
        #expect(configuration == expected)
    }

    @Test func whatIsWrittenIsRead() throws {
        var configuration = RunConfiguration(model: try ModelSpecification(.mamba))
        configuration.seed = .max
        configuration.optimizer.gradientClip = 0.25
        configuration.precision = .bfloat16
        #expect(try RunConfiguration.read(configuration.encoded(), path: "x") == configuration)
    }

    @Test(arguments: ["\"batchsize\": 3", "\"optimizer\": {\"momentum\": 1}"])
    func unknownKeysAreErrors(_ setting: String) {
        #expect(throws: TrainingError.self) { try read("{\(model), \(setting)}") }
    }

    @Test(arguments: ["{", "[]", "{}", "{\"model\": 3}"])
    func otherTextsAreErrors(_ text: String) {
        #expect(throws: TrainingError.self) { try read(text) }
    }

    @Test func aRunWithoutAPrecisionIsFloat32AndAnUnknownOneNamesItsKey() throws {
        #expect(try read("{\(model)}").precision == .float32)
        #expect(try read("{\(model), \"precision\": \"bf16\"}").precision == .bfloat16)
        let error = try #require(throws: TrainingError.self) { try read("{\(model), \"precision\": \"fp8\"}") }
        #expect("\(error)".contains("precision"))
    }

    @Test func aSettingOfAnotherKindNamesItsKey() throws {
        let error = try #require(throws: TrainingError.self) { try read("{\(model), \"batch_size\": \"many\"}") }
        #expect("\(error)".contains("batchSize"))
    }

    @Test(
        arguments: [
            { $0.batchSize = 0 }, { $0.steps = -1 }, { $0.labelDropout = 2 }, { $0.averageDecay = 1 },
            { $0.optimizer.learningRate = 0 }, { $0.optimizer.learningRate = .nan }, { $0.checkpointEvery = 0 },
        ] as [@Sendable (inout RunConfiguration) -> Void])
    func settingsOutsideTheirRangeAreErrors(_ change: @Sendable (inout RunConfiguration) -> Void) throws {
        var configuration = RunConfiguration(model: try ModelSpecification(.unet))
        try configuration.validate()
        change(&configuration)
        #expect(throws: TrainingError.self) { try configuration.validate() }
    }
}
