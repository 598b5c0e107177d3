import CCUDAKernels
import CKernelCalls
import CPJRT
import CUDAEmulator
import CUDAKernels
import Foundation
import KernelCalls
import Testing

/// Sizes of a scan.
struct ScanSizes: Sendable, CustomTestStringConvertible {
    let batch: Int
    let length: Int
    let channels: Int
    let states: Int

    init(_ batch: Int, _ length: Int, _ channels: Int, _ states: Int) {
        (self.batch, self.length, self.channels, self.states) = (batch, length, channels, states)
    }

    var testDescription: String { "\(batch) x \(length) x \(channels), \(states) states" }

    /// Of x, step, decay, input, output and skip.
    var operands: [[Int]] {
        let (sequence, row) = ([batch, length, channels], [batch, length, states])
        return [sequence, sequence, [channels, states], row, row, [channels]]
    }
}

/// A kernel's refusal, as XLA would tell it.
struct Refusal: Error {
    let message: String
}

/// A call of the scan or of its gradient, with memory of its own.
final class ScanCall {
    let isGradient: Bool
    private let operands: [Array32]
    private let results: [Array32]

    /// - Parameter operandShapes: other shapes than the kernel takes, for errors
    init(_ sizes: ScanSizes, gradient: Bool, operandShapes: [[Int]]? = nil) {
        isGradient = gradient
        let shapes = operandShapes ?? (gradient ? [sizes.operands[0]] : []) + sizes.operands
        // Step is positive, decay negative.
        let ranges = (gradient ? [(1.0, 0.0)] : []) + [(1, 0), (0.3, 0.4), (2, -2.5), (1, 0), (1, 0), (1, 0)]
        operands = shapes.enumerated().map { index, shape in
            Array32(shape, seed: UInt64(index + 1), scale: ranges[index].0, offset: ranges[index].1)
        }
        // Results start as NaN, so that a number left unwritten shows.
        results = (gradient ? sizes.operands : [sizes.operands[0]]).map { Array32($0) }
    }

    /// What the results should be, in double.
    func expected(_ sizes: ScanSizes) -> [[Float]] {
        let values = operands.map { $0.values.map(Double.init) }
        let reference = ScanReference(sizes, Array(values.suffix(6)))
        let results = isGradient ? reference.gradients(of: values[0]) : [reference.result()]
        return results.map { $0.map(Float.init) }
    }

    /// Whether the kernel says that it takes the call.
    var isTaken: Bool {
        CUDAKernel.take(
            CallShape(
                name: isGradient ? "flow.selective_scan_backward" : "flow.selective_scan",
                operands: operands.map { .init($0.shape) }, results: results.map { .init($0.shape) }))
    }

    /// By a handler, called as XLA calls it.
    func handled(
        type: XLAFFIDataType = XLAFFIDataTypeFloat32, stage: XLAFFIStage = XLAFFIStageExecute,
        by handler: (UnsafeMutablePointer<XLAFFICallFrame>) -> OpaquePointer?
    ) throws -> [[Float]] {
        var inputs = operands.map { $0.buffer(type) }
        var outputs = results.map { $0.buffer(type) }
        let error = inputs.withUnsafeMutableBufferPointer { inputs in
            outputs.withUnsafeMutableBufferPointer { outputs in
                var arguments = inputs.indices.map { UnsafeMutableRawPointer(inputs.baseAddress! + $0) as Optional }
                var returned = outputs.indices.map { UnsafeMutableRawPointer(outputs.baseAddress! + $0) as Optional }
                return arguments.withUnsafeMutableBufferPointer { arguments in
                    returned.withUnsafeMutableBufferPointer { returned in
                        var frame = XLAFFICallFrame()
                        frame.functions = emulator_xla()
                        frame.stage = stage
                        frame.arguments.count = Int64(arguments.count)
                        frame.arguments.values = arguments.baseAddress
                        frame.results.count = Int64(returned.count)
                        frame.results.values = returned.baseAddress
                        return handler(&frame)
                    }
                }
            }
        }
        guard let error else { return results.map(\.values) }
        let text = UnsafeMutablePointer<CChar>(error)
        defer { free(text) }
        throw Refusal(message: String(cString: text))
    }
}

/// A row-major float32 array with a guard value after it.
private final class Array32 {
    let shape: [Int]
    private let data: UnsafeMutablePointer<Float>
    private let dimensions: UnsafeMutablePointer<Int64>
    private static let guardValue: Float = 12345.5

    /// NaN.
    init(_ shape: [Int]) {
        self.shape = shape
        let count = shape.reduce(1, *)
        data = .allocate(capacity: count + 1)
        data.initialize(repeating: .nan, count: count)
        (data + count).initialize(to: Self.guardValue)
        dimensions = .allocate(capacity: shape.count)
        dimensions.initialize(from: shape.map(Int64.init), count: shape.count)
    }

    /// Numbers from offset - scale to offset + scale, fixed by the seed.
    convenience init(_ shape: [Int], seed: UInt64, scale: Double, offset: Double) {
        self.init(shape)
        var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
        for index in 0..<shape.reduce(1, *) {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            data[index] = Float((Double(state >> 11) * 0x1p-53 * 2 - 1) * scale + offset)
        }
    }

    deinit {
        data.deallocate()
        dimensions.deallocate()
    }

    var values: [Float] {
        let count = shape.reduce(1, *)
        precondition(data[count] == Self.guardValue, "a kernel wrote past the end of an array")
        return Array(UnsafeBufferPointer(start: data, count: count))
    }

    func buffer(_ type: XLAFFIDataType) -> XLAFFIBuffer {
        XLAFFIBuffer(
            struct_size: 48, extension: nil, type: type, data: data, rank: Int64(shape.count), dimensions: dimensions)
    }
}
