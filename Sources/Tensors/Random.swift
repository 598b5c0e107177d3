import Basis
public import StableHLO

/// A source of random numbers named by what it is derived from: a seed, a step, a purpose.
///
/// Counter-based (see ``RandomBits``): a stream is a value, drawing does not change it, and drawing twice gives the
/// same numbers. Derive a stream of its own for every purpose. Element `i` of a draw depends on the stream and `i`
/// alone, so a sample does not depend on the batch it is drawn in.
public struct RandomStream: Sendable {
    /// Scalar uint64.
    private let key: Tensor
    /// Scalar uint64, in blocks of four 32-bit numbers.
    private let counter: Tensor

    /// The stream of a seed, a scalar uint64.
    public init(seed: Tensor) {
        key = RandomStream.mix(seed)
        counter = Tensor(integer: 0, elementType: .uint64)
    }

    private init(key: Tensor, counter: Tensor) {
        self.key = key
        self.counter = counter
    }

    /// The stream for one purpose, such as `"noise"`.
    public func stream(_ purpose: String) -> RandomStream {
        // A hash of the name, so that a purpose's numbers do not depend on what else a program draws.
        let hash = FNV1a.hash(purpose.utf8)
        return stream(Tensor(integer: Int(hash >> 1), elementType: .uint64))
    }

    /// The stream of one step or index, an integer scalar.
    public func stream(_ index: Tensor) -> RandomStream {
        RandomStream(key: RandomStream.mix(key ^ RandomStream.mix(index.converted(to: .uint64))), counter: counter)
    }

    /// The same stream without its first `blocks` times four numbers; `blocks` is a scalar uint64.
    package func skipping(blocks: Tensor) -> RandomStream {
        RandomStream(key: key, counter: counter + blocks)
    }

    /// The finaliser of SplitMix64 (Steele, Lea and Flood 2014): every bit of the result depends on all of `x`.
    private static func mix(_ x: Tensor) -> Tensor {
        func constant(_ value: UInt64) -> Tensor {
            let bytes = withUnsafeBytes(of: value.littleEndian) { Array($0) }
            return Tensor.apply(Constant(.bytes(bytes), TensorType([], .uint64)))
        }
        var z = x + constant(0x9e37_79b9_7f4a_7c15)
        z = (z ^ (z >> constant(30))) * constant(0xbf58_476d_1ce4_e5b9)
        z = (z ^ (z >> constant(27))) * constant(0x94d0_49bb_1331_11eb)
        return z ^ (z >> constant(31))
    }

    /// Uniform 32-bit numbers.
    public func bits(_ shape: [Int]) -> Tensor {
        let state = Tensor.concatenated([key.reshaped(to: [1]), counter.reshaped(to: [1])], along: 0)
        return Tensor.apply(RandomBits(TensorType(shape, .uint32)), [state], #fileID, #line)[1]
    }

    /// Uniform on [0, 1), multiples of 2^-24.
    public func uniform(_ shape: [Int], elementType: ElementType = .float32) -> Tensor {
        RandomStream.uniform(of: bits(shape), elementType: elementType)
    }

    /// Uniform on [0, 1), made of uniform 32-bit numbers, one each.
    package static func uniform(of bits: Tensor, elementType: ElementType = .float32) -> Tensor {
        let integers = bits >> Tensor(integer: 8, elementType: .uint32)
        return integers.converted(to: .float32).converted(to: elementType) * 0x1p-24
    }

    /// Standard normal by inversion, sqrt(2) erf^-1(u); one 32-bit number each.
    public func normal(_ shape: [Int], elementType: ElementType = .float32) -> Tensor {
        RandomStream.normal(of: bits(shape), elementType: elementType)
    }

    /// Standard normal, made of uniform 32-bit numbers, one each.
    package static func normal(of bits: Tensor, elementType: ElementType = .float32) -> Tensor {
        let integers = bits >> Tensor(integer: 9, elementType: .uint32)
        // 23 bits and a half: symmetric about 0 and never +-1, where the inverse is infinite.
        let symmetric = (integers.converted(to: .float32).converted(to: elementType) + 0.5) * 0x1p-22 - 1
        return symmetric.unary(.erfInverse) * 2.0.squareRoot()
    }

    /// True with the given probability.
    public func bernoulli(_ probability: Double, _ shape: [Int]) -> Tensor {
        uniform(shape).compared(.less, to: probability)
    }

    /// Integers from 0 ..< `bound`, int32, each as likely as the others but for a part in 2^32 / `bound`.
    public func integers(
        below bound: Int, _ shape: [Int], file: StaticString = #fileID, line: UInt = #line
    ) -> Tensor {
        guard 0 < bound, bound <= 1 << 30 else { stopTracing("integers: there are none below \(bound)", file, line) }
        // The high half of a product (Lemire 2019, "Fast random integer generation in an interval").
        let product = bits(shape).converted(to: .uint64) * Tensor(integer: bound, elementType: .uint64)
        return (product >> Tensor(integer: 32, elementType: .uint64)).converted(to: .int32)
    }

    /// `count` different integers from 0 ..< `bound`, int32, every ordered choice about equally likely.
    ///
    /// The first `count` values of a pseudo-random permutation: a Feistel network over the next power of four whose
    /// round keys are drawn here, walked until the value is below the bound (Black and Rogaway 2002).
    public func distinctIndices(
        _ count: Int, below bound: Int, file: StaticString = #fileID, line: UInt = #line
    ) -> Tensor {
        guard 0 < count, count <= bound, bound <= 1 << 30 else {
            stopTracing("distinctIndices: cannot draw \(count) different integers below \(bound)", file, line)
        }
        var half = 1
        while 1 << (2 * half) < bound { half += 1 }
        let rounds = 8
        let keys = bits([rounds])
        func permuted(_ x: Tensor) -> Tensor {
            func constant(_ value: Int) -> Tensor { Tensor(integer: value, elementType: .uint32) }
            let mask = constant((1 << half) - 1)
            var (left, right) = (x >> constant(half), x & mask)
            for round in 0..<rounds {
                let key = keys.sliced(round..<round + 1, along: 0)
                var hash = (right + key) * constant(0x85eb_ca6b)
                hash = (hash ^ (hash >> constant(13))) * constant(0xc2b2_ae35)
                hash = hash ^ (hash >> constant(16))
                (left, right) = (right, left ^ (hash & mask))
            }
            return (left << constant(half)) | right
        }
        let limit = Tensor(integer: bound, elementType: .uint32)
        let first = permuted(.iota([count], elementType: .uint32))
        let indices = Tensor.loop(
            [first], while: { $0[0].compared(.greaterOrEqual, to: limit).any() },
            body: { [$0[0].compared(.less, to: limit).select($0[0], permuted($0[0]))] })
        return indices[0].converted(to: .int32)
    }
}
