import CCPUKernels
import CPJRT
import CPUKernels
import Foundation
import Testing

extension KernelTests {
    /// The handlers, called as XLA calls them.
    @Suite struct Handlers {

        private static func handler(_ name: String) throws -> XLAFFIHandler {
            try #require(CPUKernel.all.first { $0.name == name }).handler
        }

        @Test(arguments: CPUKernel.all.map(\.name))
        func metadataIsAnswered(name: String) throws {
            var metadata = XLAFFIMetadata()
            metadata.version.major = -1
            let handler = try Self.handler(name)
            withUnsafeMutablePointer(to: &metadata) { metadata in
                var question = XLAFFIMetadataExtension(
                    base: XLAFFIExtension(struct_size: 32, kind: XLAFFIExtensionKindMetadata, next: nil),
                    metadata: metadata)
                withUnsafeMutablePointer(to: &question) { question in
                    question.withMemoryRebound(to: XLAFFIExtension.self, capacity: 1) { question in
                        var frame = XLAFFICallFrame()
                        frame.extension = question
                        #expect(handler(&frame) == nil)
                    }
                }
            }
            #expect(metadata.version.major == 0)
            #expect(metadata.version.minor > 0)
        }

        /// Calls a handler with vectors, some of the results in the operands' memory; returns the error's message.
        private func call(
            _ name: String, stage: XLAFFIStage = XLAFFIStageExecute, type: XLAFFIDataType = XLAFFIDataTypeFloat32,
            operands: [UnsafeMutablePointer<Float>], results: [UnsafeMutablePointer<Float>], count: Int
        ) throws -> String? {
            let handler = try Self.handler(name)
            let dimensions = UnsafeMutablePointer<Int64>.allocate(capacity: 1)
            dimensions.pointee = Int64(count)
            defer { dimensions.deallocate() }
            func buffers(_ data: [UnsafeMutablePointer<Float>]) -> UnsafeMutablePointer<XLAFFIBuffer> {
                let buffers = UnsafeMutablePointer<XLAFFIBuffer>.allocate(capacity: data.count)
                for (index, data) in data.enumerated() {
                    (buffers + index).initialize(
                        to: XLAFFIBuffer(
                            struct_size: 48, extension: nil, type: type, data: data, rank: 1, dimensions: dimensions))
                }
                return buffers
            }
            let (inputs, outputs) = (buffers(operands), buffers(results))
            defer {
                inputs.deallocate()
                outputs.deallocate()
            }
            var arguments: [UnsafeMutableRawPointer?] = operands.indices.map { UnsafeMutableRawPointer(inputs + $0) }
            var returned: [UnsafeMutableRawPointer?] = results.indices.map { UnsafeMutableRawPointer(outputs + $0) }
            var functions = XLAFFIFunctions()
            functions.error_create = { args in
                // The test's error is its message, copied.
                args.flatMap { OpaquePointer(strdup($0.pointee.message)) }
            }
            let error = arguments.withUnsafeMutableBufferPointer { arguments in
                returned.withUnsafeMutableBufferPointer { returned in
                    withUnsafePointer(to: &functions) { functions in
                        var frame = XLAFFICallFrame()
                        frame.functions = functions
                        frame.stage = stage
                        frame.arguments.count = Int64(operands.count)
                        frame.arguments.values = arguments.baseAddress
                        frame.results.count = Int64(results.count)
                        frame.results.values = returned.baseAddress
                        return handler(&frame)
                    }
                }
            }
            guard let error else { return nil }
            let text = UnsafeMutablePointer<CChar>(error)
            defer { free(text) }
            return String(cString: text)
        }

        @Test func aKernelMayUpdateInPlace() throws {
            let values: [[Float]] = [
                [0.1, 0.9, 0.999, 1e-8, 0, 0.1, 0.001, 0.5], .init(repeating: 1, count: 8),
                .init(repeating: 2, count: 8),
                .init(repeating: 0, count: 8), .init(repeating: 0, count: 8), .init(repeating: 3, count: 8),
            ]
            let memory = values.map { values in
                let pointer = UnsafeMutablePointer<Float>.allocate(capacity: values.count)
                pointer.initialize(from: values, count: values.count)
                return pointer
            }
            defer { for pointer in memory { pointer.deallocate() } }
            let message = try call(
                "flow.adam", operands: memory, results: [memory[1], memory[3], memory[4], memory[5]], count: 8)
            #expect(message == nil)
            // The first step of Adam has the length of the learning rate.
            #expect(abs(memory[1][7] - 0.9) < 1e-5)
            #expect(abs(memory[3][7] - 0.2) < 1e-6)
            #expect(abs(memory[4][7] - 0.004) < 1e-6)
            #expect(abs(memory[5][7] - 1.95) < 1e-5)
        }

        @Test func errorsReachXLA() throws {
            let memory = UnsafeMutablePointer<Float>.allocate(capacity: 4)
            memory.initialize(repeating: 1, count: 4)
            defer { memory.deallocate() }
            let wrongCount = try call("flow.affine_silu", operands: [memory, memory], results: [memory], count: 4)
            #expect(wrongCount?.hasPrefix("flow.affine_silu: ") == true)
            let wrongType = try call(
                "flow.affine_silu", type: XLAFFIDataTypeFloat64, operands: [memory, memory, memory], results: [memory],
                count: 2)
            #expect(wrongType == "flow.affine_silu: every tensor must be float32 or bfloat16.")
        }

        @Test func onlyTheExecuteStageActs() throws {
            let memory = UnsafeMutablePointer<Float>.allocate(capacity: 4)
            memory.initialize(repeating: 1, count: 4)
            defer { memory.deallocate() }
            for stage in [XLAFFIStageInstantiate, XLAFFIStagePrepare, XLAFFIStageInitialize] {
                #expect(try call("flow.affine_silu", stage: stage, operands: [], results: [], count: 4) == nil)
            }
            #expect(memory[0] == 1)
        }

        @Test func callsFromManyThreadsTakeTurns() async throws {
            let operands = [Array32([4000, 10], seed: 1), Array32([10], seed: 2), Array32([10], seed: 3)]
            let expected = try run("flow.affine_silu", operands, results: [[4000, 10]])[0].values
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        try run("flow.affine_silu", operands, results: [[4000, 10]])[0].values == expected
                    }
                }
                for try await same in group { #expect(same) }
            }
        }

        @Test func resultsDoNotDependOnTheThreadCount() throws {
            let before = KernelResources.threadCount
            defer { KernelResources.threadCount = before }
            let shape = [3, 17, 19, 7]
            let operands = [
                Array32(shape, seed: 1), Array32(shape, seed: 2), Array32([7], seed: 3), Array32([7], seed: 4),
                Array32([7], seed: 5), Array32([7], seed: 6, offset: 2),
            ]
            let results = try [1, 2, 3].map { count in
                KernelResources.threadCount = count
                return try run(
                    "flow.batch_norm_silu_backward", operands, results: [shape, [7], [7]], attributes: [("eps", 1e-5)])
            }
            for other in results.dropFirst() {
                for index in 0..<3 { #expect(other[index].values == results[0][index].values) }
            }
        }
    }
}
