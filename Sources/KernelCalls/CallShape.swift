package import CKernelCalls

/// A call of a native kernel as it is known before there are numbers.
package struct CallShape: Sendable, Hashable {
    /// An operand or result, of float32 or bfloat16.
    package struct Tensor: Sendable, Hashable {
        package let shape: [Int]
        /// Whether its numbers are bfloat16.
        package let isRounded: Bool

        package init(_ shape: [Int], isRounded: Bool = false) {
            self.shape = shape
            self.isRounded = isRounded
        }
    }

    /// The kernel's.
    package let name: String
    package let operands: [Tensor]
    package let results: [Tensor]
    package let attributes: [String: Double]

    package init(name: String, operands: [Tensor], results: [Tensor], attributes: [String: Double] = [:]) {
        self.name = name
        self.operands = operands
        self.results = results
        self.attributes = attributes
    }

    /// Calls `body` with the kernels' form of the call, whose tensors have no data.
    package func withCall<Result>(_ body: (UnsafePointer<FlowCall>) -> Result) -> Result {
        let sizes = (operands + results).flatMap(\.shape).map { Int64($0) }
        let keys = attributes.keys.sorted()
        let letters = keys.flatMap { $0.utf8.map { CChar(bitPattern: $0) } }
        return name.withCString { name in
            sizes.withUnsafeBufferPointer { sizes in
                letters.withUnsafeBufferPointer { letters in
                    let tensors = tensors(sizes.baseAddress)
                    let scalars = scalars(keys, letters.baseAddress)
                    return tensors.withUnsafeBufferPointer { tensors in
                        scalars.withUnsafeBufferPointer { scalars in
                            var call = FlowCall()
                            call.name = name
                            call.operands = tensors.baseAddress
                            call.operand_count = Int64(operands.count)
                            call.results = tensors.baseAddress.map { $0 + operands.count }
                            call.result_count = Int64(results.count)
                            call.attributes = scalars.baseAddress
                            call.attribute_count = Int64(scalars.count)
                            return body(&call)
                        }
                    }
                }
            }
        }
    }

    /// - Parameter sizes: of all operands and results, one after the other
    private func tensors(_ sizes: UnsafePointer<Int64>?) -> [FlowTensor] {
        var start = 0
        return (operands + results).map { tensor in
            defer { start += tensor.shape.count }
            return FlowTensor(
                data: nil, rank: Int64(tensor.shape.count), shape: sizes.map { $0 + start }, rounded: tensor.isRounded)
        }
    }

    /// - Parameter letters: of all keys, one after the other
    private func scalars(_ keys: [String], _ letters: UnsafePointer<CChar>?) -> [FlowAttribute] {
        var start = 0
        return keys.map { key in
            defer { start += key.utf8.count }
            let value = attributes[key, default: 0]
            return FlowAttribute(
                name: letters.map { $0 + start }, name_count: key.utf8.count, integer: Int64(exactly: value) ?? 0,
                real: value)
        }
    }
}
