import Foundation
import Models
import Settings
import StableHLO
import Testing
import Training

struct RunConfigurationTests {
    @Test func whatIsWrittenIsRead() throws {
        var configuration = RunConfiguration()
        configuration.model = Mamba.Configuration()
        configuration.optimizer = StochasticGradientDescent()
        configuration.optimizer.learningRate = 0.1
        configuration.training.seed = .max
        configuration.training.gradientClip = 0.25
        configuration.training.precision = .bfloat16
        let file = try RunFile(RunFile.encoded(configuration), path: "config.json")
        #expect(file.configuration == configuration)
        #expect(file.configuration != RunConfiguration())
        #expect(file.format == RunFile.currentFormat)
    }

    @Test func whatAFileLeavesOutIsTheGivenBases() throws {
        let base = try RunConfiguration().applying([
            Assignment("training.seed", .integer(7), from: "the test"),
            Assignment("training.steps", .integer(9), from: "the test"),
        ])
        let text = #"{"format": 2, "path": "cosine", "training": {"steps": 3}}"#
        let configuration = try RunFile(Data(text.utf8), path: "config.json", over: base).configuration
        var expected = base
        expected.training.steps = 3
        #expect(try configuration == expected.applying([Assignment("path", .text("cosine"), from: "the test")]))
        #expect(configuration != expected)
    }

    @Test(
        "A run of a later version is refused by that version's name, whatever its file holds",
        arguments: [
            #"{"format": 3, "program": "flowmatch 9.1", "training": {"steps": 3}}"#,
            #"{"format": 3, "program": "flowmatch 9.1", "stages": [{"training": null}]}"#,
            #"{"format": "late", "program": "flowmatch 9.1"}"#,
        ])
    func laterFormat(_ text: String) throws {
        let expected = TrainingError.otherFormat(path: "config.json", program: "flowmatch 9.1")
        #expect(throws: expected) { try RunFile(Data(text.utf8), path: "config.json") }
        #expect("\(expected)".contains("flowmatch 9.1") && "\(expected)".contains("flowmatch \(Version.current)"))
    }

    @Test("Everything that is wrong with a file is told at once, with the file's name")
    func allProblems() throws {
        let text = #"{"format": 2, "optimiser": {"learning_rat": 1}, "path": "cosin", "training": {"steps": 0}}"#
        let error = try #require(throws: SettingsError.self) { try RunFile(Data(text.utf8), path: "run/config.json") }
        #expect(error.problems.count == 3)
        for words in ["optimizer.learning_rate", "'cosine'", "training.steps is '0'", "run/config.json"] {
            #expect("\(error)".contains(words), "\(error)")
        }
    }

    @Test(
        arguments: [
            { $0.training.batchSize = 0 }, { $0.training.steps = -1 }, { $0.training.labelDropout = 2 },
            {
                var average = ExponentialAverage()
                average.decay = 1
                $0.average = average
            }, { $0.optimizer.learningRate = 0 }, { $0.optimizer.learningRate = .nan },
            { $0.recording.checkpointEvery = 0 },
        ] as [@Sendable (inout RunConfiguration) -> Void])
    func settingsOutsideTheirRangeAreErrors(_ change: @Sendable (inout RunConfiguration) -> Void) throws {
        var configuration = RunConfiguration()
        try configuration.validate()
        change(&configuration)
        #expect(throws: SettingsError.self) { try configuration.validate() }
    }
}

/// Choices that contradict each other.
struct ImpossibleCombinationTests {
    @Test(
        "One sentence each names the setting and what it must be",
        arguments: [
            (["coupling=optimal-transport", "training.batch_size=1"], "training.batch_size is '1'"),
            (["coupling=entropic", "training.batch_size=1"], "training.batch_size is '1'"),
            (["path=vp", "path.beta_max=0.05"], "path.beta_max is '0.05'"),
            (["solver=euler-maruyama", "solver.adaptive=true"], "solver.adaptive"),
            (["guidance=interval", "guidance.start=0.9"], "guidance.end"),
            (["time_grid=list", "time_grid.points=0,0.7,0.5,1"], "time_grid.points"),
            (["guidance.scale=nan"], "guidance.scale"),
        ])
    func refused(settings: [String], words: String) throws {
        let error = try #require(throws: SettingsError.self) {
            try RunConfiguration().applying(settings.map { try Assignment(text: $0, from: "the test") })
        }
        #expect(error.problems.count == 1 && "\(error)".contains(words), "\(error)")
    }

    @Test(
        "Scales below 0 and between 0 and 1 are possible, and a batch of two is enough to pair in",
        arguments: [["guidance.scale=-1.5"], ["guidance.scale=0.5"], ["coupling=entropic", "training.batch_size=2"]])
    func accepted(settings: [String]) throws {
        _ = try RunConfiguration().applying(settings.map { try Assignment(text: $0, from: "the test") })
    }
}
