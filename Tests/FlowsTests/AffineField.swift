import Flows
import NN
import Tensors

/// u(x, t, y) = x + t + table[y], a field with a known flow.
struct AffineField: ConditionalNetwork {
    let table = Parameter([4, 1], .constant(0))
    let classCount = 3
    let imageShape = [1, 1, 2]

    func callAsFunction(_ x: Tensor, at time: Tensor, labels: Tensor, _ context: Context) -> Tensor {
        let shape = [x.shape[0], 1, 1, 1]
        return x + time.reshaped(to: shape) + context[table].rows(at: labels).reshaped(to: shape)
    }
}
