public import StableHLO

extension Tensor {
    /// Sum over dimensions (all by default); they disappear unless `keepingDimensions`.
    public func sum(
        along dimensions: [Int]? = nil, keepingDimensions: Bool = false,
        file: StaticString = #fileID, line: UInt = #line
    ) -> Tensor {
        reduced(.add, from: 0, along: dimensions, keepingDimensions, file, line)
    }

    /// The mean along dimensions, all of them where none is named.
    ///
    /// - Parameters:
    ///   - dimensions: those that are averaged over
    ///   - keepingDimensions: whether they stay, with one element
    public func mean(
        along dimensions: [Int]? = nil, keepingDimensions: Bool = false,
        file: StaticString = #fileID, line: UInt = #line
    ) -> Tensor {
        let total = sum(along: dimensions, keepingDimensions: keepingDimensions, file: file, line: line)
        return total / (Double(elementCount) / Double(total.elementCount))
    }

    /// The largest along dimensions, all of them where none is named.
    ///
    /// - Parameters:
    ///   - dimensions: those that are compared over
    ///   - keepingDimensions: whether they stay, with one element
    public func max(
        along dimensions: [Int]? = nil, keepingDimensions: Bool = false,
        file: StaticString = #fileID, line: UInt = #line
    ) -> Tensor {
        reduced(.maximum, from: -.infinity, along: dimensions, keepingDimensions, file, line)
    }

    /// The smallest along dimensions, all of them where none is named.
    ///
    /// - Parameters:
    ///   - dimensions: those that are compared over
    ///   - keepingDimensions: whether they stay, with one element
    public func min(
        along dimensions: [Int]? = nil, keepingDimensions: Bool = false,
        file: StaticString = #fileID, line: UInt = #line
    ) -> Tensor {
        reduced(.minimum, from: .infinity, along: dimensions, keepingDimensions, file, line)
    }

    /// Whether any element of a boolean tensor is true.
    public func any(file: StaticString = #fileID, line: UInt = #line) -> Tensor {
        let start = Tensor(integer: 0, elementType: .bool)
        return Tensor.apply(Reduce(.or, dimensions: Array(0..<rank)), [self, start], file, line)[0]
    }

    private func reduced(
        _ combiner: Reduce.Combiner, from start: Double, along dimensions: [Int]?, _ keepingDimensions: Bool,
        _ file: StaticString, _ line: UInt
    ) -> Tensor {
        let dimensions = (dimensions ?? Array(0..<rank)).sorted()
        if dimensions.isEmpty { return self }
        guard start.isFinite || elementType.isFloatingPoint else {
            stopTracing("\(ShapeError(combiner.rawValue, [type], "takes floating-point elements"))", file, line)
        }
        let result = Tensor.apply(Reduce(combiner, dimensions: dimensions), [self, scalar(start)], file, line)[0]
        guard keepingDimensions else { return result }
        return result.reshaped(to: shape.indices.map { dimensions.contains($0) ? 1 : shape[$0] })
    }
}

/// exp(x) / sum exp(x) along the last dimension, shifted by the maximum for range.
public func softmax(_ x: Tensor) -> Tensor {
    let last = [x.rank - 1]
    let powers = exp(x - x.max(along: last, keepingDimensions: true))
    return powers / powers.sum(along: last, keepingDimensions: true)
}

extension Reduce: DifferentiableOperation {
    func pullback(_ operands: [Tensor], _ results: [Tensor], _ cotangents: [Tensor?]) -> [Tensor?] {
        guard let g = cotangents[0], g.elementType.isFloatingPoint else { return [nil, nil] }
        let x = operands[0]
        let keptShape = x.shape.indices.map { dimensions.contains($0) ? 1 : x.shape[$0] }
        func spread(_ tensor: Tensor) -> Tensor { tensor.reshaped(to: keptShape).broadcast(to: x.shape) }
        switch combiner {
        case .add: return [spread(g), g.sum()]
        case .maximum, .minimum:
            // Equal extremes share the gradient.
            let hits = x.compared(.equal, to: spread(results[0])).select(x.filled(with: 1), x.filled(with: 0))
            return [hits * spread(g / hits.sum(along: dimensions)), nil]
        case .multiply:
            // Exact where no element is zero.
            return [spread(g * results[0]) / x, nil]
        case .and, .or: return [nil, nil]
        }
    }
}
