import CCUDAKernels
import CUDAEmulator
import CUDAKernels
import Testing

/// The emulator serves one call at a time, so its tests run one after the other.
@Suite(.serialized) struct EmulatedTests {
    /// Runs a call on the emulator.
    static func run(
        _ call: ScanCall, order: EmulatorOrder = EmulatorOrderAscending, fault: EmulatorFault = EmulatorFaultNone,
        type: XLAFFIDataType = XLAFFIDataTypeFloat32, on cuda: inout FlowCUDA
    ) throws -> [[Float]] {
        emulator_reset(order, fault)
        return try call.handled(type: type) { frame in
            call.isGradient
                ? flow_cuda_selective_scan_backward(&cuda, frame) : flow_cuda_selective_scan(&cuda, frame)
        }
    }

    /// The largest difference, relative to the largest expected number (at least 1e-3).
    private func difference(_ actual: [Float], _ expected: [Float]) -> Float {
        guard actual.count == expected.count else { return .infinity }
        let scale = expected.reduce(1e-3) { max($0, abs($1)) }
        return zip(actual, expected).reduce(0) { worst, pair in
            let difference = abs(pair.0 - pair.1) / scale
            return difference.isNaN ? .infinity : max(worst, difference)
        }
    }

    /// Sizes that fill no block, one position, several stages of rows, several groups of states, a whole block.
    @Test(
        arguments: [
            ScanSizes(2, 21, 130, 16), ScanSizes(1, 1, 1, 16), ScanSizes(1, 70, 33, 5), ScanSizes(2, 19, 128, 20),
            ScanSizes(3, 37, 129, 1), ScanSizes(11, 2, 3, 5),
            ScanSizes(2, 21, 5, 40),
        ], [false, true])
    func theScanFollowsItsDefinition(sizes: ScanSizes, gradient: Bool) throws {
        let expected = ScanCall(sizes, gradient: gradient).expected(sizes)
        var cuda = emulator_cuda()
        let actual = try Self.run(ScanCall(sizes, gradient: gradient), on: &cuda)
        for index in expected.indices {
            #expect(difference(actual[index], expected[index]) < 2e-6, "result \(index)")
        }
        let record = emulator_record()
        #expect(!record.diverged)
        #expect(record.launches == (gradient ? 2 : 1))
        #expect(record.stream == emulator_stream())
        #expect(record.contexts == 0)
        #expect(record.allocations == 0)
    }

    /// A missing barrier would let the order in which threads run show.
    @Test(arguments: [ScanSizes(1, 37, 40, 16), ScanSizes(10, 18, 33, 20)], [false, true])
    func theOrderOfThreadsDoesNotMatter(sizes: ScanSizes, gradient: Bool) throws {
        var cuda = emulator_cuda()
        let ascending = try Self.run(ScanCall(sizes, gradient: gradient), on: &cuda)
        for order in [EmulatorOrderDescending, EmulatorOrderShuffled] {
            #expect(try Self.run(ScanCall(sizes, gradient: gradient), order: order, on: &cuda) == ascending)
        }
    }

    @Test func aProgramIsCompiledOnceForItsSizes() throws {
        var cuda = emulator_cuda()
        func compilations(_ sizes: ScanSizes, gradient: Bool) throws -> Int {
            _ = try Self.run(ScanCall(sizes, gradient: gradient), on: &cuda)
            return Int(emulator_record().compilations)
        }
        #expect(try compilations(ScanSizes(1, 2, 3, 5), gradient: false) == 1)
        #expect(try compilations(ScanSizes(4, 9, 7, 5), gradient: false) == 0)
        #expect(try compilations(ScanSizes(1, 2, 3, 1), gradient: false) == 1)
        #expect(try compilations(ScanSizes(1, 2, 3, 5), gradient: true) == 1)
        #expect(try compilations(ScanSizes(2, 3, 4, 5), gradient: true) == 0)
        #expect(try compilations(ScanSizes(1, 5, 3, 5), gradient: true) == 1)
    }

