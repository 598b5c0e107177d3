import Testing

@testable import Studio

@Suite struct FieldPlaneTests {
    private let noise: [Float] = [1, 2, 3, 4]
    private let end: [Float] = [4, 6, 3, 4]
    private let third: [Float] = [1, 2, 9, 4]

    @Test("A plane's first axis leads from noise to end, its second is square to it and leads to the third point")
    func axes() throws {
        let plane = try #require(FieldPlane(from: noise, to: end, and: third))
        let points = [noise, end, third].map { plane.point(of: $0[...]) }
        #expect(zip(points.map(\.x), [0, 5, 0]).allSatisfy { abs($0 - $1) < 1e-5 })
        #expect(zip(points.map(\.y), [0, 0, 6]).allSatisfy { abs($0 - $1) < 1e-5 })
        // What is square to the plane is nothing in it.
        let across = plane.direction(of: [Float](arrayLiteral: 0, 0, 0, 7))
        #expect(across.x == 0 && across.y == 0)
    }

    @Test("What lies beside a vector has the coordinates asked for, and keeps what is square to the plane")
    func beside() throws {
        let plane = try #require(FieldPlane(from: noise, to: end, and: third))
        let vector = plane.vector(beside: [2, 2, 2, 11], at: .init(x: 10, y: -3))
        let point = plane.point(of: vector[...])
        #expect(abs(point.x - 10) < 1e-5 && abs(point.y + 3) < 1e-5 && vector[3] == 11)
    }

    @Test("Points in a line span no plane")
    func lines() {
        #expect(FieldPlane(from: noise, to: noise, and: third) == nil)
        #expect(FieldPlane(from: noise, to: end, and: [7, 10, 3, 4]) == nil)
    }
}
