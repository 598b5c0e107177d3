package import Compute
package import Flows
import Formats
package import Foundation
import NN
import StableHLO
import Tensors

/// A few fixed inputs and a network's velocities for them, so that another program that loads the same weights can
/// check that it computes the same.
package enum VelocityProbe {
    private static let count = 4

    /// Writes `x`, `t`, `y` and `velocity` (in evaluation mode) to a safetensors file.
    ///
    /// - Parameter weights: one array for each entry of the network's parameter tree
    package static func write(
        _ network: any ConditionalNetwork, weights: [DeviceArray], to url: URL, on engine: Engine
    ) throws {
        let tree = try ParameterTree(of: network)
        let shape = [count] + network.imageShape
        let labels = (0..<count).map { Int32($0 * network.nullLabel / (count - 1)) }
        let times = (0..<count).map { Float($0) / Float(count) + 0.1 }
        let function = try engine.function("probe", arguments: tree.types) { arguments in
            let x = RandomStream(seed: Tensor(integer: 0, elementType: .uint64)).stream("probe").normal(shape)
            let context = Context(tree, values: arguments, mode: .evaluation)
            let velocity = network(
                x, at: Tensor(times, shape: [count]), labels: Tensor(labels, shape: [count]), context)
            return [x, velocity]
        }
        let results = try function(weights)
        let tensors = try [
            TensorEntry(name: "x", shape: shape, values: results[0].values(as: Float.self)),
            TensorEntry(name: "t", shape: [count], values: times),
            TensorEntry(name: "y", shape: [count], values: labels.map(Int64.init)),
            TensorEntry(name: "velocity", shape: shape, values: results[1].values(as: Float.self)),
        ]
        try SafetensorsFile.write(tensors, to: url)
    }
}
