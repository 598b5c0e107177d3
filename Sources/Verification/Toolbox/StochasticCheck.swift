import Flows
import Tensors

/// `x`, `t`, `velocity`, `noise`; PATH/DIFFUSION: the state after one step of the Euler-Maruyama method.
enum StochasticCheck: ToolboxCheck {
    static let kind = "sde"

    static func comparisons(_ file: ToolboxFile, _ evaluator: Evaluator) throws -> [Comparison] {
        let inputs = try ["x", "t", "velocity", "noise"].map { try file.array($0) }
        let length = file.number(after: "dt") ?? 0.01
        return try file.parts.filter { $0.count == 2 }.flatMap { parts -> [Comparison] in
            let name = parts.joined(separator: "/")
            guard let path = try? file.path(parts[0]), let diffusion = Diffusion(rawValue: parts[1]) else {
                return [unknown("path and diffusion", name)]
            }
            var solver = EulerMaruyama()
            solver.diffusion = diffusion
            return try Precision.both(1e-4, 1e-9).map { precision in
                let results = try evaluator(inputs, precision.type) { arguments in
                    let flow = ProbabilityFlow(along: path) { _, _ in [arguments[2]] }
                    return solver.step(
                        [arguments[0]], from: arguments[1], to: arguments[1] + length, flow,
                        noise: { [arguments[3]] })
                }
                return precision.compare(name, results[0], try file.array(name))
            }
        }
    }
}
