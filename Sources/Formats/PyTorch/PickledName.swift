/// The names of Python that a file of tensors has need of. They are recognised, never looked up and never called; there
/// is no way from any other name into a ``Pickle``.
enum PickledName: Equatable {
    case orderedDictionary
    case counter
    case set
    case size
    case device
    /// The class of plain tensors, or of parameters.
    case tensorClass
    case rebuildTensor
    /// With bytes for a storage: the type of elements is an argument.
    case rebuildTensorOfBytes
    case rebuildParameter
    case rebuildFromClass
    case storage(ElementType)
    case storageOfBytes
    case elementType(ElementType)

    /// - Parameters:
    ///   - module: as `torch._utils`
    ///   - name: within the module, as `_rebuild_tensor_v2`
    init?(module: String, name: String) {
        guard let known = Self.known["\(module).\(name)"] else { return nil }
        self = known
    }

    private static let known: [String: PickledName] = {
        var names: [String: PickledName] = [
            "collections.OrderedDict": .orderedDictionary,
            "collections.Counter": .counter,
            "builtins.set": .set,
            "__builtin__.set": .set,
            "torch.Size": .size,
            "torch.device": .device,
            "torch.Tensor": .tensorClass,
            "torch.nn.parameter.Parameter": .tensorClass,
            "torch._utils._rebuild_tensor": .rebuildTensor,
            "torch._utils._rebuild_tensor_v2": .rebuildTensor,
            "torch._utils._rebuild_tensor_v3": .rebuildTensorOfBytes,
            "torch._utils._rebuild_parameter": .rebuildParameter,
            "torch._utils._rebuild_parameter_with_state": .rebuildParameter,
            "torch._tensor._rebuild_from_type_v2": .rebuildFromClass,
            "torch.storage.UntypedStorage": .storageOfBytes,
            "torch.UntypedStorage": .storageOfBytes,
        ]
        let storages: [(String, ElementType)] = [
            ("Float", .float32), ("Double", .float64), ("Half", .float16), ("BFloat16", .bfloat16), ("Long", .int64),
            ("Int", .int32), ("Short", .int16), ("Char", .int8), ("Byte", .uint8), ("Bool", .bool),
        ]
        for (name, type) in storages {
            names["torch.\(name)Storage"] = .storage(type)
            names["torch.cuda.\(name)Storage"] = .storage(type)
        }
        for type in ElementType.allCases { names["torch.\(type)"] = .elementType(type) }
        return names
    }()
}
