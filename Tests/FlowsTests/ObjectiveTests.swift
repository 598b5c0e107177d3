import Flows
import Foundation
import NN
import Settings
import StableHLO
import Tensors
import TestSupport
import Testing

@Suite("Objective", .needsPlugin)
struct ObjectiveTests {
    @Test("Labels are dropped at their rate, the others kept", arguments: [0, 0.1, 0.5, 1])
    func labelDropout(probability: Double) throws {
        let count = 40_000
        let labels = HostArray((0..<count).map { Double($0 % 10) }, [count], .int32)
        let results = try evaluate(labels, HostArray([5], [], .uint64)) {
            [LabelDropout(probability: probability)($0[0], nullLabel: 10, RandomStream(seed: $0[1]))]
        }
        let dropped = results[0].count { $0 == 10 }
        let deviation = (probability * (1 - probability) * Double(count)).squareRoot()
        #expect(abs(Double(dropped) - probability * Double(count)) <= 6 * deviation)
        #expect(zip(results[0], labels.values).allSatisfy { $0 == 10 || $0 == $1 })
    }

    /// The loss of two images of two pixels, and of another step's stream; then noise, times and dropped labels.
    private func results(
        _ objective: FlowMatchingObjective, _ data: HostArray, table: [Double]
    ) throws -> [[Double]] {
        let field = AffineField()
        let tree = try ParameterTree(of: field)
        return try evaluate(HostArray(table, [4, 1]), data, HostArray([0, 2], [2], .int32)) { arguments in
            let random = RandomStream(seed: Tensor(integer: 3, elementType: .uint64))
            let context = Context(tree, values: [arguments[0]], mode: .training)
            func loss(_ random: RandomStream) -> Tensor {
                objective.loss(field, data: arguments[1], labels: arguments[2], random, context)
            }
            let labels = objective.labelDropout(arguments[2], nullLabel: 3, random.stream("label dropout"))
            return [
                loss(random), loss(random.stream("step 1")), random.stream("noise").normal([2, 1, 1, 2]),
                random.stream("time").uniform([2]), labels,
            ]
        }
    }

    @Test(
        "The loss is that of its own noise, times and labels, and moves with the step's stream", arguments: [0.1, 0.9])
    func loss(dropout: Double) throws {
        let objective = FlowMatchingObjective(
            path: LinearPath(), prediction: VelocityPrediction(), weighting: UniformWeighting(), times: UniformTimes(),
            coupling: IndependentCoupling(), labelDropout: LabelDropout(probability: dropout))
        let data = HostArray([0.5, -0.5, 1, -1], [2, 1, 1, 2])
        let table = [0.25, 0, -0.5, 2]
        let results = try results(objective, data, table: table)
        var expected = 0.0
        for index in 0..<4 {
            let (z, noise, time) = (data.values[index], results[2][index], results[3][index / 2])
            let output = (time * z + (1 - time) * noise + time) + table[Int(results[4][index / 2])]
            let error = output - (z - noise)
            expected += error * error / 2
        }
        #expect(worstDifference(results[0], [expected]) < 1e-5)
        #expect(results[0] != results[1])
    }

    @Test("Path, prediction, weighting, times and coupling all count")
    func choices() throws {
        let objective = FlowMatchingObjective(
            path: CosinePath(), prediction: NoisePrediction(), weighting: MinimumSNRWeighting(),
            times: LogitNormalTimes(), coupling: OptimalTransportCoupling(), labelDropout: LabelDropout(probability: 0))
        // The second image is far to one side: its noise is the one that lies further there.
        let data = HostArray([0, 0, 50, 50], [2, 1, 1, 2])
        let results = try results(objective, data, table: [0, 0, 0, 0])
        var noise = results[2]
        if noise[0] + noise[1] > noise[2] + noise[3] { noise = [noise[2], noise[3], noise[0], noise[1]] }
        var expected = 0.0
        let times = try evaluate(HostArray(results[3], [2], .float64)) { [LogitNormalTimes().times(of: $0[0])] }[0]
        for index in 0..<4 {
            let (z, eps, time) = (data.values[index], noise[index], times[index / 2])
            let (alpha, beta) = (sin(time * .pi / 2), cos(time * .pi / 2))
            let error = alpha * z + beta * eps + time - eps
            let ratio = alpha * alpha / (beta * beta)
            expected += error * error / 2 * min(ratio, 5) / ratio
        }
        #expect(worstDifference(results[0], [expected]) < 1e-4)
    }
}
