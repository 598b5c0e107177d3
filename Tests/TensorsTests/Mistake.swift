import StableHLO
import Tensors

/// Mistakes of a tracing program, one statement each.
enum Mistake: String, CaseIterable, Codable {
    case sum, maximum, product, batchedProduct, convolution, reshape, slice, split, expand, bitcast
    case loopBody, loopCondition, gradientOfVector, gradientOfLoop, cotangent, distinctIndices

    private static let firstLine = #line

    func make() {
        let (x, scalar) = (Tensor(0, shape: [2, 3]), Tensor(0))
        switch self {
        case .sum: _ = x + Tensor(0, shape: [4])
        case .maximum: _ = x.maximum(Tensor(0, shape: [4]))
        case .product: _ = x.matmul(Tensor(0, shape: [4, 5]))
        case .batchedProduct: _ = Tensor(0, shape: [2, 3, 4]).matmul(Tensor(0, shape: [3, 4, 5]))
        case .convolution: _ = Tensor(0, shape: [2, 8, 8, 3]).convolved(with: Tensor(0, shape: [4, 2, 3, 3]))
        case .reshape: _ = x.reshaped(to: [7])
        case .slice: _ = x.sliced(0..<1, along: 2)
        case .split: _ = x.split(into: 0, along: 1)
        case .expand: _ = x.expanded(at: 3)
        case .bitcast: _ = x.bitcast(to: .int64)
        case .loopBody: _ = Tensor.repeated(Tensor(integer: 2), [x]) { _, _ in [Tensor(0, shape: [3])] }
        case .loopCondition: _ = Tensor.loop([scalar], while: { $0[0] }, body: { $0 })
        case .gradientOfVector: _ = gradients(of: x, withRespectTo: [x])
        case .gradientOfLoop: _ = gradients(of: looped(scalar), withRespectTo: [scalar])
        case .cotangent: _ = pullback(of: [x], withRespectTo: [x], cotangents: [Tensor(1, shape: [3])])
        case .distinctIndices:
            _ = RandomStream(seed: Tensor(integer: 1, elementType: .uint64)).distinctIndices(11, below: 10)
        }
    }

    private static let lastLine = #line

    private func looped(_ x: Tensor) -> Tensor {
        Tensor.repeated(Tensor(integer: 3), [x]) { _, values in [values[0] * 2] }[0]
    }

    /// What the message says besides the place.
    var message: String {
        switch self {
        case .sum: "add(tensor<2x3xf32>, tensor<4xf32>): shapes do not broadcast to a common one"
        case .maximum: "maximum(tensor<2x3xf32>, tensor<4xf32>): shapes do not broadcast to a common one"
        case .product: "dot_general(tensor<2x3xf32>, tensor<4x5xf32>): pairs dimension 1 of size 3"
        case .batchedProduct: "matmul(tensor<2x3x4xf32>, tensor<3x4x5xf32>): batch dimensions do not broadcast"
        case .convolution: "convolution(tensor<2x8x8x3xf32>, tensor<4x2x3x3xf32>): has 3 input channels"
        case .reshape: "reshape(tensor<2x3xf32>): has 6 elements, which do not fill shape [7]"
        case .slice: "slice(tensor<2x3xf32>): has no dimension 2"
        case .split: "split(tensor<2x3xf32>): cannot be cut into 0 along 1"
        case .expand: "expanded(tensor<2x3xf32>): has no place for a dimension 3"
        case .bitcast: "bitcast_convert(tensor<2x3xf32>): cannot reinterpret as i64"
        case .loopBody: "while(tensor<i32>, tensor<2x3xf32>): has a body that returns [tensor<i32>, tensor<3xf32>]"
        case .loopCondition: "while(tensor<f32>): takes a scalar boolean condition"
        case .gradientOfVector: "gradients(tensor<2x3xf32>): differentiates a floating-point scalar"
        case .gradientOfLoop: "a loop has no derivative"
        case .cotangent: "pullback(tensor<2x3xf32>, tensor<3xf32>): takes a cotangent of each value's type"
        case .distinctIndices: "cannot draw 11 different integers below 10"
        }
    }

    /// Where the statement stands. An operator cannot take its caller's place as an argument.
    var lines: ClosedRange<Int>? { self == .sum ? nil : Mistake.firstLine...Mistake.lastLine }
}
