import Flows
import Settings
import Testing

// Kinds by name, so that a law's arguments are names: a new kind is tested by being registered.

func path(_ name: String) throws -> any ProbabilityPath { try #require(ProbabilityPaths.registry[name]) }

func prediction(_ name: String) throws -> any Prediction { try #require(Predictions.registry[name]) }

func coupling(_ name: String) throws -> any Coupling { try #require(Couplings.registry[name]) }

func guidance(_ name: String) throws -> any Guidance { try #require(Guidances.registry[name]) }

func solver(_ name: String) throws -> any Solver { try #require(Solvers.registry[name]) }

func weighting(_ name: String) throws -> any Weighting { try #require(Weightings.registry[name]) }

func times(_ name: String) throws -> any TimeDistribution { try #require(TimeDistributions.registry[name]) }

extension ClosedRange<Double> {
    /// So many numbers from end to end, both included.
    func grid(_ count: Int) -> [Double] {
        (0..<count).map { lowerBound + (upperBound - lowerBound) * Double($0) / Double(count - 1) }
    }

    /// The range without a fraction of its length at both ends.
    func inset(_ fraction: Double) -> ClosedRange {
        let margin = (upperBound - lowerBound) * fraction
        return (lowerBound + margin)...(upperBound - margin)
    }
}
