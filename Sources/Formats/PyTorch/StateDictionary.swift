/// A dictionary of tensors in a file of `torch.save`.
package struct StateDictionary: Sendable {
    /// The keys that lead to it from what was saved, joined by dots; empty where it is what was saved.
    package let path: String
    /// In the order of the dictionary.
    package let tensors: [TensorEntry]
    /// Names of what is no tensor.
    package let others: [String]
    /// Names of tensors that are the same elements of the file, two or more together.
    package let tied: [[String]]

    /// How many times as large as the file its tensors together may be.
    private static let mostSharing = 64

    /// The dictionary of a number; nil where it has no tensors.
    ///
    /// - Throws: `FormatError`, also for a tensor that does not lie within its storage.
    init?(_ pickle: Pickle, _ index: Int, path: String, _ storages: inout PyTorchStorages) throws(FormatError) {
        // As in Python: a name that comes again has its first place and its last value.
        var names: [String] = []
        var values: [String: Pickle.Value] = [:]
        for entry in pickle.dictionaries[index] {
            guard case .text(let name) = entry.key else { continue }
            if values.updateValue(entry.value, forKey: name) == nil { names.append(name) }
        }
        var (tensors, others): ([TensorEntry], [String]) = ([], [])
        var (regions, sameElements): ([PyTorchTensorStorage.Region], [PyTorchTensorStorage.Region: [String]]) = (
            [], [:]
        )
        var byteCount = 0
        for name in names {
            guard case .tensor(let number)? = values[name] else {
                others.append(name)
                continue
            }
            let tensor = pickle.tensors[number]
            let storage = try PyTorchTensorStorage(tensor, name: name, &storages)
            tensors.append(
                TensorEntry(name: name, dataType: tensor.elementType, shape: tensor.shape, storage: storage))
            if sameElements[storage.region] == nil { regions.append(storage.region) }
            sameElements[storage.region, default: []].append(name)
            byteCount += storage.byteCount
            guard byteCount / StateDictionary.mostSharing <= storages.fileByteCount else {
                throw .pytorch(source: storages.path, .swollen)
            }
        }
        guard !tensors.isEmpty else { return nil }
        self.path = path
        self.tensors = tensors
        self.others = others
        tied = regions.compactMap { sameElements[$0] }.filter { $0.count > 1 }
    }
}
