/// A plane through the way of an image, to look at a field of very many dimensions in: by the noise, the end, and a third
/// point, all as vectors.
struct FieldPlane: Sendable {
    /// Coordinates in the plane.
    struct Point: Sendable, Encodable {
        let x: Double
        let y: Double
    }

    private let origin: [Float]
    /// Of length 1, at a right angle.
    private let axes: (x: [Float], y: [Float])

    /// - Parameters:
    ///   - origin: which is (0, 0)
    ///   - end: which lies on the first axis
    ///   - third: which has no negative second coordinate
    /// - Returns: nil where they lie in a line
    init?(from origin: [Float], to end: [Float], and third: [Float]) {
        let along = FieldPlane.difference(end, origin)
        let length = FieldPlane.length(along)
        guard length.isFinite, length > 0 else { return nil }
        let first = along.map { Float(Double($0) / length) }
        let other = FieldPlane.difference(third, origin)
        let share = FieldPlane.product(other, first)
        let across = zip(other, first).map { Float(Double($0) - share * Double($1)) }
        let width = FieldPlane.length(across)
        // Nearer to the line than numbers tell.
        guard width.isFinite, width > 1e-4 * length else { return nil }
        self.origin = origin
        axes = (first, across.map { Float(Double($0) / width) })
    }

    /// The point of the plane that is nearest to a vector.
    func point(of vector: ArraySlice<Float>) -> Point { direction(of: FieldPlane.difference(vector, origin)) }

    /// What a direction is in the plane.
    func direction(of vector: some Collection<Float>) -> Point {
        Point(x: FieldPlane.product(vector, axes.x), y: FieldPlane.product(vector, axes.y))
    }

    /// What lies beside a vector, parallel to the plane, at some coordinates.
    func vector(beside other: ArraySlice<Float>, at point: Point) -> [Float] {
        let own = self.point(of: other)
        let (right, up) = (point.x - own.x, point.y - own.y)
        return zip(other, zip(axes.x, axes.y)).map { value, axes in
            Float(Double(value) + right * Double(axes.0) + up * Double(axes.1))
        }
    }

    static func length(_ vector: some Collection<Float>) -> Double { product(vector, vector).squareRoot() }

    /// How far a vector is from the line through two others.
    static func distance(_ vector: ArraySlice<Float>, from start: ArraySlice<Float>, to end: ArraySlice<Float>)
        -> Double
    {
        let (along, other) = (difference(end, start), difference(vector, start))
        let square = product(along, along)
        let share = square > 0 ? product(other, along) / square : 0
        return length(zip(other, along).map { Float(Double($0) - share * Double($1)) })
    }

    private static func product(_ a: some Collection<Float>, _ b: some Collection<Float>) -> Double {
        zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }

    private static func difference(_ a: some Collection<Float>, _ b: some Collection<Float>) -> [Float] {
        zip(a, b).map { $0 - $1 }
    }
}
