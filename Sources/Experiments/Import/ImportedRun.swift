public import Datasets
import Formats
public import Foundation
import Models
import NN
public import Settings
import StableHLO
public import Training

/// A run made of weights that another program trained.
///
/// Its checkpoint is of step 0: it can be sampled and exported, and trained with any settings but another model's. Making
/// the value reads names and shapes, finds the network in them, and says what will be done; writing it reads the numbers.
public struct ImportedRun: Sendable {
    /// How a file is to be read, where that is not left to what is in it.
    public struct Request: Sendable {
        /// The entry whose tensors are wanted, such as `ema`; left out, the averaged weights or else the first that fit.
        public var entry: String?
        /// Whether tensors that the network has no place for are left out.
        public var ignoresExtra = false

        /// Weights wherever they are found, all of which must fit.
        public init() {}
    }

    /// The run's settings, the network's as the file has it.
    public let configuration: RunConfiguration
    /// What was found and what is done about it, in a line each.
    public let notices: [String]
    private let path: String
    private let tensors: [TensorEntry]
    private let tree: ParameterTree

    /// - Parameters:
    ///   - file: safetensors, or what `torch.save` wrote
    ///   - layers: settings that somebody gave, those of later layers before those of earlier ones; what nobody gave of the
    ///     network is as the shapes have it
    ///   - request: where in the file the weights are, and what may be there besides
    ///   - places: where data is, for a network whose shapes say nothing of channels and classes
    /// - Throws: ``ImportError`` with a table of every tensor that does not fit, `FormatError`, `SettingsError`.
    public init(
        _ file: URL, settings layers: [[Assignment]] = [], _ request: Request = Request(), places: DatasetPlaces
    ) throws {
        path = file.relativePath
        let weights = try ForeignWeights(file)
        let candidates = try ImportedRun.candidates(weights, layers, request, path: path, places)
        let fitting = candidates.filter(\.differences.isEmpty)
        guard let chosen = fitting.first(where: { $0.naming.isAverage }) ?? fitting.first else {
            throw ImportedRun.unfit(candidates, weights, path: path)
        }
        configuration = chosen.configuration
        tree = chosen.tree
        let named = Dictionary(chosen.naming.tensors.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        tensors = tree.names.compactMap { named[$0] }
        notices = chosen.notices(beside: fitting.map(\.naming.entry).filter { $0 != chosen.naming.entry })
    }

    /// The number of the network's parameters.
    public var parameterCount: Int { tree.trainableCount }

    /// Writes the run.
    ///
    /// - Throws: ``ImportError/notFinite(path:tensor:)`` or what reading reports, before anything is written.
    public func write(to folder: RunFolder) throws {
        guard !folder.exists else { throw TrainingError.folderExists(folder.url.relativePath) }
        let converted = try zip(tensors, tree.types).map { tensor, type in
            let tensor = type.elementType == .float32 ? try tensor.converted(to: .float32) : tensor
            guard FiniteValues.areAll(try tensor.bytes(), tensor.dataType) else {
                throw ImportError.notFinite(path: path, tensor: tensor.name)
            }
            return tensor
        }
        try folder.make()
        let lock = try RunLock(folder)
        defer { withExtendedLifetime(lock) {} }
        try folder.save(configuration)
        try SafetensorsFile.write(converted, metadata: ["format": "pt"], to: folder.checkpointFile(step: 0))
    }

    /// Every way to read the file, with the network that it gives.
    private static func candidates(
        _ weights: ForeignWeights, _ layers: [[Assignment]], _ request: Request, path: String, _ places: DatasetPlaces
    ) throws -> [ImportCandidate] {
        let namings = weights.stateDicts.flatMap(TensorNaming.all)
        let wanted = namings.filter { request.entry == nil || $0.entry == request.entry }
        guard !wanted.isEmpty else {
            throw ImportError.noEntry(path: path, request.entry ?? "", entries: weights.stateDicts.map(\.path))
        }
        let layers = [ExportedSettings.assignments(in: weights.metadata, path: path)] + layers
        func read(hasSizes: Bool) throws -> [ImportCandidate] {
            // One way of reading may be nonsense where another is not.
            let found = wanted.map { naming in
                Result {
                    try ImportCandidate(
                        naming, layers: layers, hasSizes: hasSizes, ignoringExtra: request.ignoresExtra, path: path,
                        places)
                }
            }
            let candidates = found.compactMap { try? $0.get() }
            return candidates.isEmpty ? try found.compactMap { try $0.get() } : candidates
        }
        let candidates = try read(hasSizes: true)
        return candidates.isEmpty ? try read(hasSizes: false) : candidates
    }

    /// Why nothing fits: by the candidate that comes nearest.
    private static func unfit(
        _ candidates: [ImportCandidate], _ weights: ForeignWeights, path: String
    ) -> ImportError {
        guard let nearest = candidates.min(by: { $0.distance < $1.distance }) else {
            let names = weights.stateDicts.flatMap { $0.tensors.map(\.name) }
            return .unknownNetwork(
                path: path, networks: Networks.registry.kinds.map(\.kindTitle),
                names: names.prefix(3) + (names.count > 3 ? ["..."] : []))
        }
        return .differences(
            path: path, entry: nearest.naming.entry, network: nearest.configuration.model.kindTitle, nearest.differences
        )
    }
}
