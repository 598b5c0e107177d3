import FlowMatching
import Formats
import Settings
import StableHLO
import TestSupport
import Testing
import Tracing

/// Values that other libraries computed; see `Goldens/README.md`. Kinds without one stand in ``withoutGolden``.
@Suite("Goldens of other libraries", .needsPlugin)
struct GoldenTests {
    /// Kinds that no file has values for, by slot.
    static let withoutGolden: [String: Set<String>] = [
        "times": ["uniform"], "coupling": ["independent"], "guidance": ["autoguidance"],
        "solver": ["dormand-prince", "euler-maruyama"],
    ]

    /// The names that the files have for kinds, where they are others.
    static let names = [
        "classifier-free": "cfg", "logit-normal": "logit_normal", "optimal-transport": "exact",
        "zero-star": "zero_star",
    ]

    /// The path that a name in the files means; nil where there is no such kind yet. A kind with settings of its own has
    /// several names, and a case of its own here.
    static func path(of name: String) -> (any ProbabilityPath)? {
        guard name.hasPrefix("polynomial-"), let degree = Int(name.dropFirst("polynomial-".count)) else {
            return ProbabilityPaths.registry[name]
        }
        var path = PolynomialPath()
        path.degree = degree
        return path
    }

    /// Names in the files of paths that there are.
    static let paths: [String] = {
        let names = (try? Golden("schedulers"))?.firstParts ?? []
        return names.filter { path(of: $0) != nil }.sorted()
    }()

    @Test("Every kind has a golden, or is said to have none")
    func coverage() throws {
        func check(_ slot: String, _ kinds: [String], _ known: Set<String>) {
            let missing = Set(kinds.filter { !known.contains(GoldenTests.names[$0] ?? $0) })
            #expect(missing == GoldenTests.withoutGolden[slot, default: []], "\(slot)")
        }
        let pathKinds = GoldenTests.paths.compactMap { GoldenTests.path(of: $0).map { type(of: $0).name } }
        check("path", ProbabilityPaths.registry.names, Set(pathKinds))
        check("prediction", Predictions.registry.names, ["velocity", "noise", "data", "score"])
        check("guidance", Guidances.registry.names, try Golden("guidance").firstParts)
        check("times", TimeDistributions.registry.names, try Golden("times").firstParts)
        check("coupling", Couplings.registry.names, try Golden("couplings").firstParts)
        let ways = try Golden("solvers").file.names.map { $0.split(separator: "/").map(String.init) }
        check("solver", Solvers.registry.names, Set(ways.filter { $0.count == 3 }.map { $0[1] }))
    }

    @Test("A path's coefficients and derivatives", arguments: paths)
    func schedulers(name: String) throws {
        let golden = try Golden("schedulers")
        let path = try #require(GoldenTests.path(of: name))
        let results = try evaluate(golden.array("t")) {
            let c = path.coefficients(at: $0[0])
            return [c.alpha, c.beta, c.alphaDerivative, c.betaDerivative]
        }
        for (result, part) in zip(results, ["alpha", "beta", "alpha_derivative", "beta_derivative"]) {
            #expect(try worstDifference(result, golden.numbers("\(name)/\(part)")) < 1e-10, "\(part)")
        }
    }

    @Test(
        "Whatever is predicted, the velocity, the data and the noise that it implies", arguments: paths,
        Predictions.registry.names)
    func conversions(name: String, kind: String) throws {
        let golden = try Golden("conversions")
        let path = try #require(GoldenTests.path(of: name))
        let prediction = try prediction(kind)
        // The file begins with a velocity; what it implies are the outputs of the other kinds.
        let output = try golden.array(kind == "velocity" ? "v" : "\(name)/\(kind)")
        let results = try evaluate(golden.array("x"), golden.array("t"), output) {
            let c = path.coefficients(at: $0[1].reshaped(to: [$0[1].shape[0], 1]))
            let ends = prediction.ends(of: $0[2], at: $0[0], c)
            return [prediction.velocity(of: $0[2], at: $0[0], c), ends.data, ends.noise, -ends.noise / c.beta]
        }
        for (result, part) in zip(results, ["v", "\(name)/data", "\(name)/noise", "\(name)/score"]) {
            #expect(try worstDifference(result, golden.numbers(part)) < 1e-9, "\(part)")
        }
    }

    @Test("The cost of the optimal pairing", arguments: [2, 8, 16])
    func couplings(count: Int) throws {
        let golden = try Golden("couplings")
        let (noise, data) = try (golden.array("exact/\(count)/noise"), golden.array("exact/\(count)/data"))
        let results = try evaluate(noise, data, HostArray([1], [], .uint64)) {
            let labels = Tensor(integer: 0, shape: [count])
            let paired = OptimalTransportCoupling().paired(
                noise: $0[0], with: $0[1], labels: labels, RandomStream(seed: $0[2]))
            return [(paired - $0[1]).squared().sum() / Double(count)]
        }
        // The file pairs noise i with data assignment[i].
        let width = noise.shape[1]
        var reference = 0.0
        for (row, image) in try golden.integers("exact/\(count)/assignment").enumerated() {
            for column in 0..<width {
                let difference = noise[row, column] - data[image, column]
                reference += difference * difference / Double(count)
            }
        }
        #expect(worstDifference(results[0], [reference]) < 1e-6)
        #expect(try worstDifference(golden.numbers("exact/\(count)/mean_cost"), [reference]) < 1e-6)
    }

