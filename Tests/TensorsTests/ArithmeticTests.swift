import StableHLO
import Tensors
import Testing

@Suite("Arithmetic")
struct ArithmeticTests {
    private func count(_ shapes: [[Int]], _ body: ([Tensor]) -> [Tensor]) -> Double {
        Arithmetic.matrixOperations(arguments: shapes.map { TensorType($0) }, body: body)
    }

    @Test("A product takes two operations a term, its gradients as many each")
    func product() {
        #expect(count([[2, 3], [3, 4]]) { [$0[0].matmul($0[1])] } == 2 * 2 * 3 * 4)
        let all = count([[2, 3], [3, 4]]) { x in
            let y = x[0].matmul(x[1])
            return [y] + gradients(of: y.squared().sum(), withRespectTo: x)
        }
        #expect(all == 3 * 2 * 2 * 3 * 4)
    }

    @Test("A convolution takes two operations a tap, its gradients as many each, strided or not")
    func convolution() {
        for (stride, side) in [(1, 8), (2, 4)] {
            let forward = Double(2 * 5 * side * side * 7 * 3 * 3 * 4)
            let shapes = [[5, 8, 8, 4], [7, 4, 3, 3]]
            #expect(count(shapes) { [$0[0].convolved(with: $0[1], stride: stride, padding: 1)] } == forward)
            let all = count(shapes) { x in
                let y = x[0].convolved(with: x[1], stride: stride, padding: 1)
                return [y] + gradients(of: y.squared().sum(), withRespectTo: x)
            }
            #expect(abs(all / (3 * forward) - 1) < 1e-9)
        }
    }

    @Test("What no result needs and what is no product counts nothing; a shared product counts once")
    func others() {
        #expect(
            count([[4, 4]]) { x in
                _ = x[0].matmul(x[0])
                return [exp(x[0]) + x[0]]
            } == 0)
        #expect(
            count([[4, 4]]) { x in
                let y = x[0].matmul(x[0])
                return [y, y + 1]
            } == 2 * 4 * 4 * 4)
    }
}
