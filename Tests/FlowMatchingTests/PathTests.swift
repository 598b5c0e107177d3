import FlowMatching
import NN
import StableHLO
import TestSupport
import Testing
import Tracing

/// u(x, t, y) = x + t + table[y], a field with a known flow.
private struct AffineField: VelocityField {
    let table = Parameter([4, 1], .constant(0))
    let classCount = 3
    let imageShape = [1, 1, 2]

    func callAsFunction(_ x: Tensor, at time: Tensor, labels: Tensor, _ context: Context) -> Tensor {
        let shape = [x.shape[0], 1, 1, 1]
        return x + time.reshaped(to: shape) + context[table].rows(at: labels).reshaped(to: shape)
    }
}

@Suite("Paths and objective", .needsPlugin)
struct PathTests {
    @Test("On the linear path x_t = t z + (1 - t) eps and the velocity is z - eps, also at the ends")
    func linearPath() throws {
        let data = [1, 2, 3, 4, 5, 6.0]
        let noise = [-1, 0.5, 0, 2, -3, 1.0]
        let results = try evaluate(HostArray(data, [3, 2]), HostArray(noise, [3, 2]), HostArray([0, 0.5, 1], [3])) {
            let sample = GaussianPath(LinearScheduler()).sample(data: $0[0], noise: $0[1], time: $0[2])
            return [sample.x, sample.velocity, sample.time]
        }
        #expect(results[0] == [-1, 0.5, 1.5, 3, 5, 6])
        #expect(results[1] == zip(data, noise).map { $0 - $1 })
        #expect(results[2] == [0, 0.5, 1])
    }

    @Test("The scheduler's derivatives are those of its coefficients")
    func scheduler() throws {
        try expectGradients([
            GradientCheck("alpha", inputs: [.init([3], 0...1)]) { LinearScheduler().coefficients(at: $0[0]).alpha },
            GradientCheck("beta", inputs: [.init([3], 0...1)]) { LinearScheduler().coefficients(at: $0[0]).beta },
        ])
        let results = try evaluate(HostArray([0, 0.3, 1], [3])) { arguments in
            let c = LinearScheduler().coefficients(at: arguments[0])
            let (alpha, beta) = (c.alpha.sum(), c.beta.sum())
            return [c.alphaDerivative, c.betaDerivative] + gradients(of: alpha, withRespectTo: arguments)
                + gradients(of: beta, withRespectTo: arguments) + [c.alpha + c.beta]
        }
        #expect(results[0] == results[2])
        #expect(results[1] == results[3])
        #expect(results[4] == [1, 1, 1])
    }

    @Test("The loss is the squared error summed over an image and averaged over the batch")
    func loss() throws {
        let results = try evaluate(HostArray([1, 2, 3, 4], [2, 1, 1, 2]), HostArray([0, 0, 1, 1], [2, 1, 1, 2])) {
            [flowMatchingLoss(predicted: $0[0], velocity: $0[1])]
        }
        #expect(results == [[(1 + 4 + 4 + 9) / 2]])
    }

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

    @Test("The objective's loss is that of its own noise, times and labels, and moves with the step's stream")
    func objective() throws {
        let field = AffineField()
        let tree = try ParameterTree(of: field)
        let data = HostArray([0.5, -0.5, 1, -1], [2, 1, 1, 2])
        let results = try evaluate(HostArray([0, 0, 0, 0], [4, 1]), data, HostArray([0, 2], [2], .int32)) { arguments in
            let random = RandomStream(seed: Tensor(integer: 3, elementType: .uint64))
            let context = Context(tree, values: [arguments[0]], mode: .training)
            func loss(_ random: RandomStream) -> Tensor {
                FlowMatchingObjective(labelDropout: 0.1).loss(
                    field, data: arguments[1], labels: arguments[2], random, context)
            }
            let noise = random.stream("noise").normal([2, 1, 1, 2])
            let time = random.stream("time").uniform([2])
            return [loss(random), loss(random.stream("step 1")), noise, time]
        }
        var expected = 0.0
        for index in 0..<4 {
            let (z, noise, time) = (data.values[index], results[2][index], results[3][index / 2])
            let error = (time * z + (1 - time) * noise + time) - (z - noise)
            expected += error * error / 2
        }
        #expect(worstDifference(results[0], [expected]) < 1e-5)
        #expect(results[0] != results[1])
    }
}

@Suite("Solvers and guidance", .needsPlugin)
struct SolverTests {
    @Test("Euler's method on dx/dt = a x + b t has its closed form", arguments: [1, 2, 10, 99])
    func euler(steps: Int) throws {
        let results = try evaluate(HostArray([1, -2], [2], .float64), HostArray([Double(steps)], [], .int32)) {
            [Euler().integrate($0[0], steps: $0[1]) { x, time in -0.7 * x + 2 * time }]
        }
        let h = 1 / Double(steps)
        let expected = [1, -2].map { start in
            (0..<steps).reduce(start) { x, index in x + h * (-0.7 * x + 2 * Double(index) * h) }
        }
        #expect(worstDifference(results[0], expected) < 1e-12)
        // Of the homogeneous part the closed form is (1 - 0.7 h)^n.
        let difference = results[0][0] - results[0][1]
        #expect(abs(difference - 3 * (0..<steps).reduce(1) { power, _ in power * (1 - 0.7 * h) }) < 1e-12)
    }

    @Test("Without steps nothing moves, and a constant field is integrated exactly")
    func exact() throws {
        let results = try evaluate(HostArray([1, -2], [2])) { arguments in
            [
                Euler().integrate(arguments[0], steps: Tensor(integer: 0)) { x, _ in x },
                Euler().integrate(arguments[0], steps: Tensor(integer: 8)) { x, _ in Tensor(3, shape: x.shape) },
                Euler().step(arguments[0], from: Tensor(0.25), to: Tensor(0.75)) { x, time in x * time },
            ]
        }
        #expect(results == [[1, -2], [4, 1], [1.125, -2.25]])
    }

    @Test("The error of Euler's method halves with the step")
    func order() throws {
        let ends = try [64, 128].map { steps in
            try evaluate(HostArray([1], [1], .float64)) {
                [Euler().integrate($0[0], steps: Tensor(integer: steps)) { x, _ in x }]
            }[0][0]
        }
        let errors = ends.map { 2.718281828459045 - $0 }
        #expect(abs(errors[0] / errors[1] - 2) < 0.03)
    }

    @Test("Guidance 1 is the conditional velocity, 0 the unconditional, others extrapolate; each image has its own")
    func guidance() throws {
        let field = AffineField()
        #expect(field.nullLabel == 3)
        let tree = try ParameterTree(of: field)
        let table = HostArray([10, 20, 30, 0.5], [4, 1])
        let x = HostArray([1, 2, 3, 4, 5, 6, 7, 8], [4, 1, 1, 2])
        let results = try evaluate(table, x, HostArray([0, 1, 2, 3], [4], .int32), HostArray([1, 0, 3, 5], [4])) {
            let context = Context(tree, values: [$0[0]], mode: .evaluation)
            return [Guidance().velocity(field, $0[1], at: Tensor(0.25), labels: $0[2], scale: $0[3], context)]
        }
        // w = 1: 10; w = 0: 0.5; w = 3: -2 x 0.5 + 3 x 30; null label: 0.5 whatever the scale.
        let shifts = [10, 0.5, 89, 0.5]
        #expect(worstDifference(results[0], x.values.enumerated().map { $1 + 0.25 + shifts[$0 / 2] }) < 1e-6)
    }
}
