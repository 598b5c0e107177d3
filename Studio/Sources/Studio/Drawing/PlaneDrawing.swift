import Experiments
import Flows
import Foundation
import HTTPTypes
import Sampling
import Settings

/// A field in a plane: the ways of an image as lines, then, time after time, arrows of the velocity at points of the plane
/// through where the image is then.
///
/// The arrows are computed a line of the grid at a time, so that other drawings need not wait.
actor PlaneDrawing {
    private let request: PlaneRequest
    private let laboratory: Laboratory
    private let turn: DrawingTurns.Turn
    private var scene: Scene?
    private var place = Place.beginning

    /// Points of the grid along each axis.
    static let side = 9
    /// Times at which there are arrows.
    private static let times = 13

    private enum Place {
        case beginning
        case arrows(Int)
        case end, over
    }

    private struct Scene {
        /// With a solver that adds no noise: what is asked of it are velocities.
        let run: SamplingRun
        let plane: FieldPlane
        let label: Int
        let guidance: Double
        /// Where the image is at each time.
        let way: [[Float]]
        let times: [Double]
        /// Of the grid's lines, alike in both directions.
        let columns: [Double]
        let lines: [Double]
    }

    init(_ request: PlaneRequest, _ laboratory: Laboratory, _ turn: DrawingTurns.Turn) {
        self.request = request
        self.laboratory = laboratory
        self.turn = turn
    }

    /// All events of a drawing.
    nonisolated var events: AsyncStream<ServerEvent> { AsyncStream { await self.next() } }

    private func next() async -> ServerEvent? {
        do {
            switch place {
            case .over: return nil
            case .beginning: return try await begin()
            case .arrows(let index): return try await arrows(index)
            case .end:
                place = .over
                return try ServerEvent("done", [String: String]())
            }
        } catch is Dropped {
            place = .over
            return try? ServerEvent("dropped", ["reason": "a newer request took its place"])
        } catch {
            place = .over
            return try? ServerEvent("refused", ["error": "\(error)"])
        }
    }

    private struct Dropped: Error {}

    private func check() async throws {
        guard await turn.isCurrent, !Task.isCancelled else { throw Dropped() }
    }

    /// Takes the image to its end, under both labels, and finds the plane.
    private func begin() async throws -> ServerEvent {
        let drawing = request.drawing
        let row = drawing.rows[0]
        let run = try await laboratory.run(
            drawing.name, drawing.folder, checkpoint: row.checkpoint, averaged: row.averaged, changes: row.changes,
            seed: drawing.seed)
        let plain = row.changes.map {
            $0.key == "solver" ? Assignment("solver", .text(Euler.name), from: "solver") : $0
        }
        let fieldRun = try await laboratory.run(
            drawing.name, drawing.folder, checkpoint: row.checkpoint, averaged: row.averaged, changes: plain)
        let classCount = run.network.classCount
        let label = drawing.numbers(classCount: classCount)[0]
        let other = request.number(classCount: classCount)
        let pixels = run.network.imageShape.reduce(1, *)
        let own = try await way(run, label, of: pixels)
        let others = other == nil ? nil : try await way(run, other ?? label, of: pixels)
        guard let start = own.states.first, let end = own.states.last else { throw Dropped() }
        let bends = own.states.map { FieldPlane.distance($0[...], from: start[...], to: end[...]) }
        let farthest = bends.indices.max { bends[$0] < bends[$1] }
        let third = others?.states.last ?? farthest.map { own.states[$0] } ?? end
        guard let plane = FieldPlane(from: start, to: end, and: third) else {
            throw Refusal(
                .unprocessableContent,
                other == nil
                    ? "the way is a straight line to the last digit, which spans no plane"
                    : "the noise and both ends lie in one line, which spans no plane")
        }
        let line = own.states.map { plane.point(of: $0[...]) }
        let otherLine = others?.states.map { plane.point(of: $0[...]) }
        let extent = PlaneDrawing.extent(line + (otherLine ?? []))
        func grid(_ range: ClosedRange<Double>) -> [Double] {
            (0..<PlaneDrawing.side).map {
                range.lowerBound
                    + (Double($0) + 0.5) / Double(PlaneDrawing.side) * (range.upperBound - range.lowerBound)
            }
        }
        scene = Scene(
            run: fieldRun, plane: plane, label: label, guidance: row.guidance, way: own.states, times: own.times,
            columns: grid(extent.x), lines: grid(extent.y))
        place = .arrows(0)
        return try ServerEvent(
            "plane",
            Beginning(
                left: extent.x.lowerBound, right: extent.x.upperBound, bottom: extent.y.lowerBound,
                top: extent.y.upperBound, times: own.times, way: line, other: otherLine,
                length: line.last?.x ?? 0, bend: bends.max() ?? 0, guidance: row.guidance))
    }

    /// Where an image is at some times of its way.
    private func way(_ run: SamplingRun, _ label: Int, of pixels: Int) async throws -> (
        states: [[Float]], times: [Double]
    ) {
        let (start, guidance) = (request.drawing.start, request.drawing.rows[0].guidance)
        var images = try await laboratory.compute { try start.images(run, labels: [label], guidance: guidance) }
        let (first, left) = (images.stepsDone, images.steps - images.stepsDone)
        let count = min(PlaneDrawing.times - 1, max(1, left))
        var (states, times): ([[Float]], [Double]) = ([], [])
        for stop in 0...count {
            try await check()
            let before = images
            let (next, state) = try await laboratory.compute {
                var images = before
                try images.advance(to: first + stop * left / count)
                return (images, try images.images())
            }
            images = next
            states.append(state)
            times.append(images.time)
        }
        return (states, times)
    }

    private func arrows(_ index: Int) async throws -> ServerEvent {
        guard let scene else { throw Dropped() }
        let (time, here) = (scene.times[index], scene.way[index])
        var arrows: [Arrow] = []
        for y in scene.lines {
            try await check()
            let points = scene.columns.map { FieldPlane.Point(x: $0, y: y) }
            let outlook = try await laboratory.compute {
                try scene.run.outlook(
                    of: points.flatMap { scene.plane.vector(beside: here[...], at: $0) },
                    labels: points.map { _ in scene.label }, guidance: points.map { _ in scene.guidance }, at: time)
            }
            for (number, point) in points.enumerated() {
                let velocity = outlook.velocity[number * here.count..<(number + 1) * here.count]
                let shown = scene.plane.direction(of: velocity)
                guard shown.x.isFinite, shown.y.isFinite else { continue }
                arrows.append(Arrow(x: point.x, y: point.y, right: shown.x, up: shown.y))
            }
        }
        place = index + 1 < scene.times.count ? .arrows(index + 1) : .end
        return try ServerEvent("arrows", Arrows(index: index, time: time, arrows: arrows))
    }

    /// A square around points, with room beside them.
    static func extent(_ points: [FieldPlane.Point]) -> (x: ClosedRange<Double>, y: ClosedRange<Double>) {
        func range(_ values: [Double]) -> (middle: Double, width: Double) {
            let (low, high) = (values.min() ?? 0, values.max() ?? 0)
            return ((low + high) / 2, high - low)
        }
        let (x, y) = (range(points.map(\.x)), range(points.map(\.y)))
        let half = max(x.width, y.width, 1e-6) * 0.65
        return (x.middle - half...x.middle + half, y.middle - half...y.middle + half)
    }

    private struct Beginning: Encodable {
        let left: Double
        let right: Double
        let bottom: Double
        let top: Double
        let times: [Double]
        let way: [FieldPlane.Point]
        let other: [FieldPlane.Point]?
        /// From noise to end.
        let length: Double
        /// How far the way is from the straight line between them at the most.
        let bend: Double
        let guidance: Double
    }

    private struct Arrow: Encodable {
        let x: Double
        let y: Double
        let right: Double
        let up: Double
    }

    private struct Arrows: Encodable {
        let index: Int
        let time: Double
        let arrows: [Arrow]
    }
}
