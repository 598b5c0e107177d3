import Foundation

/// A symmetric matrix of numbers in double precision, row-major.
struct SymmetricMatrix {
    let size: Int
    var elements: [Double]

    init(_ elements: [Double], size: Int) {
        precondition(elements.count == size * size, "the matrix must be square")
        self.elements = elements
        self.size = size
    }

    var trace: Double { (0..<size).reduce(0) { $0 + elements[$1 * size + $1] } }

    /// Eigenvalues, and eigenvectors as the columns of a matrix, by Jacobi's rotations (Golub and Van Loan 2013, "Matrix
    /// computations", 8.5): slow for large matrices, and right to the last digits also where eigenvalues are nearly equal
    /// or nearly 0.
    func eigen() -> (values: [Double], vectors: [Double]) {
        var vectors = [Double](repeating: 0, count: size * size)
        for i in 0..<size { vectors[i * size + i] = 1 }
        return (rotated(&vectors), vectors)
    }

    /// The eigenvalues alone, for two thirds of the work.
    func eigenvalues() -> [Double] {
        var none: [Double] = []
        return rotated(&none)
    }

    /// The eigenvalues.
    ///
    /// - Parameter v: what the rotations are put into; empty where they are not wanted
    private func rotated(_ v: inout [Double]) -> [Double] {
        let n = size
        var a = elements
        let scale = a.reduce(0) { $0 + $1 * $1 }
        a.withUnsafeMutableBufferPointer { a in
            v.withUnsafeMutableBufferPointer { v in
                for _ in 0..<SymmetricMatrix.mostSweeps {
                    var outside = 0.0
                    for p in 0..<n { for q in p + 1..<max(n, p + 1) { outside += a[p * n + q] * a[p * n + q] } }
                    if outside <= scale * 1e-30 { break }
                    for p in 0..<n { for q in p + 1..<max(n, p + 1) { SymmetricMatrix.rotate(a, v, n, p, q) } }
                }
            }
        }
        return (0..<n).map { a[$0 * n + $0] }
    }

    /// Jacobi's method has converged long before, whatever the matrix.
    private static let mostSweeps = 60

    /// The rotation in the plane (p, q) that makes the element there 0.
    private static func rotate(
        _ a: UnsafeMutableBufferPointer<Double>, _ v: UnsafeMutableBufferPointer<Double>, _ n: Int, _ p: Int, _ q: Int
    ) {
        let element = a[p * n + q]
        if element == 0 { return }
        let ratio = (a[q * n + q] - a[p * n + p]) / (2 * element)
        let tangent = (ratio < 0 ? -1 : 1) / (abs(ratio) + (1 + ratio * ratio).squareRoot())
        let cosine = 1 / (1 + tangent * tangent).squareRoot()
        let sine = tangent * cosine
        for k in 0..<n {
            let (x, y) = (a[k * n + p], a[k * n + q])
            a[k * n + p] = cosine * x - sine * y
            a[k * n + q] = sine * x + cosine * y
        }
        for k in 0..<n {
            let (x, y) = (a[p * n + k], a[q * n + k])
            a[p * n + k] = cosine * x - sine * y
            a[q * n + k] = sine * x + cosine * y
        }
        for k in 0..<(v.isEmpty ? 0 : n) {
            let (x, y) = (v[k * n + p], v[k * n + q])
            v[k * n + p] = cosine * x - sine * y
            v[k * n + q] = sine * x + cosine * y
        }
    }

    /// The square root of a matrix without negative eigenvalues; those that rounding made negative count as 0.
    func squareRoot() -> SymmetricMatrix {
        let (values, vectors) = eigen()
        let n = size
        var root = [Double](repeating: 0, count: n * n)
        for k in 0..<n {
            let factor = max(0, values[k]).squareRoot()
            for i in 0..<n {
                let left = factor * vectors[i * n + k]
                for j in 0..<n { root[i * n + j] += left * vectors[j * n + k] }
            }
        }
        return SymmetricMatrix(root, size: n)
    }

    /// This matrix times another times this matrix.
    func congruence(of other: SymmetricMatrix) -> SymmetricMatrix {
        let n = size
        func product(_ a: [Double], _ b: [Double]) -> [Double] {
            var c = [Double](repeating: 0, count: n * n)
            for i in 0..<n {
                for k in 0..<n {
                    let factor = a[i * n + k]
                    for j in 0..<n { c[i * n + j] += factor * b[k * n + j] }
                }
            }
            return c
        }
        return SymmetricMatrix(product(product(elements, other.elements), elements), size: n)
    }
}
