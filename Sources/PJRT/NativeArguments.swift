internal import CPJRT

/// An argument structure of the PJRT ABI: all zero but for its own size.
protocol NativeArguments {
    init()
    // swift-format-ignore: AlwaysUseLowerCamelCase
    var struct_size: Int { get set }
}

extension NativeArguments {
    static var zeroed: Self {
        var arguments = Self()
        arguments.struct_size = MemoryLayout<Self>.size
        return arguments
    }
}

/// An argument structure whose first field is the object asked about.
protocol NativeObjectArguments: NativeArguments {
    var object: OpaquePointer? { get set }
}

extension NativeObjectArguments {
    static func of(_ object: OpaquePointer) -> Self {
        var arguments = zeroed
        arguments.object = object
        return arguments
    }
}

extension PJRTEmptyArgs: NativeArguments {}
extension PJRTObjectArgs: NativeObjectArguments {}
extension PJRTFlagArgs: NativeObjectArguments {}
extension PJRTNumberArgs: NativeObjectArguments {}
extension PJRTSizeArgs: NativeObjectArguments {}
extension PJRTRelatedArgs: NativeObjectArguments {}
extension PJRTTextArgs: NativeObjectArguments {}
extension PJRTObjectListArgs: NativeObjectArguments {}
extension PJRTTypeListArgs: NativeObjectArguments {}
extension PJRTDimensionsArgs: NativeObjectArguments {}
extension PJRTNamedValue: NativeArguments {}
extension PJRTPluginAttributesArgs: NativeArguments {}
extension PJRTEventCallbackArgs: NativeArguments {}
extension PJRTClientCreateArgs: NativeArguments {}
extension PJRTProgram: NativeArguments {}
extension PJRTCompileArgs: NativeArguments {}
extension PJRTDeserializeArgs: NativeArguments {}
extension PJRTTiledLayout: NativeArguments {}
extension PJRTLayout: NativeArguments {}
extension PJRTBufferFromHostArgs: NativeArguments {}
extension PJRTBufferToHostArgs: NativeArguments {}
extension PJRTDeviceMemoryArgs: NativeArguments {}
extension PJRTExecuteOptions: NativeArguments {}
extension PJRTExecuteArgs: NativeArguments {}
extension PJRTSerializeArgs: NativeArguments {}
extension PJRTOutputDimensionsArgs: NativeArguments {}
extension PJRTExecutableMemoryArgs: NativeArguments {}
extension PJRTOptimizedProgramArgs: NativeArguments {}
extension PJRTTopologyCreateArgs: NativeArguments {}
extension PJRTTopologyCompileArgs: NativeArguments {}
extension PJRTFFIRegisterArgs: NativeArguments {}
