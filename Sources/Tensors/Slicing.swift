public import StableHLO

extension Tensor {
    /// The window `range` of one dimension, every `stride`-th element.
    public func sliced(
        _ range: Range<Int>, along dimension: Int, stride: Int = 1, file: StaticString = #fileID, line: UInt = #line
    ) -> Tensor {
        guard shape.indices.contains(dimension) else {
            stopTracing("\(ShapeError("slice", [type], "has no dimension \(dimension)"))", file, line)
        }
        if range == 0..<shape[dimension] && stride == 1 { return self }
        var starts = [Int](repeating: 0, count: rank)
        var limits = shape
        var strides = [Int](repeating: 1, count: rank)
        (starts[dimension], limits[dimension], strides[dimension]) = (range.lowerBound, range.upperBound, stride)
        return Tensor.apply(Slice(starts: starts, limits: limits, strides: strides), [self], file, line)[0]
    }

    /// Equal pieces along one dimension.
    public func split(
        into count: Int, along dimension: Int, file: StaticString = #fileID, line: UInt = #line
    ) -> [Tensor] {
        guard shape.indices.contains(dimension), count > 0, shape[dimension] % count == 0 else {
            stopTracing("\(ShapeError("split", [type], "cannot be cut into \(count) along \(dimension)"))", file, line)
        }
        let size = shape[dimension] / count
        return (0..<count).map { sliced($0 * size..<($0 + 1) * size, along: dimension, file: file, line: line) }
    }

    /// Surrounded by `value`; one (low, high) pair a dimension, negative crops.
    public func padded(
        low: [Int], high: [Int], interior: [Int]? = nil, value: Double = 0,
        file: StaticString = #fileID, line: UInt = #line
    ) -> Tensor {
        let interior = interior ?? [Int](repeating: 0, count: rank)
        return Tensor.apply(Pad(low: low, high: high, interior: interior), [self, scalar(value)], file, line)[0]
    }

    /// Tensors that follow each other along a dimension; their other dimensions agree.
    public static func concatenated(
        _ tensors: [Tensor], along dimension: Int, file: StaticString = #fileID, line: UInt = #line
    ) -> Tensor {
        tensors.count == 1 ? tensors[0] : apply(Concatenate(dimension: dimension), tensors, file, line)[0]
    }

    /// A window of `sizes` that begins at computed `starts` (integer scalars, one a dimension).
    public func dynamicSlice(
        at starts: [Tensor], sizes: [Int], file: StaticString = #fileID, line: UInt = #line
    ) -> Tensor {
        Tensor.apply(DynamicSlice(sizes: sizes), [self] + starts, file, line)[0]
    }

    /// This tensor with `update` written over the window that begins at computed `starts`.
    public func updated(
        with update: Tensor, at starts: [Tensor], file: StaticString = #fileID, line: UInt = #line
    ) -> Tensor {
        Tensor.apply(DynamicUpdateSlice(), [self, update] + starts, file, line)[0]
    }
}

extension Slice: DifferentiableOperation {
    func pullback(_ operands: [Tensor], _ results: [Tensor], _ cotangents: [Tensor?]) -> [Tensor?] {
        guard let g = cotangents[0] else { return [nil] }
        let source = operands[0].shape
        let reach = source.indices.map { starts[$0] + dilated(g.shape[$0], strides[$0]) }
        return [
            g.padded(low: starts, high: source.indices.map { source[$0] - reach[$0] }, interior: strides.map { $0 - 1 })
        ]
    }
}

extension Pad: DifferentiableOperation {
    func pullback(_ operands: [Tensor], _ results: [Tensor], _ cotangents: [Tensor?]) -> [Tensor?] {
        guard let g = cotangents[0] else { return [nil, nil] }
        let zeros = [Int](repeating: 0, count: g.rank)
        let cropped = g.padded(low: low.map(-), high: high.map(-), interior: zeros)
        let source = operands[0].shape
        let elements = Tensor.apply(
            Slice(starts: zeros, limits: cropped.shape, strides: interior.map { $0 + 1 }), cropped)
        guard elements.shape == source else { return [elements.reshaped(to: source), nil] }
        return [elements, g.sum() - elements.sum()]
    }
}

extension Concatenate: DifferentiableOperation {
    func pullback(_ operands: [Tensor], _ results: [Tensor], _ cotangents: [Tensor?]) -> [Tensor?] {
        guard let g = cotangents[0] else { return operands.map { _ in nil } }
        var start = 0
        return operands.map { operand in
            defer { start += operand.shape[dimension] }
            return g.sliced(start..<start + operand.shape[dimension], along: dimension)
        }
    }
}

extension DynamicSlice: DifferentiableOperation {
    func pullback(_ operands: [Tensor], _ results: [Tensor], _ cotangents: [Tensor?]) -> [Tensor?] {
        let none = operands.dropFirst().map { _ in nil as Tensor? }
        guard let g = cotangents[0] else { return [nil] + none }
        return [operands[0].filled(with: 0).updated(with: g, at: Array(operands.dropFirst()))] + none
    }
}

extension DynamicUpdateSlice: DifferentiableOperation {
    func pullback(_ operands: [Tensor], _ results: [Tensor], _ cotangents: [Tensor?]) -> [Tensor?] {
        let starts = Array(operands.dropFirst(2))
        let none = starts.map { _ in nil as Tensor? }
        guard let g = cotangents[0] else { return [nil, nil] + none }
        let update = operands[1]
        return [g.updated(with: update.filled(with: 0), at: starts), g.dynamicSlice(at: starts, sizes: update.shape)]
            + none
    }
}
