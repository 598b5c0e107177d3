import Models
import Testing
import Training

@testable import flowmatch

@Suite struct PublishedFiguresTests {
    private func differences(
        steps: Int = 5_000, parameters: Int = 1_233_325, change: (inout RunConfiguration) -> Void = { _ in }
    ) throws -> [String] {
        var configuration = RunConfiguration(model: try ModelSpecification(.unet))
        change(&configuration)
        let figures = try #require(PublishedFigures(network: "unet"))
        return figures.differences(of: configuration, stepsRun: steps, parameterCount: parameters)
    }

    @Test("The default run of every network is the published setting")
    func thePublishedSetting() throws {
        for name in ModelName.allCases {
            let figures = try #require(PublishedFigures(network: name.title))
            let configuration = RunConfiguration(model: try ModelSpecification(name))
            #expect(
                figures.differences(
                    of: configuration, stepsRun: configuration.steps, parameterCount: figures.parameterCount) == [])
        }
        #expect(PublishedFigures(network: "MLP") == nil)
    }

    @Test("Each difference from the published setting is named")
    func eachDifference() throws {
        #expect(try differences(steps: 300) == ["steps 300, published 5,000"])
        #expect(try differences(parameters: 5) == ["parameters 5, published 1,233,325"])
        #expect(try differences { $0.data = "letters" } == ["data set letters, published mnist"])
        #expect(try differences { $0.batchSize = 64 } == ["batch size 64, published 250"])
        #expect(
            try differences { $0.optimizer.learningRate = 1e-4 } == ["learning rate 0.0001, published 0.001"])
        #expect(try differences { $0.labelDropout = 0 } == ["null-label probability 0.0, published 0.1"])
        #expect(try differences { $0.optimizer.warmupSteps = 9 } == ["warm-up steps 9, published 0"])
        #expect(try differences { $0.optimizer.decaySteps = 9 } == ["cosine decay to step 9, published 0"])
        #expect(try differences { $0.optimizer.weightDecay = 0.1 } == ["weight decay 0.1, published 0.0"])
        #expect(try differences { $0.optimizer.gradientClip = 1 } == ["gradient clipping norm 1.0, published 0.0"])
    }
}
