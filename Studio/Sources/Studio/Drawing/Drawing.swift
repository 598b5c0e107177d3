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
    private let steps: StepQueue
    /// What newer requests make an end of.
    private let turn: DrawingTurns.Turn
    private var rows: [Forming] = []
    private var place = Place.beginning
    /// Pictures that are made and not sent yet.
    private var made: [ServerEvent] = []

    private struct Forming {
        let row: DrawingRequest.Row
        let run: SamplingRun
        let stops: [Int]
        var images: FormingImages
        var seconds = 0.0
    }

    private enum Place {
        case beginning
        /// The next picture of each row.
        case frame(Int)
        case end, over
    }

    init(_ request: DrawingRequest, _ laboratory: Laboratory, _ steps: StepQueue, _ turn: DrawingTurns.Turn) {
        self.request = request
        self.laboratory = laboratory
        self.steps = steps
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
            if !made.isEmpty { return made.removeFirst() }
            switch place {
            case .beginning: return try await begin()
            case .frame(let frame):
                try await advance(frame)
                return made.removeFirst()
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
                changes: row.changes, seed: request.seed)
            let (labels, start) = (request.numbers(classCount: run.network.classCount), request.start)
            let images = try await laboratory.compute {
                try start.images(run, labels: labels, guidance: row.guidance)
            }
            // Steps of adaptive length are cut at each picture, so there are fewer.
            let most = run.configuration.solver.tolerance == nil ? request.frames : min(request.frames, 10)
            let (first, left) = (images.stepsDone, images.steps - images.stepsDone)
            let frames = max(1, min(most, left))
            rows.append(
                Forming(row: row, run: run, stops: (0...frames).map { first + $0 * left / frames }, images: images))
        }
        place = .frame(0)
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

    /// Makes the next picture of all rows, which are computed together where they can be.
    private func advance(_ frame: Int) async throws {
        let members = rows.indices.filter { rows[$0].stops.count > frame }
        let advanced = try await withThrowingTaskGroup(of: (Int, StepQueue.Advanced).self) { group in
            for row in members {
                let (images, stop) = (rows[row].images, rows[row].stops[frame])
                group.addTask { [steps] in (row, try await steps.advance(images, to: stop)) }
            }
            var advanced: [Int: StepQueue.Advanced] = [:]
            for try await (row, step) in group { advanced[row] = step }
            return advanced
        }
        for row in members {
            guard let step = advanced[row] else { continue }
            rows[row].images = step.images
            rows[row].seconds += step.seconds
            let look = request.looksInside ? try await laboratory.compute { try step.images.outlook() } : nil
            made.append(try event(of: row, frame, step, look))
        }
        place = rows.contains { $0.stops.count > frame + 1 } ? .frame(frame + 1) : .end
    }

    private func event(
        of row: Int, _ frame: Int, _ step: StepQueue.Advanced, _ look: Outlook?
    ) throws -> ServerEvent {
        let largest = look?.velocity.reduce(0) { max($0, abs($1)) } ?? 0
        return try ServerEvent(
            "frame",
            Frame(
                row: row, frame: frame, step: step.images.stepsDone, time: step.images.time,
                evaluations: step.images.evaluations, seconds: rows[row].seconds, together: step.together,
                pixels: Data(PixelRange.quantized(step.pixels)),
                velocity: look.map { look in
                    Data(PixelRange.quantized(look.velocity.map { largest > 0 ? $0 / largest : 0 }))
                }, largestVelocity: look == nil ? nil : Double(largest).ifFinite,
                end: look.map { Data(PixelRange.quantized($0.data)) }))
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
        /// Its share of what computing took so far.
        let seconds: Double
        /// Drawings that the last steps were computed with, itself among them.
        let together: Int
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
