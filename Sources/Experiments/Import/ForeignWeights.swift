import Formats
import Foundation

/// The state dicts in a file of another program: safetensors, or PyTorch's `torch.save`.
struct ForeignWeights {
    /// One dictionary of tensors by name.
    struct StateDict {
        /// Where in the file it is: keys joined by dots, empty where the file is nothing else.
        let path: String
        let tensors: [TensorEntry]
        /// Names of what is no tensor.
        var others: [String] = []
        /// Names of tensors that are the same elements.
        var tied: [[String]] = []
    }

    let stateDicts: [StateDict]
    /// What the file says of itself.
    let metadata: [String: String]

    /// - Throws: `FormatError`
    init(_ url: URL) throws(FormatError) {
        if try PyTorchFile.isPyTorch(url) {
            stateDicts = try PyTorchFile(contentsOf: url).dictionaries.map {
                StateDict(path: $0.path, tensors: $0.tensors, others: $0.others, tied: $0.tied)
            }
            metadata = [:]
        } else {
            let file = try SafetensorsFile(contentsOf: url)
            metadata = file.metadata
            stateDicts = [ForeignWeights.stateDict(of: file)]
        }
    }

    /// Of tensors that share their elements, `safetensors.torch.save_model` writes one and says in the metadata which
    /// others it stands for.
    private static func stateDict(of file: SafetensorsFile) -> StateDict {
        let twins = file.metadata.sorted { $0.key < $1.key }.compactMap { name, kept in
            file[name] == nil ? file[kept].map { (name, $0) } : nil
        }
        return StateDict(
            path: "", tensors: file.entries + twins.map { $1.named($0) }, tied: twins.map { [$1.name, $0] })
    }
}
