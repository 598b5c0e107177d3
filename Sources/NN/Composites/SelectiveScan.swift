import StableHLO
public import Tensors

/// The selective state-space scan (Gu and Dao 2023, algorithm 2):
/// h_l = exp(step_l decay) h_(l-1) + step_l input_l x_l, y_l = output_l . h_l + skip x_l, h before the start 0.
///
/// - Parameters:
///   - x: (batch, length, channels)
///   - step: positive, (batch, length, channels)
///   - decay: negative, (channels, states)
///   - input: (batch, length, states)
///   - output: (batch, length, states)
///   - skip: (channels)
/// - Returns: (batch, length, channels)
public func selectiveScan(
    _ x: Tensor, step: Tensor, decay: Tensor, input: Tensor, output: Tensor, skip: Tensor
) -> Tensor {
    Composite.apply(
        "flow.selective_scan", to: [x, step, decay, input, output, skip],
        pullback: { operands, _, cotangents in
            guard let g = cotangents[0] else { return operands.map { _ in nil } }
            return selectiveScanGradients(g, operands)
        },
        decomposition: { [ScanByChunks($0[0], $0[1], $0[2], $0[3], $0[4], $0[5]).forward()] })[0]
}

/// Gradients of the operands of a scan for the cotangent of its result.
private func selectiveScanGradients(_ g: Tensor, _ operands: [Tensor]) -> [Tensor] {
    Composite.apply("flow.selective_scan_backward", to: [g] + operands) {
        ScanByChunks($0[1], $0[2], $0[3], $0[4], $0[5], $0[6]).backward($0[0])
    }
}

/// The selective scan of Mamba's mixer, with what surrounds it (Gu and Dao 2023, figure 3):
/// selectiveScan(x, step: softplus(step), decay: -exp(decayLogarithm), ...) * silu(gate).
///
/// - Parameters:
///   - x: (batch, length, channels)
///   - step: of any sign, (batch, length, channels)
///   - decayLogarithm: (channels, states)
///   - input: (batch, length, states)
///   - output: (batch, length, states)
///   - skip: (channels)
///   - gate: (batch, length, channels)
/// - Returns: (batch, length, channels)
package func gatedSelectiveScan(
    _ x: Tensor, step: Tensor, decayLogarithm: Tensor, input: Tensor, output: Tensor, skip: Tensor, gate: Tensor
) -> Tensor {
    Composite.apply(
        "flow.gated_selective_scan", to: [x, step, decayLogarithm, input, output, skip, gate],
        pullback: { operands, _, cotangents in
            guard let g = cotangents[0] else { return operands.map { _ in nil } }
            return Composite.apply("flow.gated_selective_scan_backward", to: [g] + operands) {
                gatedSelectiveScanGradients($0[0], Array($0[1...]))
            }
        },
        decomposition: { [scanned(scanOperands($0)) * silu($0[6])] })[0]
}

/// What the scan itself takes, of the operands of the gated one: a positive step, a negative decay, no gate.
private func scanOperands(_ operands: [Tensor]) -> [Tensor] {
    [operands[0], softplus(operands[1]), -exp(operands[2])] + operands[3...5]
}

private func scanned(_ operands: [Tensor]) -> Tensor {
    selectiveScan(
        operands[0], step: operands[1], decay: operands[2], input: operands[3], output: operands[4],
        skip: operands[5])
}

private func gatedSelectiveScanGradients(_ g: Tensor, _ operands: [Tensor]) -> [Tensor] {
    let (step, gate) = (operands[1], operands[6])
    let inner = scanOperands(operands)
    var gradients = selectiveScanGradients(g * silu(gate), inner)
    gradients[1] = gradients[1] * sigmoid(step)
    gradients[2] = gradients[2] * inner[2]
    let s = sigmoid(gate)
    return gradients + [g * scanned(inner) * (s * (1 + gate * (1 - s)))]
}

/// The scan by primitive operations: a loop over chunks of the sequence, the steps of a chunk unrolled.
///
/// Going back, the states before every chunk are kept and those within a chunk computed again, so that
/// length / chunk + chunk states of (batch, channels, states) live at a time, not one for every position.
private struct ScanByChunks {
    let x: Tensor
    let step: Tensor
    let decay: Tensor
    let input: Tensor
    let output: Tensor
    let skip: Tensor

    init(_ x: Tensor, _ step: Tensor, _ decay: Tensor, _ input: Tensor, _ output: Tensor, _ skip: Tensor) {
        (self.x, self.step, self.decay, self.input, self.output, self.skip) = (x, step, decay, input, output, skip)
    }

    private var batch: Int { x.shape[0] }
    private var length: Int { x.shape[1] }
    private var channels: Int { x.shape[2] }
    private var states: Int { decay.shape[1] }
    private var stateShape: [Int] { [batch, channels, states] }

    /// The largest divisor of the length up to its square root, or the whole of a short or prime length.
    private var chunk: Int {
        let divisors = (2...max(2, length)).filter { length % $0 == 0 && $0 * $0 <= length }
        return divisors.last ?? (length <= 16 ? length : 1)
    }

    private var chunks: Int { length / chunk }

    private func zeros(_ shape: [Int]) -> Tensor { Tensor(0, shape: shape, elementType: x.elementType) }

    /// Rows `index * chunk ..< (index + 1) * chunk` of a (batch, length, n) tensor.
    private func window(_ tensor: Tensor, _ index: Tensor) -> Tensor {
        let zero = Tensor(integer: 0)
        return tensor.dynamicSlice(
            at: [zero, index * Tensor(integer: chunk), zero], sizes: [batch, chunk, tensor.shape[2]])
    }

