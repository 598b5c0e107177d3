import Foundation

/// The selective scan and its derivative by their definition, in double:
/// h_l = exp(step_l decay) h_(l-1) + step_l input_l x_l, y_l = output_l . h_l + skip x_l.
struct ScanReference {
    private let sizes: ScanSizes
    private let x, step, decay, input, output, skip: [Double]

    /// - Parameter operands: x, step, decay, input, output and skip, row-major
    init(_ sizes: ScanSizes, _ operands: [[Double]]) {
        self.sizes = sizes
        (x, step, decay) = (operands[0], operands[1], operands[2])
        (input, output, skip) = (operands[3], operands[4], operands[5])
    }

    func result() -> [Double] {
        var y = zip(x.indices, x).map { $1 * skip[$0 % sizes.channels] }
        forEachState { sequence, channel, state in
            for (l, h) in states(sequence, channel, state).enumerated() {
                y[at(sequence, l, channel)] += output[row(sequence, l, state)] * h
            }
        }
        return y
    }

    /// Gradients of all operands for the cotangent `g` of the result.
    func gradients(of g: [Double]) -> [[Double]] {
        var dx = zip(g.indices, g).map { $1 * skip[$0 % sizes.channels] }
        var (dStep, dDecay) = (zeros(step), zeros(decay))
        var (dInput, dOutput, dSkip) = (zeros(input), zeros(output), zeros(skip))
        for index in x.indices { dSkip[index % sizes.channels] += g[index] * x[index] }
        forEachState { sequence, channel, state in
            let h = states(sequence, channel, state)
            let a = decay[channel * sizes.states + state]
            var back = 0.0
            for l in (0..<sizes.length).reversed() {
                let (i, j) = (at(sequence, l, channel), row(sequence, l, state))
                let before = l == 0 ? 0 : h[l - 1]
                let factor = exp(step[i] * a)
                back += g[i] * output[j]
                dOutput[j] += g[i] * h[l]
                dInput[j] += back * step[i] * x[i]
                dx[i] += back * step[i] * input[j]
                dStep[i] += back * (input[j] * x[i] + before * factor * a)
                dDecay[channel * sizes.states + state] += back * before * factor * step[i]
                back *= factor
            }
        }
        return [dx, dStep, dDecay, dInput, dOutput, dSkip]
    }

    /// One state of one channel after every position.
    private func states(_ sequence: Int, _ channel: Int, _ state: Int) -> [Double] {
        var h = 0.0
        return (0..<sizes.length).map { l in
            let i = at(sequence, l, channel)
            h =
                exp(step[i] * decay[channel * sizes.states + state]) * h
                + step[i] * input[row(sequence, l, state)] * x[i]
            return h
        }
    }

    private func forEachState(_ body: (_ sequence: Int, _ channel: Int, _ state: Int) -> Void) {
        for sequence in 0..<sizes.batch {
            for channel in 0..<sizes.channels {
                for state in 0..<sizes.states { body(sequence, channel, state) }
            }
        }
    }

    private func at(_ sequence: Int, _ l: Int, _ channel: Int) -> Int {
        (sequence * sizes.length + l) * sizes.channels + channel
    }

    private func row(_ sequence: Int, _ l: Int, _ state: Int) -> Int {
        (sequence * sizes.length + l) * sizes.states + state
    }

    private func zeros(_ values: [Double]) -> [Double] { values.map { _ in 0 } }
}
