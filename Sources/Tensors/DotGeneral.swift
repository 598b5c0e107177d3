public import StableHLO

extension Tensor {
    /// Matrix product of the last two dimensions, batched over those before them (NumPy's `matmul` for rank >= 2).
    public func matmul(_ other: Tensor, file: StaticString = #fileID, line: UInt = #line) -> Tensor {
        guard rank >= 2, other.rank >= 2 else {
            stopTracing("\(ShapeError("matmul", [type, other.type], "takes tensors of rank 2 or more"))", file, line)
        }
        if other.rank == 2 {
            return dot(other, contracting: [rank - 1], [0], file: file, line: line)
        }
        guard let batch = broadcastShape(shape.dropLast(2), other.shape.dropLast(2)) else {
            stopTracing("\(ShapeError("matmul", [type, other.type], "batch dimensions do not broadcast"))", file, line)
        }
        let left = broadcast(to: batch + shape.suffix(2))
        let right = other.broadcast(to: batch + other.shape.suffix(2))
        let batching = Array(batch.indices)
        return left.dot(
            right, batching: batching, batching, contracting: [left.rank - 1], [right.rank - 2], file: file, line: line)
    }

    /// Sum of products over paired dimensions; paired batching dimensions are kept first.
    public func dot(
        _ other: Tensor, batching left: [Int] = [], _ right: [Int] = [],
        contracting contractingLeft: [Int], _ contractingRight: [Int],
        file: StaticString = #fileID, line: UInt = #line
    ) -> Tensor {
        let operation = DotGeneral(
            batchingLeft: left, batchingRight: right, contractingLeft: contractingLeft,
            contractingRight: contractingRight)
        return Tensor.apply(operation, [self, other], file, line)[0]
    }
}

private func contiguous(_ count: Int, from start: Int) -> [Int] { Array(start..<start + count) }

extension DotGeneral: DifferentiableOperation {
    func pullback(_ operands: [Tensor], _ results: [Tensor], _ cotangents: [Tensor?]) -> [Tensor?] {
        guard let g = cotangents[0] else { return [nil, nil] }
        let (left, right) = (operands[0], operands[1])
        let batch = batchingLeft.count
        let freeLeft = (0..<left.rank).filter { !batchingLeft.contains($0) && !contractingLeft.contains($0) }
        let freeRight = (0..<right.rank).filter { !batchingRight.contains($0) && !contractingRight.contains($0) }
        let resultBatch = contiguous(batch, from: 0)
        let resultLeft = contiguous(freeLeft.count, from: batch)
        let resultRight = contiguous(freeRight.count, from: batch + freeLeft.count)

        // g . right over what is free on the right: (batch, free left, contracted, in the right's order).
        func gradient(
            other: Tensor, batching: [Int], free: [Int], resultFree: [Int],
            mine: (batching: [Int], free: [Int], contracting: [Int]), theirContracting: [Int]
        ) -> Tensor {
            let product = g.dot(other, batching: resultBatch, batching, contracting: resultFree, free)
            let order = theirContracting.sorted()
            let contractedInOrder = order.map { mine.contracting[theirContracting.firstIndex(of: $0)!] }
            let now = mine.batching + mine.free + contractedInOrder
            return product.transposed((0..<now.count).map { now.firstIndex(of: $0)! })
        }
        return [
            gradient(
                other: right, batching: batchingRight, free: freeRight, resultFree: resultRight,
                mine: (batchingLeft, freeLeft, contractingLeft), theirContracting: contractingRight),
            gradient(
                other: left, batching: batchingLeft, free: freeLeft, resultFree: resultLeft,
                mine: (batchingRight, freeRight, contractingRight), theirContracting: contractingLeft),
        ]
    }
}
