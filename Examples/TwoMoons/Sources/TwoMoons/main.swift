import FlowMatching
import Foundation

// A flow from noise to two moons: swift run TwoMoons [coupling] [solver] [file]
let words = CommandLine.arguments.dropFirst() + ["", "", ""]
let names = Array(words.prefix(3))
guard let coupling = Couplings.registry[names[0].isEmpty ? "optimal-transport" : names[0]],
    let solver = Solvers.registry[names[1].isEmpty ? "midpoint" : names[1]]
else {
    print("couplings: \(Couplings.registry.names); solvers: \(Solvers.registry.names)")
    exit(64)
}

/// A multilayer perceptron of points (batch, 2, 1, 1) and times (batch).
struct PointNetwork: ConditionalNetwork {
    let time = FourierFeatures(32)
    let layers = [Linear(2 + 32, 256), Linear(256, 256), Linear(256, 256)]
    let velocity = Linear(256, 2)

    /// The moons have no labels.
    var classCount: Int { 0 }
    var imageShape: [Int] { [2, 1, 1] }

    func callAsFunction(_ x: Tensor, at time: Tensor, labels: Tensor, _ context: Context) -> Tensor {
        let points = x.reshaped(to: [x.shape[0], 2])
        let inputs = Tensor.concatenated([points, self.time(time, context)], along: 1)
        let features = layers.reduce(inputs) { silu($1($0, context)) }
        return velocity(features, context).reshaped(to: x.shape)
    }
}

/// Points of two half circles that reach into each other, a little blurred: (count, 2, 1, 1).
@Sendable func moons(_ count: Int, _ random: RandomStream) -> Tensor {
    let angle = random.stream("angle").uniform([count]) * Double.pi
    // 1 for the upper moon, -1 for the lower.
    let side = random.stream("moon").bernoulli(0.5, [count]).converted(to: .float32) * 2 - 1
    let points = [cos(angle) * side - side * 0.5, sin(angle) * side - side * 0.25].map { $0.reshaped(to: [count, 1]) }
    let blur = random.stream("blur").normal([count, 2]) * 0.08
    return ((Tensor.concatenated(points, along: 1) + blur) * 1.5).reshaped(to: [count, 2, 1, 1])
}

let engine = try DeviceRequest().engine(onProblem: { print($0) })
let network = PointNetwork()
let (steps, batchSize) = (4000, 256)

// Training: the loss draws its own data, so that a step needs nothing from the host.
let objective = FlowMatchingObjective(
    path: LinearPath(), prediction: VelocityPrediction(), weighting: UniformWeighting(), times: UniformTimes(),
    coupling: coupling, labelDropout: LabelDropout(probability: 0))
var optimizer = Adam()
optimizer.learningRate = 3e-3
let update = WeightUpdate(
    optimizer: optimizer, schedule: CosineSchedule(), average: ExponentialAverage(),
    clipping: GradientClipping(norm: 1),
    totalSteps: steps)
let step = TrainingStep(try ParameterTree(of: network), update)
let program = try TrainingProgram(step, on: engine) { _, random, context in
    let labels = Tensor(integer: 0, shape: [batchSize], elementType: .int32)
    return objective.loss(network, data: moons(batchSize, random.stream("moons")), labels: labels, random, context)
}
var state = try TrainingState(step.layout, seed: 0, on: engine)
let seed = try DeviceArray([0 as UInt64], TensorType([], .uint64), on: engine.device)
for done in stride(from: 0, to: steps, by: 250) {
    let losses = try program(&state, [], seed: seed, count: 250).map(\.loss)
    print("step \(done + 250): loss", losses.reduce(0, +) / Float(losses.count))
}

// Sampling, with every state on the way.
let field = VelocityField(network, path: LinearPath(), prediction: VelocityPrediction())
let sampler = try Sampler(field, guidance: ClassifierFreeGuidance(), solver: solver, on: engine, batchSize: 500)
let times = (0...20).map { Double($0) / 20 }
let trajectory = try sampler.sample(
    SamplingRequest(labels: [Int](repeating: 0, count: 500), guidance: 1),
    weights: state.weights(averaged: true), times: times, stops: Array(times.indices), seed: 1)
print("\(trajectory.evaluations) evaluations")

// The picture: gray ways from noise to data, and where they end.
func place(_ set: Int, _ point: Int) -> String {
    let (x, y) = (trajectory.sets[set][2 * point], trajectory.sets[set][2 * point + 1])
    return String(format: "%.1f %.1f", 300 + 90 * x, 300 - 90 * y)
}
let ways = (0..<500).map { point in
    let way = times.indices.map { place($0, point) }.joined(separator: " L ")
    let end = place(times.count - 1, point).split(separator: " ")
    return """
        <path d="M \(way)" fill="none" stroke="#999" stroke-width="0.4"/>
        <circle cx="\(end[0])" cy="\(end[1])" r="2.2" fill="#d55e00"/>
        """
}
let svg = """
    <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 600 600" width="600" height="600">
    <title>From noise to two moons</title>
    <rect width="600" height="600" fill="white"/>
    \(ways.joined(separator: "\n"))
    </svg>
    """
let file = names[2].isEmpty ? "moons.svg" : names[2]
try svg.write(toFile: file, atomically: true, encoding: .utf8)
print("look at \(file)")
