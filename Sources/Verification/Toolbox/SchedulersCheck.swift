import Flows

/// `t`; PATH/alpha, beta, alpha_derivative, beta_derivative.
enum SchedulersCheck: ToolboxCheck {
    static let kind = "schedulers"

    static func comparisons(_ file: ToolboxFile, _ evaluator: Evaluator) throws -> [Comparison] {
        try file.beginnings(ofNamesWith: 2).flatMap { name -> [Comparison] in
            guard let path = try? file.path(name) else { return [unknown("path", name)] }
            return try Precision.both(1e-5, 1e-10).flatMap { precision in
                let results = try evaluator([file.array("t")], precision.type) {
                    let c = path.coefficients(at: $0[0])
                    return [c.alpha, c.beta, c.alphaDerivative, c.betaDerivative]
                }
                return try zip(["alpha", "beta", "alpha_derivative", "beta_derivative"], results).compactMap {
                    let part = "\(name)/\($0)"
                    return file.holds(part) ? precision.compare(part, $1, try file.array(part)) : nil
                }
            }
        }
    }
}
