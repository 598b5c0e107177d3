package import Compute
import StableHLO
import Tensors

/// Distances between features, block by block: the products on the device, what is looked for in them on the host.
///
/// In double precision: |x|^2 + |y|^2 - 2 x . y loses half its digits where two images are nearly the same, and those are
/// the ones that are looked for.
package struct Neighbours: Sendable {
    private let engine: Engine
    private let mostDistances: Int

    /// - Parameters:
    ///   - engine: what distances are computed on
    ///   - mostDistances: in memory at a time, or one row's where they are more
    package init(on engine: Engine, mostDistances: Int = 1 << 22) {
        self.engine = engine
        self.mostDistances = mostDistances
    }

    /// The nearest rows of a set to one row.
    package struct Nearest: Sendable, Equatable {
        /// Their places in the set, the nearest first.
        package var indices: [Int]
        /// Their squared distances, ascending.
        package var squares: [Double]

        /// Their Euclidean distances, ascending.
        package var distances: [Double] { squares.map { $0.squareRoot() } }
    }

    /// Calls `body` with the squared distances of each row of `queries` to all rows of `set`.
    package func forEachRow(
        of queries: FeatureSet, to set: FeatureSet, _ body: (Int, UnsafeBufferPointer<Double>) throws -> Void
    ) throws {
        precondition(queries.dimensions == set.dimensions, "features of one network only")
        let size = min(max(1, mostDistances / set.count), queries.count)
        let types = [
            TensorType([size, set.dimensions], .float64), TensorType([set.count, set.dimensions], .float64),
        ]
        let function = try engine.function("squared_distances", arguments: types) { arguments in
            let (x, y) = (arguments[0], arguments[1])
            let squares = (x * x).sum(along: [1]).reshaped(to: [size, 1]) + (y * y).sum(along: [1])
            let distances = squares - 2 * x.matmul(y.transposed())
            return [distances.maximum(Tensor(0, shape: distances.shape, elementType: .float64))]
        }
        let centre = Neighbours.centre(of: set)
        let reference = try DeviceArray(Neighbours.shifted(set, by: centre).values, types[1], on: engine.device)
        for first in stride(from: 0, to: queries.count, by: size) {
            let rows = first..<min(first + size, queries.count)
            let block = Neighbours.shifted(queries.rows(at: rows), by: centre).values
            let filling = [Double](repeating: 0, count: (size - rows.count) * set.dimensions)
            let distances = try function([DeviceArray(block + filling, types[0], on: engine.device), reference])[0]
                .values(as: Double.self)
            try distances.withUnsafeBufferPointer { distances in
                for row in rows {
                    let start = (row - first) * set.count
                    try body(row, UnsafeBufferPointer(rebasing: distances[start..<start + set.count]))
                }
            }
        }
    }

    /// The `count` nearest rows of `set` to each row of `queries`.
    ///
    /// - Parameters:
    ///   - count: neighbours of each
    ///   - queries: whose neighbours are looked for
    ///   - set: where they are looked for
    ///   - skippingOwnPlace: whether the sets are the same and a row is not its own neighbour
    package func nearest(
        _ count: Int, to queries: FeatureSet, in set: FeatureSet, skippingOwnPlace: Bool = false
    ) throws -> [Nearest] {
        precondition(count > 0 && count <= set.count - (skippingOwnPlace ? 1 : 0), "not so many neighbours")
        var result: [Nearest] = []
        result.reserveCapacity(queries.count)
        try forEachRow(of: queries, to: set) { row, squares in
            var best: [(square: Double, index: Int)] = []
            for (index, square) in squares.enumerated() {
                if best.count == count && square >= best[count - 1].square { continue }
                if skippingOwnPlace && index == row { continue }
                if best.count == count { best.removeLast() }
                let place = best.firstIndex { square < $0.square } ?? best.count
                best.insert((square, index), at: place)
            }
            result.append(Nearest(indices: best.map(\.index), squares: best.map(\.square)))
        }
        return result
    }

    /// Distances do not change with the origin; near the data fewer digits cancel.
    private static func centre(of set: FeatureSet) -> [Double] {
        var mean = [Double](repeating: 0, count: set.dimensions)
        for row in 0..<set.count { for (i, value) in set[row].enumerated() { mean[i] += value } }
        return mean.map { $0 / Double(set.count) }
    }

    private static func shifted(_ set: FeatureSet, by centre: [Double]) -> FeatureSet {
        FeatureSet(
            set.values.enumerated().map { $1 - centre[$0 % set.dimensions] }, dimensions: set.dimensions)
    }
}
