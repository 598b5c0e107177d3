import NN
import StableHLO
import Tensors
import TestSupport
import Testing

@Suite("Layers", .needsPlugin)
struct LayerTests {
    @Test("Batch norm uses and moves its statistics in training, only uses them in evaluation")
    func batchNorm() throws {
        let layer = BatchNorm(2)
        let tree = try ParameterTree(of: layer)
        let values = [
            HostArray([2, 3], [2]), HostArray([0.5, -1], [2]), HostArray([0.1, 0.2], [2]), HostArray([4, 9], [2]),
            HostArray([6], [], .int64),
        ]
        let x = HostArray([1, 2, 3, 4, 5, 12], [3, 1, 1, 2])
        func run(_ mode: Context.Mode) throws -> [[Double]] {
            try evaluate(values + [x]) { arguments in
                let context = Context(tree, values: Array(arguments[..<5]), mode: mode)
                return [layer(arguments[5], context, order: .normalizationFirst)] + context.valuesAfterCall
            }
        }
        let training = try run(.training)
        // Unbiased variances 4 and 28; a tenth of the way from the old ones.
        #expect(training[1] == [2, 3])
        #expect(worstDifference(training[3], [0.09 + 0.3, 0.18 + 0.6]) < 1e-6)
        #expect(worstDifference(training[4], [3.6 + 0.4, 8.1 + 2.8]) < 1e-6)
        #expect(training[5] == [7])
        let evaluation = try run(.evaluation)
        #expect(Array(evaluation[3...]) == [[Double(0.1 as Float), Double(0.2 as Float)], [4, 9], [6]])
        let expected = x.values.enumerated().map { index, value in
            let c = index % 2
            let scaled = (value - [0.1, 0.2][c]) / ([4.0, 9][c] + 1e-5).squareRoot() * [2.0, 3][c] + [0.5, -1][c]
            return scaled * sigmoid(scaled)
        }
        #expect(worstDifference(evaluation[0], expected) < 1e-6)
    }

    @Test("Fourier features are sines and cosines of the angles")
    func fourier() throws {
        let layer = FourierFeatures(4)
        let tree = try ParameterTree(of: layer)
        let results = try evaluate(HostArray([1, 0.5], [1, 2]), HostArray([0, 0.25, 1], [3])) {
            [layer($0[1], Context(tree, values: [$0[0]], mode: .evaluation))]
        }
        let (root, half) = (2.0.squareRoot(), 1.0)
        let expected = [0, 0, root, root, root, half, 0, half, 0, 0, root, -root]
        #expect(results[0].count == 12)
        #expect(zip(results[0], expected).allSatisfy { abs($0 - $1) < 1e-5 })
    }

    @Test("An embedding looks rows up")
    func embedding() throws {
        let layer = Embedding(3, 2)
        let tree = try ParameterTree(of: layer)
        let results = try evaluate(HostArray([1, 2, 3, 4, 5, 6], [3, 2]), HostArray([2, 0, 2], [3], .int32)) {
            [layer($0[1], Context(tree, values: [$0[0]], mode: .evaluation))]
        }
        #expect(results == [[5, 6, 1, 2, 5, 6]])
    }
}
