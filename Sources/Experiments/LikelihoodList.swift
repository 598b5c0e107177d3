import Flows
import Formats
import Foundation
import Quality

/// The likelihoods of images, one a line of a CSV file, under a line that says what they were computed with: a list that is
/// begun can go on, and none goes on with other settings.
struct LikelihoodList: Sendable {
    /// One image.
    struct Row: Sendable, Equatable {
        let image: Int
        let label: Int
        /// In nats.
        let logDensity: Double
        let bitsPerDimension: Double
        /// Of the log-density, from the random vectors alone, in nats; nil where there is no telling.
        let standardError: Double?

        /// - Parameter estimates: of the log-density, one a random vector
        init(image: Int, label: Int, _ estimates: [Double], _ dimensions: Int) {
            let mean = estimates.reduce(0, +) / Double(estimates.count)
            self.image = image
            self.label = label
            logDensity = mean
            bitsPerDimension = UniformDequantization.bitsPerDimension(logDensity: mean, dimensions: dimensions)
            standardError = estimates.count > 1 ? Estimate.errorOfMean(estimates) : nil
        }

        /// Nil for a line that is none of these.
        init?(line: Substring) {
            let parts = line.split(separator: ",", omittingEmptySubsequences: false)
            guard parts.count == 5, let image = Int(parts[0]), let label = Int(parts[1]),
                let logDensity = Double(parts[2]), let bits = Double(parts[3])
            else { return nil }
            self.image = image
            self.label = label
            self.logDensity = logDensity
            bitsPerDimension = bits
            standardError = Double(parts[4])
        }

        var line: String {
            "\(image),\(label),\(logDensity),\(bitsPerDimension),\(standardError.map { "\($0)" } ?? "")"
        }
    }

    static let header = "image,label,log_density_nats,bits_per_dimension,standard_error_nats"

    private let url: URL
    private let identity: String

    /// - Throws: ``LikelihoodError`` for a file of other settings or of another kind.
    init(_ url: URL, identity: String) throws(LikelihoodError) {
        self.url = url
        self.identity = identity
        _ = try read()
    }

    /// What the file has so far.
    func read() throws(LikelihoodError) -> [Row] {
        guard let text = try? String(contentsOf: url, encoding: .utf8) else {
            // A folder or a binary file is not overwritten; what is not there is begun.
            if FileManager.default.fileExists(atPath: url.path) { throw .noList(path: url.relativePath) }
            return []
        }
        let lines = text.split(separator: "\n")
        guard lines.count >= 2, lines[0].hasPrefix("# "), lines[1] == LikelihoodList.header else {
            throw .noList(path: url.relativePath)
        }
        guard lines[0].dropFirst(2) == identity else {
            let (ours, theirs) = (identity.split(separator: " "), lines[0].dropFirst(2).split(separator: " "))
            throw .otherSettings(path: url.relativePath, theirs.filter { !ours.contains($0) }.map(String.init))
        }
        var rows: [Row] = []
        for line in lines[2...] {
            guard let row = Row(line: line), row.image == rows.count else { throw .noList(path: url.relativePath) }
            rows.append(row)
        }
        return rows
    }

    /// Replaces the file.
    func write(_ rows: [Row]) throws {
        let text = ["# \(identity)", LikelihoodList.header] + rows.map(\.line)
        try AtomicFile.write(Array((text.joined(separator: "\n") + "\n").utf8), to: url)
    }
}

/// A list of likelihoods that cannot go on.
public enum LikelihoodError: Error, Equatable, CustomStringConvertible {
    /// A list of other settings, and which differ.
    case otherSettings(path: String, [String])
    /// A file that is no list of likelihoods.
    case noList(path: String)

    public var description: String {
        switch self {
        case .otherSettings(let path, let settings):
            "\(path) holds likelihoods that were computed otherwise (\(settings.joined(separator: ", "))); name another file "
                + "with --out, or remove it"
        case .noList(let path): "\(path) is there and is no list of likelihoods; name another file with --out"
        }
    }
}
