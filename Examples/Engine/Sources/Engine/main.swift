import XLAEngine

// The first plugin that is found: the one that the set-up fetched, or PJRT_PLUGIN_LIBRARY_PATH.
let engine = try DeviceRequest().engine()

// The squared norm of a matrix product, and its gradients: traced, differentiated, compiled once.
let (left, right) = (TensorType([2, 3]), TensorType([3, 2]))
let norm = try engine.function("norm", arguments: [left, right]) { matrices in
    let norm = matrices[0].matmul(matrices[1]).squared().sum()
    return [norm] + gradients(of: norm, withRespectTo: matrices)
}

let results = try norm([
    DeviceArray([1, 2, 3, 4, 5, 6] as [Float], left, on: engine.device),
    DeviceArray([1, 0, 0, 1, 1, 1] as [Float], right, on: engine.device),
])
for (name, result) in zip(["norm", "gradient of the left", "gradient of the right"], results) {
    print(name, try result.values(as: Float.self))
}