    @Test func theDevicesArchitectureIsCompiledFor() throws {
        var cuda = emulator_cuda()
        _ = try Self.run(ScanCall(ScanSizes(1, 5, 3, 16), gradient: true), on: &cuda)
        let record = emulator_record()
        let options = withUnsafeBytes(of: record.options) {
            String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self).split(separator: " ")
        }
        #expect(options.contains("--gpu-architecture=sm_90"))
        #expect(options.contains("-DSTATES=16"))
        #expect(options.contains("-DSPANS=2"))
    }

    @Test(
        arguments: [
            (EmulatorFaultStream, "XLA gave no stream (emulated: no stream)."),
            (EmulatorFaultContext, "the CUDA driver refused a context with status 999 (emulated refusal)."),
            (EmulatorFaultCompile, "NVRTC did not compile the selective scan for sm_90 (error: emulated)."),
            (
                EmulatorFaultLoad,
                "the CUDA driver refused the compiled selective scan with status 999 (emulated refusal)."
            ),
            (EmulatorFaultMemory, "XLA gave no memory (emulated: out of memory)."),
            (
                EmulatorFaultLaunch,
                "the CUDA driver refused a launch of the selective scan with status 999 (emulated refusal)."
            ),
        ])
    func aFailureIsASentence(fault: EmulatorFault, sentence: String) throws {
        var cuda = emulator_cuda()
        let sizes = ScanSizes(1, 2, 3, 5)
        let refusal = #expect(throws: Refusal.self) {
            try Self.run(ScanCall(sizes, gradient: true), fault: fault, on: &cuda)
        }
        #expect(refusal?.message == "flow.selective_scan_backward: " + sentence)
        #expect(emulator_record().contexts == 0)
        #expect(emulator_record().allocations == 0)
        // What failed once works afterwards.
        #expect(throws: Never.self) { try Self.run(ScanCall(sizes, gradient: true), on: &cuda) }
    }

    /// XLA gives no stream, so the handlers that plugins get fail with or without CUDA on this machine.
    @Test(arguments: CUDAKernel.all.indices)
    func aRegisteredHandlerFailsWithASentence(index: Int) {
        emulator_reset(EmulatorOrderAscending, EmulatorFaultStream)
        let kernel = CUDAKernel.all[index]
        let call = ScanCall(ScanSizes(1, 2, 3, 16), gradient: index == 1)
        let refusal = #expect(throws: Refusal.self) { try call.handled { kernel.handler($0) } }
        #expect(refusal?.message.hasPrefix(kernel.name + ": ") == true)
        #expect(refusal?.message.hasSuffix(".") == true)
    }

    @Test(arguments: [true, false])
    func aKernelSaysWhatItTakes(gradient: Bool) {
        func isTaken(_ sizes: ScanSizes, operandShapes: [[Int]]? = nil) -> Bool {
            ScanCall(sizes, gradient: gradient, operandShapes: operandShapes).isTaken
        }
        #expect(isTaken(ScanSizes(1, 2, 3, 5)))
        #expect(isTaken(ScanSizes(1, 1, 1, 256)))
        #expect(!isTaken(ScanSizes(1, 1, 1, 257)))
        // The gradient keeps states of the whole sequence.
        #expect(isTaken(ScanSizes(1, 16384, 1, 16)))
        #expect(isTaken(ScanSizes(1, 16385, 1, 16)) == !gradient)
        #expect(!isTaken(ScanSizes(1, 2, 3, 5), operandShapes: []))
    }

    @Test func wrongCallsAreRefused() throws {
        var cuda = emulator_cuda()
        let sizes = ScanSizes(1, 2, 3, 5)
        var shapes = sizes.operands
        shapes[3] = [1, 2, 4]
        let shape = #expect(throws: Refusal.self) {
            try Self.run(ScanCall(sizes, gradient: false, operandShapes: shapes), on: &cuda)
        }
        #expect(shape?.message.contains("operand 3 has shape [1, 2, 4]") == true)
        let type = #expect(throws: Refusal.self) {
            try Self.run(ScanCall(sizes, gradient: false), type: XLAFFIDataTypeFloat64, on: &cuda)
        }
        #expect(type?.message == "flow.selective_scan: every tensor must be float32 or bfloat16.")
        let states = #expect(throws: Refusal.self) {
            try Self.run(ScanCall(ScanSizes(1, 1, 1, 257), gradient: false), on: &cuda)
        }
        #expect(states?.message.contains("at most 256") == true)
        let length = #expect(throws: Refusal.self) {
            try Self.run(ScanCall(ScanSizes(1, 16385, 1, 16), gradient: true), on: &cuda)
        }
        #expect(length?.message.contains("at most 16384") == true)
    }
}
