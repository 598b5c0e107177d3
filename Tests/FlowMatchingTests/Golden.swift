import Formats
import Foundation
import StableHLO
import TestSupport
import Testing

/// A file of reference values in float64, named by the kind and settings that they belong to.
struct Golden {
    let file: SafetensorsFile

    init(_ name: String) throws {
        let url = try #require(
            Bundle.module.url(forResource: name, withExtension: "safetensors", subdirectory: "Goldens"))
        file = try SafetensorsFile(contentsOf: url)
    }

    /// An array of the file.
    func array(_ name: String) throws -> HostArray {
        let entry = try file.tensor(name)
        return HostArray(try entry.values(as: Double.self), entry.shape, .float64)
    }

    func numbers(_ name: String) throws -> [Double] { try array(name).values }

    func integers(_ name: String) throws -> [Int] { try file.tensor(name).values(as: Int64.self).map { Int($0) } }

    /// The parts of the names below a prefix, such as `["0.2", "0.7", "3.0"]` of `interval/0.2/0.7/3.0`.
    func cases(_ prefix: String) -> [[String]] {
        file.names.filter { $0.hasPrefix(prefix + "/") }.map { $0.split(separator: "/").dropFirst().map(String.init) }
    }

    /// What stands before the first slash of the names.
    var firstParts: Set<String> {
        Set(file.names.filter { $0.contains("/") }.compactMap { $0.split(separator: "/").first.map(String.init) })
    }
}
