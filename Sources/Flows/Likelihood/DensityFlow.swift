import Foundation
package import Tensors

/// Points together with the change of their log-density along a flow: the instantaneous change of variables,
/// d log p(x_t) / dt = -div u(x_t, t) (Chen et al. 2018, "Neural ordinary differential equations", theorem 1).
///
/// Its state is x, (batch, ...), and the integral of the divergence, (batch, estimates). Followed from data at t = 1 with
/// integrals of 0 to t = 0, it gives log p_1(x_1) = log p_0(x_0) + the integrals there, where p_0 is standard normal.
package struct DensityFlow {
    private let divergence: any DivergenceEstimate

    /// - Parameter divergence: how it is computed along the way
    package init(_ divergence: any DivergenceEstimate) { self.divergence = divergence }

    /// The slopes of the state.
    ///
    /// - Parameters:
    ///   - velocity: of points at a time; no point's may depend on another
    ///   - normal: as of ``DivergenceEstimate/divergences(of:at:normal:)``
    package func velocity(
        of velocity: @escaping (_ x: Tensor, _ time: Tensor) -> Tensor, normal: @escaping (_ estimate: Tensor) -> Tensor
    ) -> ProbabilityFlow.Velocity {
        { state, time in
            let slope = velocity(state[0], time)
            return [slope, divergence.divergences(of: slope, at: state[0], normal: normal)]
        }
    }

    /// The log-density of a point under the standard normal distribution, in nats.
    package static func standardNormal(_ x: some Collection<Double>) -> Double {
        x.reduce(-0.5 * Double(x.count) * log(2 * Double.pi)) { $0 - 0.5 * $1 * $1 }
    }
}
