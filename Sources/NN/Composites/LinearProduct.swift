import StableHLO
public import Tracing

/// x W^T + b over the last dimension of x; weight (out, in), bias (out).
public func linear(_ x: Tensor, _ weight: Tensor, bias: Tensor?) -> Tensor {
    let rows = x.reshaped(to: [x.elementCount / x.shape[x.rank - 1], x.shape[x.rank - 1]])
    let result = Composite.apply(
        "flow.linear", to: [rows, weight] + (bias.map { [$0] } ?? []),
        pullback: { operands, _, cotangents in
            guard let g = cotangents[0] else { return operands.map { _ in nil } }
            return linearGradients(g, operands[0], operands[1], hasBias: operands.count == 3)
        },
        decomposition: { operands in
            let product = operands[0].dot(operands[1], contracting: [1], [1])
            return [operands.count == 3 ? product + operands[2] : product]
        })[0]
    return result.reshaped(to: x.shape.dropLast() + [weight.shape[0]])
}

/// gelu(x W^T + b), the exact form, over the last dimension of x; weight (out, in), bias (out).
public func linearGELU(_ x: Tensor, _ weight: Tensor, bias: Tensor) -> Tensor {
    let rows = x.reshaped(to: [x.elementCount / x.shape[x.rank - 1], x.shape[x.rank - 1]])
    let result = Composite.apply(
        "flow.linear_gelu", to: [rows, weight, bias],
        pullback: { operands, results, cotangents in
            guard let g = cotangents[1] else { return [nil, nil, nil] }
            let before = Composite.apply("flow.gelu_backward", to: [g, results[0]]) { operands in
                let x = operands[1]
                let cumulative = 0.5 * (1 + erf(x * 0.5.squareRoot()))
                let density = exp(-0.5 * x * x) * (1 / (2 * Double.pi).squareRoot())
                return [operands[0] * (cumulative + x * density)]
            }[0]
            return linearGradients(before, operands[0], operands[1], hasBias: true)
        },
        decomposition: { operands in
            let before = operands[0].dot(operands[1], contracting: [1], [1]) + operands[2]
            return [before, gelu(before)]
        })[1]
    return result.reshaped(to: x.shape.dropLast() + [weight.shape[0]])
}

private func linearGradients(_ g: Tensor, _ x: Tensor, _ weight: Tensor, hasBias: Bool) -> [Tensor] {
    let inputGradient = Composite.apply("flow.linear_input_gradient", to: [g, weight]) {
        [$0[0].dot($0[1], contracting: [1], [0])]
    }
    let weightGradient = Composite.apply("flow.linear_weight_gradient", to: [x, g]) {
        [$0[1].dot($0[0], contracting: [0], [0]), $0[1].sum(along: [0])]
    }
    return [inputGradient[0], weightGradient[0]] + (hasBias ? [weightGradient[1]] : [])
}
