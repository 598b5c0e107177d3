/// Passes a tensor through and tells XLA's partitioner how its elements are spread over the devices.
package struct ShardingAnnotation: Operation {
    /// How the value lies on devices.
    package let sharding: Sharding

    /// - Parameter sharding: how the value lies on devices
    package init(_ sharding: Sharding) { self.sharding = sharding }

    package var mnemonic: String { "custom_call" }

    package func resultTypes(for operands: [TensorType]) throws(ShapeError) -> [TensorType] {
        try expect(1, of: operands)
        if case .batch(let devices) = sharding {
            guard operands[0].rank >= 1, operands[0].shape[0] % devices == 0 else {
                throw failure(operands, "cannot be cut into \(devices) equal pieces along its first dimension")
            }
        }
        return operands
    }

    package func text(_ context: TextContext) -> String {
        let text = sharding.text(rank: context.operandTypes[0].rank)
        return genericText(context, attributes: ["call_target_name = \"Sharding\"", "mhlo.sharding = \"\(text)\""])
    }
}
