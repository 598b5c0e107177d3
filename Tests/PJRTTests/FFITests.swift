import CPJRT
import PJRT
import Testing

/// `y = factor * x`, with the factor an attribute; negative elements are an error.
private let scale: XLAFFIHandler = { frame in
    guard let frame, !xla_ffi_answer_metadata(frame) else { return nil }
    guard let x = xla_ffi_argument(frame, 0)?.pointee, let y = xla_ffi_result(frame, 0)?.pointee,
        let factor = xla_ffi_scalar(frame, "factor", XLAFFIDataTypeFloat32)?.load(as: Float.self),
        x.type == XLAFFIDataTypeFloat32, x.rank == 1, x.dimensions[0] == y.dimensions[0]
    else { return xla_ffi_error(frame, XLAFFIErrorCodeInvalidArgument, "scale takes one vector and a factor") }
    let input = x.data.assumingMemoryBound(to: Float.self)
    let output = y.data.assumingMemoryBound(to: Float.self)
    for index in 0..<Int(x.dimensions[0]) {
        if input[index] < 0 { return xla_ffi_error(frame, XLAFFIErrorCodeFailedPrecondition, "negative element") }
        output[index] = factor * input[index]
    }
    return nil
}

/// Writes the number of threads of the runtime's pool.
private let threadCount: XLAFFIHandler = { frame in
    guard let frame, !xla_ffi_answer_metadata(frame) else { return nil }
    var count: Int64 = 0
    let error = withUnsafeMutablePointer(to: &count) { count in
        var arguments = XLAFFIThreadCountArgs()
        arguments.struct_size = MemoryLayout<XLAFFIThreadCountArgs>.size
        arguments.context = frame.pointee.context
        arguments.count = count
        return frame.pointee.functions.pointee.thread_pool_thread_count(&arguments)
    }
    if let error { return error }
    xla_ffi_result(frame, 0)?.pointee.data.storeBytes(of: count, as: Int64.self)
    return nil
}

extension PluginTests {
    @Suite struct FFITests {
        private static func program(_ attributes: String) -> String {
            """
            module { func.func public @main(%x: tensor<3xf32>) -> tensor<3xf32> {
              %y = stablehlo.custom_call @pjrt_tests.scale(%x) {api_version = 4 : i32, backend_config = {\(attributes)}}
                  : (tensor<3xf32>) -> tensor<3xf32>
              return %y : tensor<3xf32>
            } }
            """
        }

        @Test func aHandlerIsCalledWithItsArgumentsAndAttributes() throws {
            try withClient { client in
                #expect(client.plugin.supportsFFI)
                try client.plugin.registerFFIHandler(name: "pjrt_tests.scale", platform: "HOST", handler: scale)
                let executable = try client.compile(Self.program("factor = 10.0 : f32, unused = \"text\""))
                #expect(
                    try executable.execute([try client.array([1, 2, 3])])[0].values(as: Float.self) == [10, 20, 30])

                #expect {
                    _ = try executable.execute([try client.array([1, -2, 3])])
                } throws: { error in
                    guard case PJRTError.failure(.execute, let code, let message) = error else { return false }
                    return code == .failedPrecondition && message.contains("negative element")
                }

                let incomplete = try client.compile(Self.program(""))
                #expect(throws: PJRTError.self) { try incomplete.execute([try client.array([1, 2, 3])]) }
            }
        }

        @Test func aHandlerMayAskForTheThreadPool() throws {
            try withClient { client in
                try client.plugin.registerFFIHandler(name: "pjrt_tests.threads", platform: "HOST", handler: threadCount)
                let executable = try client.compile(
                    """
                    module { func.func public @main() -> tensor<i64> {
                      %n = stablehlo.custom_call @pjrt_tests.threads() {api_version = 4 : i32} : () -> tensor<i64>
                      return %n : tensor<i64>
                    } }
                    """)
                let count = try #require(try executable.execute([[]])[0][0].values(as: Int64.self).first)
                #expect(count >= 1)
            }
        }

        @Test func anUnknownTargetIsAnError() throws {
            try withClient { client in
                #expect {
                    _ = try client.compile(
                        """
                        module { func.func public @main(%x: tensor<3xf32>) -> tensor<3xf32> {
                          %y = stablehlo.custom_call @pjrt_tests.absent(%x) {api_version = 4 : i32}
                              : (tensor<3xf32>) -> tensor<3xf32>
                          return %y : tensor<3xf32>
                        } }
                        """)
                } throws: { "\($0)".contains("pjrt_tests.absent") }
            }
        }
    }
}
