import Synchronization

/// Noises that images were followed to, kept to begin drawings from; the oldest are forgotten.
final class KeptNoises: Sendable {
    private struct Noise {
        let name: String
        let run: String
        let values: [Float]
    }

    private let kept = Mutex<[Noise]>([])

    /// Noises that are kept.
    static let most = 100

    /// Keeps the noise of an image.
    ///
    /// - Parameters:
    ///   - values: row-major (channels, height, width)
    ///   - run: whose it is
    /// - Returns: what it is asked for by
    func keep(_ values: [Float], of run: String) -> String {
        let name = Safety.newToken()
        kept.withLock { kept in
            if kept.count >= KeptNoises.most { kept.removeFirst() }
            kept.append(Noise(name: name, run: run, values: values))
        }
        return name
    }

    /// - Throws: ``Refusal`` for a noise that is forgotten, or of another run.
    func noise(_ name: String, of run: String) throws(Refusal) -> [Float] {
        let found = kept.withLock { $0.first { $0.name == name && $0.run == run }?.values }
        guard let found else { throw .missing("that noise is no longer kept: follow the image to its noise again") }
        return found
    }
}
