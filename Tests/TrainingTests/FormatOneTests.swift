import Foundation
import Models
import Settings
import StableHLO
import Testing
import Training

/// `config.json` as version 0.1 wrote it, which knew neither slots nor groups.
struct FormatOneTests {
    private func read(_ text: String) throws -> RunConfiguration {
        let file = try RunFile(Data(text.utf8), path: "config.json")
        #expect(file.format == 1)
        return file.configuration
    }

    private let model = #""model": {"model": "dit", "configuration": {"depth": 2}}"#

    /// The values of some settings of a file that holds the model and these.
    private func values(_ settings: String, of keys: String...) throws -> [String?] {
        let configuration = try read("{\(model), \(settings)}")
        return keys.map { configuration.value(of: $0)?.description }
    }

    @Test func absentSettingsHaveTheirDefaults() throws {
        let configuration = try read("{\(model), \"batch_size\": 64, \"optimizer\": {\"learning_rate\": 0.5}}")
        var expected = RunConfiguration()
        var network = DiT.Configuration()
        network.depth = 2
        expected.model = network
        expected.training.batchSize = 64
        expected.optimizer.learningRate = 0.5
        #expect(configuration == expected)
    }

    @Test("A decay of 0 kept no average")
    func average() throws {
        #expect(try values(#""average_decay": 0"#, of: "average", "average.decay") == ["none", nil])
        #expect(try values(#""average_decay": 0.5"#, of: "average", "average.decay") == ["exponential", "0.5"])
    }

    @Test("Weight decay was Adam's; without it, it is Adam")
    func weightDecay() throws {
        let keys = (#""optimizer": {"weight_decay": 0, "beta2": 0.9}"#, #""optimizer": {"weight_decay": 0.1}"#)
        #expect(try values(keys.0, of: "optimizer", "optimizer.beta2") == ["adam", "0.9"])
        #expect(try values(keys.1, of: "optimizer", "optimizer.weight_decay") == ["adamw", "0.1"])
    }

    @Test("A cosine that ended with the run is extended with it; another keeps its end")
    func schedule() throws {
        let keys = ["schedule", "schedule.steps", "schedule.warmup_steps"]
        func schedule(_ decay: Int) throws -> [String?] {
            let optimizer = #""optimizer": {"decay_steps": \#(decay), "warmup_steps": 3}"#
            return try values(#""steps": 40, \#(optimizer)"#, of: keys[0], keys[1], keys[2])
        }
        #expect(try schedule(40) == ["cosine", "0", "3"])
        #expect(try schedule(30) == ["cosine", "30", "3"])
        #expect(try schedule(60) == ["cosine", "60", "3"])
        #expect(try schedule(0) == ["constant", nil, "3"])
    }

    @Test func aRunWithoutAPrecisionIsFloat32AndAnUnknownOneNamesItsKey() throws {
        #expect(try read("{\(model)}").training.precision == .float32)
        #expect(try read("{\(model), \"precision\": \"bf16\"}").training.precision == .bfloat16)
        let error = try #require(throws: SettingsError.self) { try read("{\(model), \"precision\": \"fp8\"}") }
        #expect("\(error)".contains("precision") && "\(error)".contains("fp8"))
    }

    @Test(
        arguments: [
            ("\"batchsize\": 3", "batchsize"), ("\"optimizer\": {\"momentum\": 1}", "optimizer.momentum"),
            ("\"training\": {\"speed\": 1}", "training.speed"),
        ])
    func unknownKeysAreErrors(_ setting: String, _ key: String) throws {
        let error = try #require(throws: SettingsError.self) { try read("{\(model), \(setting)}") }
        #expect("\(error)".contains(key) && "\(error)".contains("config.json"))
    }

    @Test(arguments: ["{", "[]", "{}", "{\"steps\": 3}"])
    func otherTextsAreErrors(_ text: String) {
        #expect(throws: TrainingError.malformedConfiguration(path: "config.json")) { try read(text) }
    }

    @Test(arguments: ["{\"model\": 3}", "{\"model\": {\"model\": \"gan\"}}"])
    func otherModelsAreErrors(_ text: String) throws {
        let error = try #require(throws: SettingsError.self) { try read(text) }
        #expect("\(error)".contains("one of unet, dit, mamba"))
    }

    @Test func aSettingOfAnotherKindNamesItsKey() throws {
        let error = try #require(throws: SettingsError.self) { try read("{\(model), \"batch_size\": \"many\"}") }
        #expect("\(error)".contains("batch_size"))
    }
}
