import Datasets
import Experiments
import Flows
import Foundation
import Sampling
import Training

/// What the images of a drawing begin as.
enum DrawingStart: Sendable {
    /// The noise of the drawing's seed.
    case seed
    /// One image, noised to a time from 0 to 1: values row-major (channels, height, width).
    case noised([Float], time: Double)
    /// One noise for all.
    case noise(End)
    /// One noise each, on the arc from one to another.
    case arc(from: End, to: End)

    /// A noise that a person names.
    enum End: Sendable {
        /// The first of a seed.
        case seed(UInt64)
        /// That of an image: values row-major (channels, height, width).
        case kept([Float])

        /// - Parameters:
        ///   - text: `seed:7`, or `kept:` and what ``KeptNoises`` gave
        ///   - run: whose noises
        ///   - count: numbers of a noise
        fileprivate init(_ text: String, _ name: String, of run: String, count: Int, _ noises: KeptNoises) throws {
            let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            switch (parts[0], parts.count) {
            case ("seed", 2):
                guard let seed = UInt64(parts[1]) else {
                    throw Refusal.bad("\(name) names a seed that is no integer of 0 or more: '\(parts[1])'")
                }
                self = .seed(seed)
            case ("kept", 2):
                let values = try noises.noise(String(parts[1]), of: run)
                guard values.count == count else {
                    throw Refusal.missing(
                        "that noise is of images of another size: follow the image to its noise again")
                }
                self = .kept(values)
            default: throw Refusal.bad("\(name) must be seed: or kept: and what it is called, not '\(text)'")
            }
        }

        fileprivate func values(_ run: SamplingRun) throws -> [Float] {
            switch self {
            case .kept(let values): values
            case .seed(let seed):
                try run.forming(labels: [0], guidance: [1], noise: .each([NoiseName(seed: seed)])).images()
            }
        }
    }

    /// Of `image` and `from`, or of `noise`, or of `noise` and `to`.
    init(_ parameters: Parameters, of run: String, shape: [Int], _ noises: KeptNoises) throws {
        let count = shape.reduce(1, *)
        func end(_ name: String) throws -> End? {
            try parameters[name].map { try End($0, name, of: run, count: count, noises) }
        }
        let (image, noise, other) = (try parameters.image(shape: shape), try end("noise"), try end("to"))
        switch (image, noise, other) {
        case (nil, nil, nil): self = .seed
        case (let image?, nil, nil):
            self = .noised(
                PixelRange.normalized(image), time: try parameters.number("from", 0...1, default: 0.5))
        case (nil, let noise?, nil): self = .noise(noise)
        case (nil, let noise?, let other?): self = .arc(from: noise, to: other)
        default: throw Refusal.bad("a drawing begins with an image, or with a noise, or between noise and to")
        }
    }

    /// Begins the images of a run.
    ///
    /// - Throws: ``SamplingError``, or what the device reports.
    func images(_ run: SamplingRun, labels: [Int], guidance: Double) throws -> FormingImages {
        let scales = [Double](repeating: guidance, count: labels.count)
        func from(_ noise: [Float]) throws -> FormingImages {
            try run.forming(labels: labels, guidance: scales, noise: .given(noise))
        }
        switch self {
        case .seed: return try run.forming(labels: labels, guidance: scales)
        case .noised(let image, let time):
            let times = run.configuration.samplingTimes
            let step = times.indices.min { abs(times[$0] - time) < abs(times[$1] - time) } ?? 0
            return try run.forming(
                labels: labels, guidance: scales, noising: labels.flatMap { _ in image }, at: step)
        case .noise(let end):
            let values = try end.values(run)
            return try from(labels.flatMap { _ in values })
        case .arc(let start, let end):
            let (first, last) = (try start.values(run), try end.values(run))
            return try from(
                labels.indices.flatMap { index in
                    sphericalInterpolation(first, last, share: Double(index) / Double(max(1, labels.count - 1)))
                })
        }
    }
}

extension Parameters {
    /// The bytes of one image, in base64.
    ///
    /// - Parameter shape: channels, height and width
    /// - Throws: ``Refusal`` where they are not as many as an image has.
    func image(shape: [Int]) throws(Refusal) -> [UInt8]? {
        guard let text = self["image"] else { return nil }
        let bytes = Data(base64Encoded: text).map { [UInt8]($0) } ?? []
        let count = shape.reduce(1, *)
        guard bytes.count == count else {
            throw .bad("image must be the \(count) bytes of one image in base64, not \(bytes.count)")
        }
        return bytes
    }
}
