public import Compute
public import Flows
import StableHLO
import Tensors

/// What is true of every probability path, for tests of one's own.
public enum PathLaw: String, CaseIterable, Sendable {
    /// The derivatives of alpha and beta are those that differences give.
    case derivatives
    /// It begins with noise and ends with data.
    case ends
    /// Its coefficients are finite at all regular times, in float32 and float64.
    case finiteness
    /// It has ever more signal to its noise.
    case risingSignal
    /// A point is alpha z + beta eps, its velocity alpha' z + beta' eps, each image at its own time.
    case points

    /// How a path breaks this law; nil where it keeps it.
    ///
    /// - Throws: what the device reports.
    public func violation(of path: any ProbabilityPath, on engine: Engine) throws -> String? {
        let evaluation = PathEvaluation(path: path, engine: engine)
        return switch self {
        case .derivatives: try evaluation.wrongDerivative()
        case .ends: try evaluation.wrongEnd()
        case .finiteness: try evaluation.infiniteCoefficient()
        case .risingSignal: try evaluation.fallingSignal()
        case .points: try evaluation.wrongPoint()
        }
    }
}

private struct PathEvaluation {
    let path: any ProbabilityPath
    let engine: Engine

    /// Row by row alpha, beta, alpha' and beta' at times.
    private func coefficients(at times: [Double]) throws -> [[Double]] {
        let type = TensorType([times.count], .float64)
        let function = try engine.function("coefficients", arguments: [type]) { traced(at: $0[0]) }
        return try function([DeviceArray(times, type, on: engine.device)]).map { try $0.values(as: Double.self) }
    }

    private func traced(at time: Tensor) -> [Tensor] {
        let c = path.coefficients(at: time)
        return [c.alpha, c.beta, c.alphaDerivative, c.betaDerivative]
    }

    /// So many times, some way inside the regular ones.
    private func times(_ count: Int, inside fraction: Double = 0) -> [Double] {
        let (low, high) = (path.regularTimes.lowerBound, path.regularTimes.upperBound)
        let margin = (high - low) * fraction
        let step = (high - low - 2 * margin) / Double(count - 1)
        return (0..<count).map { low + margin + step * Double($0) }
    }

    func wrongDerivative() throws -> String? {
        let times = times(41, inside: 0.001)
        let step = 1e-5
        let here = try coefficients(at: times)
        // Of order 4: a path may bend sharply near an end.
        let shifted = try [-2.0, -1, 1, 2].map { shift in try coefficients(at: times.map { $0 + shift * step }) }
        for (index, name) in ["alpha", "beta"].enumerated() {
            for (number, time) in times.enumerated() {
                let values = shifted.map { $0[index][number] }
                let quotient = (values[0] - 8 * values[1] + 8 * values[2] - values[3]) / (12 * step)
                let stated = here[index + 2][number]
                // Not less or equal: a number that is none is wrong.
                guard abs(stated - quotient) < 1e-6 * max(1, abs(quotient)) else {
                    return "\(name)' at t = \(time) is \(stated), and differences give \(quotient)"
                }
            }
        }
        return nil
    }

    func wrongEnd() throws -> String? {
        let values = try coefficients(at: [0, 1])
        let (alpha, beta) = (values[0], values[1])
        guard abs(alpha[0]) < 0.01, abs(beta[0] - 1) < 1e-3 else {
            return "at t = 0, where there is noise alone, alpha is \(alpha[0]) and beta \(beta[0])"
        }
        guard abs(alpha[1] - 1) < 1e-6, abs(beta[1]) < 1e-6 else {
            return "at t = 1, where there is data alone, alpha is \(alpha[1]) and beta \(beta[1])"
        }
        return nil
    }

    func infiniteCoefficient() throws -> String? {
        guard (0...1).contains(path.regularTimes.lowerBound), (0...1).contains(path.regularTimes.upperBound) else {
            return "its regular times \(path.regularTimes) are not within 0...1"
        }
        let times = times(33)
        let type = TensorType([times.count])
        let function = try engine.function("coefficients", arguments: [type]) { traced(at: $0[0]) }
        let single = try function([DeviceArray(times.map { Float($0) }, type, on: engine.device)])
            .map { try $0.values(as: Float.self).map(Double.init) }
        for (precision, rows) in [("float64", try coefficients(at: times)), ("float32", single)] {
            for row in rows {
                if let number = row.firstIndex(where: { !$0.isFinite }) {
                    return "a coefficient at t = \(times[number]), a regular time, is \(row[number]) in \(precision)"
                }
            }
        }
        return nil
    }

    func fallingSignal() throws -> String? {
        let times = times(101, inside: 0.001)
        let values = try coefficients(at: times)
        let ratios = zip(values[0], values[1]).map { alpha, beta in alpha * alpha / (beta * beta) }
        for (number, (earlier, later)) in zip(ratios, ratios.dropFirst()).enumerated() where !(earlier < later) {
            return "alpha^2 / beta^2 does not rise from t = \(times[number]) to \(times[number + 1])"
        }
        for (number, time) in times.enumerated() where values[0][number] < 0 || values[1][number] < 0 {
            return "alpha or beta is negative at t = \(time)"
        }
        return nil
    }

    func wrongPoint() throws -> String? {
        let times = times(3, inside: 0.1)
        let (data, noise) = ([0.3, -1.2, 0.8, 2.1, -0.4, 0.9], [-0.7, 0.2, 1.5, -0.6, 1.1, -2.0])
        let (images, column) = (TensorType([3, 1, 1, 2], .float64), TensorType([3], .float64))
        let function = try engine.function("points", arguments: [images, images, column]) { arguments in
            let point = path.point(data: arguments[0], noise: arguments[1], time: arguments[2])
            return [point.x, point.velocity]
        }
        let device = engine.device
        let found = try function([
            DeviceArray(data, images, on: device), DeviceArray(noise, images, on: device),
            DeviceArray(times, column, on: device),
        ]).map { try $0.values(as: Double.self) }
        let c = try coefficients(at: times)
        for index in data.indices {
            let image = index / 2
            let expected = [0, 2].map { c[$0][image] * data[index] + c[$0 + 1][image] * noise[index] }
            guard abs(found[0][index] - expected[0]) < 1e-12, abs(found[1][index] - expected[1]) < 1e-12 else {
                return "x and u at t = \(times[image]) are not alpha z + beta eps and alpha' z + beta' eps"
            }
        }
        return nil
    }
}
