import FlowMatchingLaws
import Flows
import Settings
import StableHLO
import Tensors
import TestSupport
import Testing

@Suite("Every path", .needsPlugin)
struct PathLawTests {
    @Test("keeps what is true of every path", arguments: ProbabilityPaths.registry.names, PathLaw.allCases)
    func law(kind: String, law: PathLaw) throws {
        let violation = try law.violation(of: path(kind), on: .shared)
        #expect(violation == nil)
    }

    /// Keeps every law but those of its faults.
    private struct FaultyPath: ProbabilityPath {
        static let name = "faulty"
        static let summary = "For tests."
        var slope = 1.0, start = 0.0, turn = 1.0, regularTimes = 0.0...1.0

        func coefficients(at time: Tensor) -> PathCoefficients {
            let one = Tensor(1, shape: time.shape, elementType: time.elementType)
            let alpha = time * turn + start
            return PathCoefficients(
                alpha: alpha, beta: 1 - alpha, alphaDerivative: one * slope, betaDerivative: -one)
        }
    }

    @Test("that breaks a law is told how")
    func violations() throws {
        func violation(_ law: PathLaw, _ change: (inout FaultyPath) -> Void) throws -> String? {
            var path = FaultyPath()
            change(&path)
            return try law.violation(of: path, on: .shared)
        }
        for law in PathLaw.allCases { #expect(try violation(law) { _ in } == nil) }
        #expect(try violation(.derivatives) { $0.slope = 1.01 }?.hasPrefix("alpha' at t = ") == true)
        #expect(try violation(.ends) { $0.start = 0.02 }?.hasPrefix("at t = 0") == true)
        #expect(try violation(.ends) { $0.turn = 0.9 }?.hasPrefix("at t = 1") == true)
        #expect(try violation(.risingSignal) { $0.turn = 0 }?.contains("does not rise") == true)
        #expect(try violation(.finiteness) { $0.regularTimes = 0...1.5 }?.contains("not within") == true)
        #expect(try violation(.finiteness) { $0.slope = .infinity }?.contains("inf") == true)
        #expect(try violation(.points) { $0.slope = .nan } != nil)
    }

    @Test("On the linear path x_t = t z + (1 - t) eps and the velocity is z - eps, also at the ends")
    func linearPath() throws {
        let data = [1, 2, 3, 4, 5, 6.0]
        let noise = [-1, 0.5, 0, 2, -3, 1.0]
        let results = try evaluate(HostArray(data, [3, 2]), HostArray(noise, [3, 2]), HostArray([0, 0.5, 1], [3])) {
            let point = LinearPath().point(data: $0[0], noise: $0[1], time: $0[2])
            return [point.x, point.velocity, point.time]
        }
        #expect(results[0] == [-1, 0.5, 1.5, 3, 5, 6])
        #expect(results[1] == zip(data, noise).map { $0 - $1 })
        #expect(results[2] == [0, 0.5, 1])
    }

    @Test("The linear path's derivatives are exactly those of its coefficients")
    func linearDerivatives() throws {
        let results = try evaluate(HostArray([0, 0.3, 1], [3])) { arguments in
            let c = LinearPath().coefficients(at: arguments[0])
            let (alpha, beta) = (c.alpha.sum(), c.beta.sum())
            return [c.alphaDerivative, c.betaDerivative] + gradients(of: alpha, withRespectTo: arguments)
                + gradients(of: beta, withRespectTo: arguments) + [c.alpha + c.beta]
        }
        #expect(results[0] == results[2])
        #expect(results[1] == results[3])
        #expect(results[4] == [1, 1, 1])
    }
}
