import Compute
import Flows
import Foundation
import StableHLO

/// What images begin as.
public enum StartingNoise: Sendable {
    /// Image k is number `first` + k of the seed that is sampled with.
    case numbered(from: Int)
    /// One each.
    case each([NoiseName])
    /// One each, on the way from one noise to another.
    case arcs([NoiseArc])
    /// The values themselves, row-major (count, channels, height, width).
    case given([Float])

    /// That of some of the images, of `pixels` values each, as far as there are so many.
    func part(_ range: Range<Int>, pixels: Int) -> StartingNoise {
        switch self {
        case .numbered(let first): return .numbered(from: first + range.lowerBound)
        case .each(let names): return .each(Array(names[range.clamped(to: names.indices)]))
        case .arcs(let arcs): return .arcs(Array(arcs[range.clamped(to: arcs.indices)]))
        case .given(let values):
            let part = range.lowerBound * pixels..<range.upperBound * pixels
            return .given(Array(values[part.clamped(to: values.indices)]))
        }
    }

    /// The name of the first image's, where the others' follow from it; nil where they do not.
    func origin(seed: UInt64) -> NoiseName? {
        switch self {
        case .numbered(let first): NoiseName(seed: seed, number: first)
        case .each(let names): names.count == 1 ? names[0] : nil
        case .arcs, .given: nil
        }
    }
}

/// The noise of one image: the number of the image among all of a seed.
public struct NoiseName: Sendable, Hashable {
    /// Of the stream.
    public let seed: UInt64
    /// Of the image among those of the seed.
    public let number: Int

    /// - Parameters:
    ///   - seed: of the stream
    ///   - number: of the image among those of the seed
    public init(seed: UInt64, number: Int = 0) {
        self.seed = seed
        self.number = number
    }
}

/// A noise on the great circle through two others.
public struct NoiseArc: Sendable {
    /// Where the way begins.
    public let start: NoiseName
    /// Where it ends.
    public let end: NoiseName
    /// How far from start to end, from 0 to 1.
    public let share: Double

    /// - Parameters:
    ///   - start: where the way begins
    ///   - end: where it ends
    ///   - share: of the way, from 0 to 1
    public init(from start: NoiseName, to end: NoiseName, share: Double) {
        self.start = start
        self.end = end
        self.share = share
    }
}

/// The point at `share` of the arc from `start` to `end` (Shoemake 1985, "Animating rotation with quaternion curves").
///
/// Independent normal vectors of many dimensions have about the same length and a right angle between them. The arc keeps
/// that length, so its points are as likely noise as its ends; those of the straight line are too short.
public func sphericalInterpolation(_ start: [Float], _ end: [Float], share: Double) -> [Float] {
    func product(_ a: [Float], _ b: [Float]) -> Double { zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) } }
    let lengths = (product(start, start) * product(end, end)).squareRoot()
    let angle = lengths > 0 ? acos(min(max(product(start, end) / lengths, -1), 1)) : 0
    // Where both point the same way, or opposite ways, there is no single arc: the straight line is as good.
    let (first, second) =
        sin(angle) > 1e-6
        ? (sin((1 - share) * angle) / sin(angle), sin(share * angle) / sin(angle)) : (1 - share, share)
    return zip(start, end).map { Float(first * Double($0) + second * Double($1)) }
}

extension Sampler {
    /// The noise of `size` images, of which the last ones may be nobody's.
    func state(_ noise: StartingNoise, size: Int, seed: UInt64) throws -> DeviceArray {
        switch noise {
        case .numbered(let first): return try self.noise(size, of: NoiseName(seed: seed, number: first))
        case .given(let values): return try filled(values, size: size)
        case .each(let names): return try filled(names.flatMap { try values(of: $0) }, size: size)
        case .arcs(let arcs):
            let ends = Set(arcs.flatMap { [$0.start, $0.end] })
            let values = Dictionary(uniqueKeysWithValues: try ends.map { ($0, try self.values(of: $0)) })
            return try filled(
                arcs.flatMap { arc in
                    sphericalInterpolation(values[arc.start] ?? [], values[arc.end] ?? [], share: arc.share)
                }, size: size)
        }
    }

    private func values(of name: NoiseName) throws -> [Float] {
        try noise(1, of: name).values(as: Float.self)
    }

    private func filled(_ values: [Float], size: Int) throws -> DeviceArray {
        let type = TensorType([size] + network.imageShape)
        let missing = [Float](repeating: 0, count: type.elementCount - values.count)
        return try DeviceArray(values + missing, type, on: engine.device)
    }
}
