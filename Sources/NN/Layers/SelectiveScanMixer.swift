public import Tensors

/// The Mamba-1 mixer: gated causal convolution and selective scan (Gu and Dao 2023, figure 3), named and initialised
/// as the `mamba_ssm` package's.
public struct SelectiveScanMixer: Module {
    private let aLog: Parameter
    private let skip: Parameter
    private let inProj: Linear
    private let conv1d: CausalDepthwiseConvolution
    private let xProj: Linear
    private let dtProj: TimeStepProjection
    private let outProj: Linear
    private let states: Int
    private let rank: Int

    /// - Parameters:
    ///   - width: features of a token
    ///   - states: per channel
    ///   - convolution: length of the causal convolution
    ///   - expand: width of the mixer in units of `width`
    public init(_ width: Int, states: Int, convolution: Int, expand: Int) {
        let inner = expand * width
        rank = (width + 15) / 16
        self.states = states
        aLog = Parameter([inner, states], .logarithmsOfCounts)
        skip = Parameter([inner], .constant(1))
        inProj = Linear(width, 2 * inner, bias: false)
        conv1d = CausalDepthwiseConvolution(inner, length: convolution)
        xProj = Linear(inner, rank + 2 * states, bias: false)
        dtProj = TimeStepProjection(rank, inner)
        outProj = Linear(inner, width, bias: false)
    }

    public var children: [(name: String, value: Any)] {
        [
            ("A_log", aLog), ("D", skip), ("in_proj", inProj), ("conv1d", conv1d), ("x_proj", xProj),
            ("dt_proj", dtProj), ("out_proj", outProj),
        ]
    }

    /// (batch, length, width) to the same shape.
    public func callAsFunction(_ x: Tensor, _ context: Context) -> Tensor {
        // Two products of half the width, not one that would have to be cut apart and, going back, joined again.
        let weights = context[inProj.weight].split(into: 2, along: 0)
        let mixed = conv1d(linear(x, weights[0], bias: nil), context)
        let parts = xProj(mixed, context)
        let inputs = rank..<rank + states
        let scanned = gatedSelectiveScan(
            mixed, step: dtProj(parts.sliced(0..<rank, along: 2), context), decayLogarithm: context[aLog],
            input: parts.sliced(inputs, along: 2),
            output: parts.sliced(inputs.upperBound..<inputs.upperBound + states, along: 2), skip: context[skip],
            gate: linear(x, weights[1], bias: nil))
        return outProj(scanned, context)
    }
}

/// A causal convolution of every channel with its own kernel, then SiLU.
private struct CausalDepthwiseConvolution: Module {
    private let weight: Parameter
    private let bias: Parameter

    init(_ channels: Int, length: Int) {
        weight = Parameter([channels, 1, length], .fanIn(length))
        bias = Parameter([channels], .fanIn(length))
    }

    func callAsFunction(_ x: Tensor, _ context: Context) -> Tensor {
        causalConvolutionSiLU(x, context[weight], bias: context[bias])
    }
}

/// The linear map to a channel's time step, started so that steps lie between 0.001 and 0.1.
private struct TimeStepProjection: Module {
    private let weight: Parameter
    private let bias: Parameter

    init(_ rank: Int, _ channels: Int) {
        weight = Parameter([channels, rank], .uniform(bound: 1 / Double(rank).squareRoot()))
        bias = Parameter([channels], .inverseSoftplusOfLogUniform(lowest: 0.001, highest: 0.1, floor: 1e-4))
    }

    func callAsFunction(_ x: Tensor, _ context: Context) -> Tensor {
        linear(x, context[weight], bias: context[bias])
    }
}
