/// The static type of a tensor: its shape and the type of its elements.
public struct TensorType: Hashable, Sendable, CustomStringConvertible {
    /// Elements along each dimension; empty for a scalar.
    public let shape: [Int]
    /// What an element is.
    public let elementType: ElementType

    /// - Parameters:
    ///   - shape: elements along each dimension; empty for a scalar
    ///   - elementType: what an element is
    public init(_ shape: [Int], _ elementType: ElementType = .float32) {
        self.shape = shape
        self.elementType = elementType
    }

    /// The number of dimensions.
    public var rank: Int { shape.count }

    /// The product of the shape.
    public var elementCount: Int { shape.reduce(1, *) }

    /// Bytes that the elements take, a Boolean one each.
    public var byteCount: Int { elementCount * elementType.byteCount }

    /// The StableHLO spelling, such as `tensor<64x3xf32>`.
    public var description: String {
        "tensor<" + (shape.map(String.init) + [elementType.spelling]).joined(separator: "x") + ">"
    }

    /// The same shape with other elements.
    public func with(_ elementType: ElementType) -> TensorType { TensorType(shape, elementType) }

    /// The same elements in another shape.
    public func with(shape: [Int]) -> TensorType { TensorType(shape, elementType) }
}
