public import StableHLO

/// A function of tensors with its name and the types of its arguments: what is traced into a program, for any platform.
public struct Computation: Sendable {
    /// The program's.
    public let name: String
    /// Types of the arguments.
    public let arguments: [TensorType]
    /// Arguments whose memory a result may take over: argument index to result index.
    public let donations: [Int: Int]
    private let body: @Sendable ([Tensor]) -> [Tensor]

    /// - Parameters:
    ///   - name: the program's
    ///   - arguments: types of the arguments
    ///   - donations: arguments whose memory a result may take over: argument index to result index
    ///   - body: the arguments to the results
    public init(
        _ name: String, arguments: [TensorType], donations: [Int: Int] = [:],
        body: @escaping @Sendable ([Tensor]) -> [Tensor]
    ) {
        self.name = name
        self.arguments = arguments
        self.donations = donations
        self.body = body
    }

    /// Traces the function.
    ///
    /// - Parameter options: the platform's
    public func program(_ options: LoweringOptions) -> Program {
        Tracer.program(name, arguments: arguments, donations: donations, options: options, body: body)
    }

    /// Multiplications and additions in its matrix products and convolutions; traces the function.
    package func matrixOperations() -> Double { Arithmetic.matrixOperations(arguments: arguments, body: body) }
}
