@_exported public import enum Basis.ElementType

/// Element type and dimensions of a dense row-major array.
public struct ArrayShape: Sendable, Hashable, CustomStringConvertible {
    package var type: ElementType
    /// Outermost first; empty for a scalar.
    package var dimensions: [Int]

    package init(_ type: ElementType, _ dimensions: [Int]) {
        self.type = type
        self.dimensions = dimensions
    }

    public var description: String { "\(type)\(dimensions)" }

    /// - Throws: ``PJRTError/invalidDimensions(_:)``.
    func byteCount() throws(PJRTError) -> Int {
        var count = type.byteCount
        for dimension in dimensions {
            let (product, overflow) = count.multipliedReportingOverflow(by: dimension)
            guard dimension >= 0, !overflow else { throw .invalidDimensions(dimensions) }
            count = product
        }
        return count
    }
}
