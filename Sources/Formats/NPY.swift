package import Foundation

/// A Swift type that an NPY file can hold. Not to be conformed to outside this module.
package protocol NPYScalar: BitwiseCopyable, Sendable {
    /// NumPy's name of the type in an array-interface string.
    static var npyDescription: String { get }
}

extension Float: NPYScalar { package static var npyDescription: String { "<f4" } }
extension Int64: NPYScalar { package static var npyDescription: String { "<i8" } }
extension UInt8: NPYScalar { package static var npyDescription: String { "|u1" } }

/// An array of an NPY file (NumPy's format, versions 1 to 3), in C order.
package struct NPY<Scalar: NPYScalar>: Sendable {
    /// The extents, outermost first; empty for a scalar.
    package let shape: [Int]
    /// The elements, row-major.
    package let values: [Scalar]

    /// - Throws: `FormatError.npy` when `shape` does not hold as many elements as `values`.
    package init(shape: [Int], values: [Scalar]) throws(FormatError) {
        guard checkedElementCount(shape) == values.count else {
            throw .npy(source: "the given array", .size(shape: shape, valueCount: values.count))
        }
        self.shape = shape
        self.values = values
    }

    /// Reads the file at `url`.
    ///
    /// - Throws: `FormatError.cannotRead`, or `FormatError.npy` for a file that breaks the format or holds other
    ///   elements.
    package init(contentsOf url: URL) throws(FormatError) {
        try self.init(bytes: try OpenFile.bytes(of: url.path), source: url.path)
    }

    /// Reads `bytes`; `source` is named in errors.
    ///
    /// - Throws: `FormatError.npy`.
    package init(bytes: [UInt8], source: String = "the given bytes") throws(FormatError) {
        do throws(NPYProblem) {
            let header = try NPYHeader(bytes)
            if header.isFortranOrder { throw .fortranOrder }
            guard header.elementType == Scalar.npyDescription else {
                throw .elementType(stored: header.elementType, requested: Scalar.npyDescription)
            }
            let found = bytes.count - header.byteCount
            let expected = checkedElementCount(header.shape, times: MemoryLayout<Scalar>.stride)
            guard found == expected else { throw .byteCount(found: found, expected: expected) }
            shape = header.shape
            let count = found / MemoryLayout<Scalar>.stride
            values = [Scalar](unsafeUninitializedCapacity: count) { buffer, initialized in
                bytes.withUnsafeBytes {
                    UnsafeMutableRawBufferPointer(buffer).copyMemory(
                        from: UnsafeRawBufferPointer(rebasing: $0[header.byteCount...]))
                }
                initialized = count
            }
        } catch {
            throw .npy(source: source, error)
        }
    }

    /// The file's bytes, in version 1 of the format.
    package var encoded: [UInt8] { Self.head(shape: shape) + values.withUnsafeBytes { [UInt8]($0) } }

    /// What stands in a file before the elements of an array of this shape, for those who append them themselves.
    package static func head(shape: [Int]) -> [UInt8] {
        NPYHeader(elementType: Scalar.npyDescription, shape: shape).encoded
    }

    /// Replaces the file at `url`, atomically.
    ///
    /// - Throws: `FormatError.cannotWrite`.
    package func write(to url: URL) throws(FormatError) {
        try AtomicFile.write(encoded, to: url)
    }
}
