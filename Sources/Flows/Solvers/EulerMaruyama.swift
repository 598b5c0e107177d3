public import Settings
import StableHLO
public import Tensors

/// The Euler-Maruyama method for dx = (u + D s) dt + sqrt(2 D) dW, which has the same distributions at all times as the
/// flow dx = u dt (Song et al. 2021, section 4.3; SiT, Ma et al. 2024, eq. 4).
///
/// The score s = -E[eps | x] / beta is the one that the velocity implies on its path. A step that ends at t = 1 adds no
/// noise, as SiT's last step "Mean": what it would add, nothing would take away again.
public struct EulerMaruyama: Solver {
    public static let name = "euler-maruyama"
    public static let summary =
        "Noise is added and taken away on the way (SiT, Ma et al. 2024): forgets early errors, wants many steps (250)."

    @Setting("D(t), how much noise: 1, beta(t), 1 - t, sin^2(pi t) or ((1 + cos(pi t)) / 2)^2.", role: .recording)
    public var diffusion = Diffusion.beta
    @Setting("A factor of D; 0 is Euler's method.", .atLeast(0), role: .recording) public var strength = 1.0

    public var order: Int { 1 }
    public var evaluationsPerStep: Int { 1 }
    public var isStochastic: Bool { true }

    public init() {}

    public func step(
        _ state: [Tensor], from start: Tensor, to end: Tensor, _ flow: ProbabilityFlow, noise: () -> [Tensor]
    ) -> [Tensor] {
        let velocity = flow.velocity(state, start)
        let time = clamped(start, to: flow.path.regularTimes)
        return zip(zip(state, velocity), noise()).map { pair, noise in
            let (x, velocity) = pair
            let length = (end - start).perRow(rank: x.rank)
            let column = time.perRow(rank: x.rank)
            let c = flow.path.coefficients(at: column)
            let amount = strength * diffusion.coefficient(at: column, c)
            let implied = VelocityPrediction().ends(of: velocity, at: x, c).noise
            let drift = velocity - (amount / c.beta) * implied
            let spread = sqrt(2 * amount * length)
            let isLast = end.perRow(rank: x.rank).compared(.greaterOrEqual, to: 1)
            let added = isLast.select(Tensor(0, shape: spread.shape, elementType: spread.elementType), spread)
            return x + drift * length + added * noise
        }
    }
}
