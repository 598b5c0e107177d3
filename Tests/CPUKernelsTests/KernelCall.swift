import CCPUKernels
import CKernelCalls
import CPUKernels
import Foundation
import KernelCalls
import Testing

/// A row-major array for tests, which a kernel gets as float32 or, rounded, as bfloat16.
struct Array32: Sendable {
    var shape: [Int]
    var values: [Float]
    var isRounded = false

    init(_ shape: [Int], _ values: [Float]) {
        self.shape = shape
        self.values = values
    }

    /// Numbers from -scale to scale, fixed by the seed.
    init(_ shape: [Int], seed: UInt64, scale: Double = 1, offset: Double = 0) {
        var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
        self.init(
            shape,
            (0..<shape.reduce(1, *)).map { _ in
                state ^= state << 13
                state ^= state >> 7
                state ^= state << 17
                return Float((Double(state >> 11) * 0x1p-53 * 2 - 1) * scale + offset)
            })
    }

    var doubles: [Double] { values.map(Double.init) }

    /// Each number the nearest that bfloat16 has, of two equally near ones the even.
    var rounded: Array32 {
        Array32(
            shape,
            values.map { value in
                let bits = value.bitPattern
                return Float(bitPattern: (bits &+ 0x7FFF &+ (bits >> 16 & 1)) & 0xFFFF_0000)
            })
    }
}

struct KernelFailure: Error, CustomStringConvertible {
    let kind: FlowFailureKind
    let description: String
}

/// Runs a kernel by its plain C entrance; `results` are shapes, those of `rounding` of bfloat16. The first result takes the memory of
/// operand `inPlaceOf`.
///
/// Asks the kernel before whether it takes such a call, and expects the answer to come true.
func run(
    _ name: String, _ operands: [Array32], results: [[Int]], attributes: [(String, Double)] = [],
    inPlaceOf shared: Int? = nil, rounding rounded: Set<Int> = []
) throws -> [Array32] {
    var failure = FlowFailure()
    let inputs = operands.map { Storage($0) }
    // Results start as NaN, so that a number left unwritten shows.
    var outputs = results.enumerated().map { index, shape in
        var array = Array32(shape, [Float](repeating: .nan, count: shape.reduce(1, *)))
        array.isRounded = rounded.contains(index)
        return Storage(array)
    }
    if let shared { outputs[0] = inputs[shared] }
    let names = attributes.map { strdup($0.0) }
    defer { for name in names { free(name) } }
    let flowAttributes = zip(names, attributes).map { name, attribute in
        FlowAttribute(
            name: name, name_count: attribute.0.utf8.count, integer: Int64(attribute.1), real: attribute.1)
    }
    let succeeded = name.withCString { name in
        withExtendedLifetime((inputs, outputs)) {
            inputs.map(\.tensor).withUnsafeBufferPointer { operands in
                outputs.map(\.tensor).withUnsafeBufferPointer { results in
                    flowAttributes.withUnsafeBufferPointer { attributes in
                        var call = FlowCall(
                            name: name, operands: operands.baseAddress, operand_count: Int64(operands.count),
                            results: results.baseAddress, result_count: Int64(results.count),
                            attributes: attributes.baseAddress, attribute_count: Int64(attributes.count), asks: false)
                        return flow_call(&call, &failure)
                    }
                }
            }
        }
    }
    let isTaken = CPUKernel.take(
        CallShape(
            name: name, operands: operands.map { .init($0.shape, isRounded: $0.isRounded) },
            results: results.enumerated().map { .init($1, isRounded: rounded.contains($0)) },
            attributes: Dictionary(attributes) { first, _ in first }))
    #expect(isTaken == (failure.kind != FlowFailureKindInvalidArgument), "\(name): \(failure.text)")
    guard succeeded else { throw KernelFailure(kind: failure.kind, description: failure.text) }
    return outputs.map(\.array)
}

/// Memory of one tensor, with a guard value after it.
private final class Storage {
    let shape: [Int]
    private let isRounded: Bool
    private let data: UnsafeMutablePointer<Float>
    private let sizes: UnsafeMutablePointer<Int64>
    private static let guardValue: Float = 12345.5
    private var halves: UnsafeMutablePointer<UInt16> {
        UnsafeMutableRawPointer(data).assumingMemoryBound(to: UInt16.self)
    }

    init(_ array: Array32) {
        shape = array.shape
        isRounded = array.isRounded
        let values = array.values + [Self.guardValue]
        data = .allocate(capacity: values.count)
        data.initialize(from: values, count: values.count)
        sizes = .allocate(capacity: max(1, array.shape.count))
        sizes.initialize(from: array.shape.map(Int64.init), count: array.shape.count)
        if isRounded {
            for (index, value) in values.enumerated() { halves[index] = UInt16(value.bitPattern >> 16) }
        }
    }

    deinit {
        data.deallocate()
        sizes.deallocate()
    }

    var tensor: FlowTensor { FlowTensor(data: data, rank: Int64(shape.count), shape: sizes, rounded: isRounded) }

    var array: Array32 {
        let count = shape.reduce(1, *)
        if isRounded {
            precondition(
                halves[count] == UInt16(Self.guardValue.bitPattern >> 16), "a kernel wrote past the end of a result")
            return Array32(shape, (0..<count).map { Float(bitPattern: UInt32(halves[$0]) << 16) })
        }
        precondition(data[count] == Self.guardValue, "a kernel wrote past the end of a result")
        return Array32(shape, Array(UnsafeBufferPointer(start: data, count: count)))
    }
}

/// The instruction sets of this machine.
let instructionSets = productSets.filter { $0 != .emulated }

/// The same, and the one that emulates products of bfloat16.
let productSets = InstructionSet.allCases.filter(\.isSupported)

/// The largest difference, relative to the largest expected number (at least 1e-3).
func difference(_ actual: Array32, _ expected: [Double]) -> Double {
    guard actual.values.count == expected.count else { return .infinity }
    let scale = expected.reduce(1e-3) { max($0, abs($1)) }
    return zip(actual.values, expected).reduce(0.0) { worst, pair in
        let difference = abs(Double(pair.0) - pair.1) / scale
        return difference.isNaN ? .infinity : max(worst, difference)
    }
}

/// Central differences of sum(weights * f(x)) by every element of `x`, in double.
func numericalGradient(
    _ x: [Double], weights: [Double], step: Double = 1e-5, _ f: ([Double]) -> [Double]
) -> [Double] {
    func value(_ x: [Double]) -> Double { zip(f(x), weights).reduce(0) { $0 + $1.0 * $1.1 } }
    return x.indices.map { i in
        var up = x
        var down = x
        up[i] += step
        down[i] -= step
        return (value(up) - value(down)) / (2 * step)
    }
}

func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
func silu(_ x: Double) -> Double { x * sigmoid(x) }
