package import CPJRT

extension Plugin {
    /// Whether custom-call handlers can be registered with this plugin.
    package var supportsFFI: Bool { ffiRegistration != nil }

    /// Registers a handler for `stablehlo.custom_call @name(...) {api_version = 4 : i32}` in every client of the plugin.
    /// - Parameters:
    ///   - name: The call target.
    ///   - platform: The platform the handler's pointers belong to: `"HOST"` for a CPU plugin, `"CUDA"` for a GPU's.
    ///   - handler: A C function, valid for the rest of the process; several threads may call it at once.
    /// - Throws: ``PJRTError/unsupported(feature:path:)`` without the FFI extension, or the plugin's refusal.
    package func registerFFIHandler(
        name: String, platform: String, handler: XLAFFIHandler
    ) throws(PJRTError) {
        guard let register = ffiRegistration else {
            throw .unsupported(feature: "custom-call handlers (the FFI extension)", path: path)
        }
        let nameBytes = name.utf8CString
        let platformBytes = platform.utf8CString
        let error = nameBytes.withUnsafeBufferPointer { nameBytes in
            platformBytes.withUnsafeBufferPointer { platformBytes in
                var arguments = PJRTFFIRegisterArgs.zeroed
                arguments.name = nameBytes.baseAddress
                arguments.name_count = nameBytes.count - 1
                arguments.platform = platformBytes.baseAddress
                arguments.platform_count = platformBytes.count - 1
                arguments.handler = unsafeBitCast(handler, to: UnsafeMutableRawPointer.self)
                return register(&arguments)
            }
        }
        try check(error, .registerHandler)
    }

    private typealias Registration = @convention(c) (UnsafeMutablePointer<PJRTFFIRegisterArgs>) -> OpaquePointer?

    private var ffiRegistration: Registration? {
        var next = functions.pointee.extension
        while let current = next {
            if Int(current.pointee.kind) == PJRT_EXTENSION_FFI,
                current.pointee.struct_size >= MemoryLayout<PJRTFFIExtension>.size
            {
                return UnsafeRawPointer(current).assumingMemoryBound(to: PJRTFFIExtension.self).pointee.register_handler
            }
            next = current.pointee.next
        }
        return nil
    }
}
