import PJRT
import Testing

@Suite("Lack of memory is told from other failures, with the size asked for")
struct OutOfMemoryTests {
    @Test(
        "Every wording of XLA's gives the bytes",
        arguments: [
            ("Out of memory while trying to allocate 4770354232 bytes.", 4_770_354_232),
            (
                "Out of memory while trying to allocate 6291456 bytes.\nBufferAssignment stats:\n"
                    + "             parameter allocation:    6.00MiB", 6_291_456
            ),
            ("Out of memory while trying to allocate 3.50GiB. [executable_name='jit_step']", 3_758_096_384),
            ("Failed to allocate request for 176.00MiB (184549376B) on device ordinal 0", 184_549_376),
            ("Out of memory allocating 281474976710656 bytes.", 281_474_976_710_656),
            ("failed to allocate 2.00GiB (2147483648 bytes) from device: out of memory", 2_147_483_648),
            ("CUDA_ERROR_OUT_OF_MEMORY: out of memory", nil),
            ("Ran out of memory in memory space hbm. Used 20.33G of 15.75G hbm.", nil),
            ("Underlying backend ran out of memory trying to instantiate command buffer with 5 nodes", nil),
            ("Out of memory while trying to allocate 99999999999999999999999999 bytes.", nil),
        ] as [(String, Int?)])
    func size(_ message: String, _ bytes: Int?) throws {
        let error = PJRTError.failure(.execute, code: .resourceExhausted, message: message)
        let lack = try #require(error.outOfMemory)
        #expect(lack.requestedBytes == bytes)
        #expect(error.description.hasPrefix("There is not enough memory for the plugin to run an executable: "))
        #expect(!error.description.contains("BufferAssignment"))
    }

    @Test("The sentence names the size in the unit that suits it")
    func units() {
        func text(_ bytes: Int) -> String {
            PJRTError.failure(.compile, code: .resourceExhausted, message: "Out of memory allocating \(bytes) bytes.")
                .description
        }
        #expect(text(12).hasSuffix(": 12 bytes could not be had."))
        #expect(text(1536).hasSuffix(": 1.50 KiB could not be had."))
        #expect(text(4_770_354_232).hasSuffix(": 4.44 GiB could not be had."))
    }

    @Test("Other errors keep their words")
    func others() {
        for error in [
            PJRTError.failure(.execute, code: .internal, message: "Out of memory allocating 1 bytes."),
            .failure(
                .compile, code: .resourceExhausted,
                message: "Shared memory size limit exceeded: requested 131072, available: 101376"),
            .damagedExecutable,
        ] { #expect(error.outOfMemory == nil) }
    }
}

extension PluginTests {
    @Test("An array larger than any memory is refused by the plugin, and the process goes on")
    func absurdlyLargeArray() throws {
        let count = 1 << 46
        let program = """
            module {
              func.func public @main(%x: tensor<f32>) -> tensor<\(count)xf32> {
                %y = stablehlo.broadcast_in_dim %x, dims = [] : (tensor<f32>) -> tensor<\(count)xf32>
                return %y : tensor<\(count)xf32>
              }
            }
            """
        try withClient { client in
            let error = #expect(throws: PJRTError.self) {
                try client.compile(program).execute([client.array([1], [])])[0].values(as: Float.self)
            }
            #expect(error?.outOfMemory?.requestedBytes == count * 4, "\(error.map(String.init(describing:)) ?? "")")
        }
    }
}
