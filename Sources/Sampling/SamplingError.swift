/// A request that no sampler can serve.
public enum SamplingError: Error, Equatable, CustomStringConvertible {
    case labelOutOfRange(Int, nullLabel: Int)
    case stepCount(Int)

    public var description: String {
        switch self {
        case .labelOutOfRange(let label, let null):
            null == 0
                ? "label \(label) is out of range; the network knows no labels, use 0 for none"
                : "label \(label) is out of range; use 0 to \(null - 1), or \(null) for no label"
        case .stepCount(let count): "\(count) sampling steps are too few; use 1 or more"
        }
    }
}
