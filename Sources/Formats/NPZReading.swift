/// NumPy's archive of named arrays, open for reading: written by `numpy.savez` or `numpy.savez_compressed`.
package struct NPZFile {
    private let archive: ZipArchive
    private let path: String

    private static let ending = ".npy"

    /// - Throws: `FormatError.cannotRead`, `.zip`
    package init(_ path: String) throws(FormatError) {
        archive = try ZipArchive(path)
        self.path = path
    }

    /// The arrays' names, in the order of the alphabet.
    package var names: [String] {
        archive.names.filter { $0.hasSuffix(NPZFile.ending) }.map { String($0.dropLast(NPZFile.ending.count)) }
    }

    /// The array of a name.
    ///
    /// - Throws: `FormatError`, also where there is no such array.
    package func array(_ name: String) throws(FormatError) -> NPYArray {
        try NPYArray(archive.bytes(of: name + NPZFile.ending), source: "\(path): \(name)")
    }
}