    @Test("Guidance at its scales and in its interval", arguments: Guidances.registry.names)
    func guidances(kind: String) throws {
        let golden = try Golden("guidance")
        let name = GoldenTests.names[kind] ?? kind
        let cases = golden.cases(name)
        #expect(!cases.isEmpty || GoldenTests.withoutGolden["guidance"]?.contains(kind) == true)
        for parts in cases {
            var guidance = try guidance(kind)
            if var interval = guidance as? IntervalGuidance {
                (interval.start, interval.end) = (try number(parts[0]), try number(parts[1]))
                guidance = interval
            }
            let scale = try number(parts[parts.count - 1])
            let results = try evaluate(
                golden.array("conditional"), golden.array("unconditional"), golden.array("t")
            ) {
                let time = $0[2].reshaped(to: [$0[2].shape[0], 1, 1, 1])
                let scales = Tensor(scale, shape: time.shape, elementType: .float64)
                return [guidance.combined(conditional: $0[0], baseline: $0[1], at: time, scale: scales)]
            }
            let path = ([name] + parts).joined(separator: "/")
            #expect(try worstDifference(results[0], golden.numbers(path)) < 1e-10, "\(path)")
        }
    }

    @Test("Logit-normal times of uniform numbers", arguments: [(0.0, 1.0, "0/1"), (-0.5, 1.2, "-0.5/1.2")])
    func logitNormal(mean: Double, deviation: Double, name: String) throws {
        let golden = try Golden("times")
        var times = LogitNormalTimes()
        (times.mean, times.deviation) = (mean, deviation)
        let results = try evaluate(golden.array("u")) { [times.times(of: $0[0])] }
        #expect(try worstDifference(results[0], golden.numbers("logit_normal/\(name)")) < 1e-9)
    }

    @Test("A solver's way through the probability flow of a mixture, on every path", arguments: Solvers.registry.names)
    func solvers(kind: String) throws {
        let golden = try Golden("solvers")
        guard let solver = try solver(kind) as? any RungeKutta else { return }
        let ways = golden.file.names.map { $0.split(separator: "/").map(String.init) }
            .filter { $0.count == 3 && $0[1] == kind && GoldenTests.path(of: $0[0]) != nil }
        #expect(!ways.isEmpty || GoldenTests.withoutGolden["solver"]?.contains(kind) == true)
        for way in ways {
            let mixture = try Mixture(golden, #require(GoldenTests.path(of: way[0])))
            let steps = try #require(Int(way[2]))
            let results = try evaluate(golden.array("x0")) {
                [solver.integrate($0[0], steps: steps, mixture.velocity)]
            }
            let name = way.joined(separator: "/")
            #expect(try worstDifference(results[0], golden.numbers(name)) < 1e-9, "\(name)")
        }
    }

    private func number(_ text: String) throws -> Double { try #require(Double(text)) }
}

/// Data of a mixture of isotropic Gaussians in the plane, whose velocity is known in closed form.
private struct Mixture {
    let path: any ProbabilityPath
    let weights: [Double]
    let means: [[Double]]
    let deviations: [Double]

    init(_ golden: Golden, _ path: any ProbabilityPath) throws {
        self.path = path
        weights = try golden.numbers("weights")
        let means = try golden.array("means")
        self.means = weights.indices.map { [means[$0, 0], means[$0, 1]] }
        deviations = try golden.numbers("deviations")
    }

    /// u = alpha' E[z | x] + beta' E[eps | x] of points (n, 2), each component counting by its responsibility.
    func velocity(_ x: Tensor, _ time: Tensor) -> Tensor {
        let c = path.coefficients(at: time.converted(to: .float64))
        var (total, sum): (Tensor?, Tensor?) = (nil, nil)
        for (weight, (mean, deviation)) in zip(weights, zip(means, deviations)) {
            let spread = deviation * deviation
            let variance = c.alpha.squared() * spread + c.beta.squared()
            // Exact in float64: a constant of several numbers is made of constants of one.
            let center = Tensor.concatenated(
                mean.map { Tensor($0, shape: [1, 1], elementType: .float64) }, along: 1)
            let apart = x - c.alpha * center
            let distance = apart.squared().sum(along: [1], keepingDimensions: true)
            let density = exp(-0.5 * distance / variance) * weight / variance
            let data = center + (c.alpha * spread / variance) * apart
            let noise = (c.beta / variance) * apart
            let part = density * (c.alphaDerivative * data + c.betaDerivative * noise)
            total = total.map { $0 + part } ?? part
            sum = sum.map { $0 + density } ?? density
        }
        guard let total, let sum else { return x }
        return total / sum
    }
}
