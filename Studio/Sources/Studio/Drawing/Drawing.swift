import Datasets
import Experiments
import Flows
import Foundation
import Sampling
import Settings
import Training

/// Images that form while somebody looks: an event for each picture, made when the last has been sent.
actor Drawing {
    private let request: DrawingRequest
    private let laboratory: Laboratory
    /// What newer requests make an end of.
    private let turn: DrawingTurns.Turn
    private var rows: [Forming] = []
    private var place = Place.beginning

    private struct Forming {
        let row: DrawingRequest.Row
        let run: SamplingRun
        let stops: [Int]
        var images: FormingImages
        var seconds = 0.0
    }

    private enum Place {
        case beginning
        /// The next picture of a row.
        case frame(Int, row: Int)
        case end, over
    }

    init(_ request: DrawingRequest, _ laboratory: Laboratory, _ turn: DrawingTurns.Turn) {
        self.request = request
        self.laboratory = laboratory
        self.turn = turn
    }

    /// All events of a drawing.
    nonisolated var events: AsyncStream<ServerEvent> {
        AsyncStream { await self.next() }
    }

    private func next() async -> ServerEvent? {
        if case .over = place { return nil }
        do {
            guard await turn.isCurrent, !Task.isCancelled else {
                place = .over
                return try ServerEvent("dropped", ["reason": "a newer request took its place"])
            }
            switch place {
            case .beginning: return try await begin()
            case .frame(let frame, let row): return try await advance(frame, row)
            case .end: return try finish()
            case .over: return nil
            }
        } catch {
            place = .over
            return try? ServerEvent("refused", ["error": "\(error)"])
        }
    }

    private func begin() async throws -> ServerEvent {
        for row in request.rows {
            let run = try await laboratory.run(
                request.name, request.folder, checkpoint: row.checkpoint, averaged: row.averaged,
                changes: row.changes + [.init("sampling.seed", .natural(request.seed), from: "seed")])
            let labels = request.numbers(classCount: run.network.classCount)
            let scales = [Double](repeating: row.guidance, count: labels.count)
            let start = request.start
            let images = try await laboratory.compute {
                guard let start else { return try run.forming(labels: labels, guidance: scales) }
                let times = run.configuration.samplingTimes
                let step = times.indices.min { abs(times[$0] - start.time) < abs(times[$1] - start.time) } ?? 0
                return try run.forming(
                    labels: labels, guidance: scales, noising: labels.flatMap { _ in start.image }, at: step)
            }
            // Steps of adaptive length are cut at each picture, so there are fewer.
            let most = run.configuration.solver.tolerance == nil ? request.frames : min(request.frames, 10)
            let (first, left) = (images.stepsDone, images.steps - images.stepsDone)
            let frames = max(1, min(most, left))
            rows.append(
                Forming(row: row, run: run, stops: (0...frames).map { first + $0 * left / frames }, images: images))
        }
        place = .frame(0, row: 0)
        let first = rows[0]
        return try ServerEvent(
            "begin",
            Beginning(
                shape: first.run.network.imageShape, labels: request.labels, seed: "\(request.seed)",
                rows: rows.map {
                    Beginning.Row(
                        title: $0.row.title, frames: $0.stops.count, steps: $0.images.steps, checkpoint: $0.run.step)
                }))
    }

    /// Rows take turns, so that all form at the same pace.
    private func advance(_ frame: Int, _ row: Int) async throws -> ServerEvent {
        var forming = rows[row]
        let (stop, looks, start) = (forming.stops[frame], request.looksInside, forming.images)
        let (images, pixels, look, seconds) = try await laboratory.compute {
            let begin = ContinuousClock.now
            var images = start
            try images.advance(to: stop)
            let pixels = try images.images()
            let seconds = begin.duration(to: .now).inSeconds
            return (images, pixels, looks ? try images.outlook() : nil, seconds)
        }
        forming.images = images
        forming.seconds += seconds
        rows[row] = forming
        place = following(frame, row)
        let largest = look?.velocity.reduce(0) { max($0, abs($1)) } ?? 0
        return try ServerEvent(
            "frame",
            Frame(
                row: row, frame: frame, step: stop, time: images.time, evaluations: images.evaluations,
                seconds: forming.seconds, pixels: Data(PixelRange.quantized(pixels)),
                velocity: look.map { look in
                    Data(PixelRange.quantized(look.velocity.map { largest > 0 ? $0 / largest : 0 }))
                }, largestVelocity: look == nil ? nil : Double(largest).ifFinite,
                end: look.map { Data(PixelRange.quantized($0.data)) }))
    }

    private func following(_ frame: Int, _ row: Int) -> Place {
        let left = rows.indices.dropFirst(row + 1).first { rows[$0].stops.count > frame }
        if let left { return .frame(frame, row: left) }
        let next = rows.indices.first { rows[$0].stops.count > frame + 1 }
        return next.map { .frame(frame + 1, row: $0) } ?? .end
    }

    private func finish() throws -> ServerEvent {
        place = .over
        return try ServerEvent(
            "done",
            Ending(
                rows: rows.map { forming in
                    Ending.Row(
                        evaluations: forming.images.evaluations, seconds: forming.seconds,
                        command: request.command(
                            forming.row, classCount: forming.run.network.classCount, step: forming.run.step))
                }))
    }

    private struct Beginning: Encodable {
        /// Channels, height and width.
        let shape: [Int]
        let labels: [Int?]
        /// A text: JavaScript has no numbers of 64 bits.
        let seed: String
        let rows: [Row]

        struct Row: Encodable {
            let title: String
            let frames: Int
            let steps: Int
            let checkpoint: Int
        }
    }

    private struct Frame: Encodable {
        let row: Int
        let frame: Int
        let step: Int
        let time: Double
        let evaluations: Int
        let seconds: Double
        /// Bytes of (count, channels, height, width), in base64.
        let pixels: Data
        /// The velocity in parts of its largest value: 0 is -1, 255 is 1.
        let velocity: Data?
        let largestVelocity: Double?
        /// The images that the velocity points to.
        let end: Data?
    }

    private struct Ending: Encodable {
        let rows: [Row]

        struct Row: Encodable {
            let evaluations: Int
            let seconds: Double
            let command: String
        }
    }
}

extension Duration {
    var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