    private func replaced(_ tensor: Tensor, _ index: Tensor, with update: Tensor) -> Tensor {
        let zero = Tensor(integer: 0)
        return tensor.updated(with: update, at: [zero, index * Tensor(integer: chunk), zero])
    }

    private func row(_ window: Tensor, _ position: Int) -> Tensor {
        window.sliced(position..<position + 1, along: 1).reshaped(to: [batch, window.shape[2]])
    }

    /// One chunk's inputs; element `l` of each list belongs to position `l` of the chunk.
    private struct Window {
        let x: [Tensor]
        let step: [Tensor]
        let input: [Tensor]
        let output: [Tensor]
    }

    private func windowed(_ index: Tensor) -> Window {
        func rows(_ tensor: Tensor) -> [Tensor] {
            let part = window(tensor, index)
            return (0..<chunk).map { row(part, $0) }
        }
        return Window(x: rows(x), step: rows(step), input: rows(input), output: rows(output))
    }

    private func decayFactor(_ step: Tensor) -> Tensor { exp(step.expanded(at: 2) * decay) }

    /// The states after each position of a chunk that starts from `state`.
    private func advance(_ state: Tensor, over window: Window) -> [Tensor] {
        var states: [Tensor] = []
        for l in 0..<chunk {
            let driven = (window.step[l] * window.x[l]).expanded(at: 2) * window.input[l].expanded(at: 1)
            states.append(decayFactor(window.step[l]) * (states.last ?? state) + driven)
        }
        return states
    }

    func forward() -> Tensor {
        let results = Tensor.repeated(Tensor(integer: chunks), [zeros(stateShape), zeros(x.shape)]) { index, values in
            let window = windowed(index)
            let after = advance(values[0], over: window)
            let rows = (0..<chunk).map { l in
                (after[l] * window.output[l].expanded(at: 1)).sum(along: [2]).expanded(at: 1)
            }
            return [after[chunk - 1], replaced(values[1], index, with: .concatenated(rows, along: 1))]
        }
        return results[1] + x * skip
    }

    /// States before every chunk, (chunks, batch, channels, states).
    private func statesBeforeChunks() -> Tensor {
        let zero = Tensor(integer: 0)
        return Tensor.repeated(Tensor(integer: chunks), [zeros(stateShape), zeros([chunks] + stateShape)]) {
            index, values in
            let kept = values[1].updated(with: values[0].expanded(at: 0), at: [index, zero, zero, zero])
            return [advance(values[0], over: windowed(index))[chunk - 1], kept]
        }[1]
    }

    /// Gradients of x, step, decay, input, output and skip for the cotangent of y.
    func backward(_ g: Tensor) -> [Tensor] {
        let before = statesBeforeChunks()
        let zero = Tensor(integer: 0)
        let initial = [
            zeros(stateShape), zeros(x.shape), zeros(step.shape), zeros(decay.shape), zeros(input.shape),
            zeros(output.shape),
        ]
        let results = Tensor.repeated(Tensor(integer: chunks), initial) { counter, values in
            let index = Tensor(integer: chunks - 1) - counter
            let start = before.dynamicSlice(at: [index, zero, zero, zero], sizes: [1] + stateShape)
                .reshaped(to: stateShape)
            let gradients = chunkBackward(windowed(index), start, window(g, index), values[0])
            return [
                gradients.state, replaced(values[1], index, with: gradients.x),
                replaced(values[2], index, with: gradients.step), values[3] + gradients.decay,
                replaced(values[4], index, with: gradients.input),
                replaced(values[5], index, with: gradients.output),
            ]
        }
        return [results[1] + g * skip] + results[2...5] + [(g * x).sum(along: [0, 1])]
    }

    private struct ChunkGradients {
        let state: Tensor
        let x: Tensor
        let step: Tensor
        let decay: Tensor
        let input: Tensor
        let output: Tensor
    }

    private func chunkBackward(
        _ window: Window, _ start: Tensor, _ g: Tensor, _ incoming: Tensor
    ) -> ChunkGradients {
        let after = advance(start, over: window)
        var state = incoming
        var decayGradient = zeros(decay.shape)
        var rows: (x: [Tensor], step: [Tensor], input: [Tensor], output: [Tensor]) = ([], [], [], [])
        for l in (0..<chunk).reversed() {
            let previous = l == 0 ? start : after[l - 1]
            let cotangent = row(g, l).expanded(at: 2)
            let factor = decayFactor(window.step[l])
            state = state + cotangent * window.output[l].expanded(at: 1)
            rows.output.append((cotangent * after[l]).sum(along: [1]).expanded(at: 1))
            let driven = (state * window.input[l].expanded(at: 1)).sum(along: [2])
            let faded = state * previous * factor
            rows.x.append((driven * window.step[l]).expanded(at: 1))
            rows.step.append((driven * window.x[l] + (faded * decay).sum(along: [2])).expanded(at: 1))
            rows.input.append(
                (state * (window.step[l] * window.x[l]).expanded(at: 2)).sum(along: [1]).expanded(at: 1))
            decayGradient = decayGradient + (faded * window.step[l].expanded(at: 2)).sum(along: [0])
            state = state * factor
        }
        func joined(_ rows: [Tensor]) -> Tensor { .concatenated(rows.reversed(), along: 1) }
        return ChunkGradients(
            state: state, x: joined(rows.x), step: joined(rows.step), decay: decayGradient,
            input: joined(rows.input), output: joined(rows.output))
    }
}
