import StableHLO
public import Tensors

/// x W^T + b over the last dimension of x; weight (out, in), bias (out).
public func linear(_ x: Tensor, _ weight: Tensor, bias: Tensor?) -> Tensor {
    Composite.apply(
        "flow.linear", to: [x, weight] + (bias.map { [$0] } ?? []),
        pullback: { operands, _, cotangents in
            guard let g = cotangents[0] else { return operands.map { _ in nil } }
            let parameters = linearParameterGradients(g, operands[0], withBias: operands.count == 3)
            return [linearInputGradient(g, operands[1])] + parameters
        },
        decomposition: { [product($0[0], $0[1], bias: $0.count == 3 ? $0[2] : nil)] })[0]
}

/// gelu(x W1^T + b1) W2^T + b2, the exact form, over the last dimension of x; weights (hidden, in) and (out, hidden),
/// biases (hidden) and (out).
package func feedForward(
    _ x: Tensor, _ weight1: Tensor, bias1: Tensor, _ weight2: Tensor, bias2: Tensor
) -> Tensor {
    Composite.apply(
        "flow.feed_forward", to: [x, weight1, bias1, weight2, bias2],
        pullback: { operands, results, cotangents in
            guard let g = cotangents[0] else { return operands.map { _ in nil } }
            let (hidden, before) = (results[1], results[2])
            let inner = Composite.apply("flow.linear_input_gradient_gelu", to: [g, operands[3], before]) {
                [inputProduct($0[0], $0[1]) * geluSlope($0[2])]
            }[0]
            return [linearInputGradient(inner, operands[1])]
                + linearParameterGradients(inner, operands[0], withBias: true)
                + linearParameterGradients(g, hidden, withBias: true)
        },
        decomposition: { operands in
            let parts = Composite.apply("flow.linear_gelu", to: Array(operands[0...2])) {
                let before = product($0[0], $0[1], bias: $0[2])
                return [gelu(before), before]
            }
            return [linear(parts[0], operands[3], bias: operands[4])] + parts
        })[0]
}

private func linearInputGradient(_ g: Tensor, _ weight: Tensor) -> Tensor {
    Composite.apply(
        "flow.linear_input_gradient", to: [g, weight],
        sum: { operands, addend in
            Composite.apply("flow.linear_input_gradient", to: operands + [addend], aliases: [0: 2]) {
                [$0[2] + inputProduct($0[0], $0[1])]
            }[0]
        },
        decomposition: { [inputProduct($0[0], $0[1])] })[0]
}

/// Gradients of the weight and, where there is one, of the bias.
private func linearParameterGradients(_ g: Tensor, _ x: Tensor, withBias: Bool) -> [Tensor] {
    Composite.apply("flow.linear_weight_gradient", to: [x, g]) {
        let (x, g) = (asRows($0[0]), asRows($0[1]))
        let weight = g.dot(x, contracting: [0], [0])
        return withBias ? [weight, g.sum(along: [0])] : [weight]
    }
}

private func product(_ x: Tensor, _ weight: Tensor, bias: Tensor?) -> Tensor {
    let result = asRows(x).dot(weight, contracting: [1], [1])
    return (bias.map { result + $0 } ?? result).reshaped(to: x.shape.dropLast() + [weight.shape[0]])
}

private func inputProduct(_ g: Tensor, _ weight: Tensor) -> Tensor {
    asRows(g).dot(weight, contracting: [1], [0]).reshaped(to: g.shape.dropLast() + [weight.shape[1]])
}

private func geluSlope(_ x: Tensor) -> Tensor {
    let cumulative = 0.5 * (1 + erf(x * 0.5.squareRoot()))
    let density = exp(-0.5 * x * x) * (1 / (2 * Double.pi).squareRoot())
    return cumulative + x * density
}

/// A matrix: all but the last dimension as one.
private func asRows(_ x: Tensor) -> Tensor {
    let width = x.shape[x.rank - 1]
    return x.reshaped(to: [x.elementCount / width, width])
}
