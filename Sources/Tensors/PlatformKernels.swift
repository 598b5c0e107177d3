package import StableHLO

/// The composites that a platform computes with native code of its own.
package struct PlatformKernels: Sendable, ExpressibleByArrayLiteral {
    /// Whether a platform's kernel takes a call with operands of such types.
    package typealias Takes = @Sendable (_ call: CustomCall, _ operands: [TensorType]) -> Bool

    /// Names of the composites.
    package let names: Set<String>
    private let takes: Takes

    /// - Parameters:
    ///   - names: of the kernels
    ///   - takes: asked only about composites of these names, with tensors of float32, and some of bfloat16.
    package init(_ names: Set<String>, takes: @escaping Takes) {
        self.names = names
        self.takes = takes
    }

    /// Kernels that take every call.
    package init(arrayLiteral names: String...) { self.init(Set(names)) { _, _ in true } }

    /// Whether there is a kernel for a composite of these operands. Kernels are for float32.
    func contain(_ composite: Composite, of operands: [Tensor]) -> Bool {
        guard names.contains(composite.name) else { return false }
        let call = composite.call()
        let types = operands.map(\.type)
        return (types + call.results).allSatisfy { $0.elementType == .float32 } && takes(call, types)
    }

    /// Whether a call's kernel takes it as it is, with tensors that may be of bfloat16.
    func take(_ call: CustomCall, of operands: [TensorType]) -> Bool { takes(call, operands) }
}
