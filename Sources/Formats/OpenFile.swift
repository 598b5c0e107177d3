import Glibc

/// A regular file open for reading at any offset, from any thread. Closed with its last reference.
///
/// Ranges are read on demand rather than mapped, so that a file cut short while it is open gives an error and not a
/// fatal signal.
public final class OpenFile: Sendable {
    let path: String
    public let byteCount: Int
    private let descriptor: Int32

    /// - Parameter followsLink: whether a path that is a symbolic link stands for the file it leads to, or is refused.
    /// - Throws: `FormatError.cannotRead`, also where there is anything but a regular file.
    public init(_ path: String, followsLink: Bool = true) throws(FormatError) {
        self.path = path
        // O_NONBLOCK: opening a pipe must not wait for its writer before it is refused below.
        descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | (followsLink ? 0 : O_NOFOLLOW))
        guard descriptor >= 0 else { throw .cannotRead(path: path) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            let error = FormatError.cannotRead(path: path)
            close(descriptor)
            throw error
        }
        byteCount = Int(status.st_size)
        guard status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw .cannotRead(path: path, reason: "it is not a regular file")
        }
    }

    deinit { close(descriptor) }

    /// Fills `destination` with the bytes from `offset`.
    func read(at offset: Int, into destination: UnsafeMutableRawBufferPointer) throws(FormatError) {
        var done = 0
        while done < destination.count {
            let target = destination.baseAddress.map { $0 + done }
            let count = pread(descriptor, target, destination.count - done, offset + done)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw .cannotRead(path: path) }
            guard count > 0 else {
                throw .cannotRead(path: path, reason: "it ended at byte \(offset + done) while being read")
            }
            done += count
        }
    }

    /// The `count` bytes from `offset`.
    ///
    /// - Throws: `FormatError.cannotRead`, also where the file ends before.
    public func bytes(at offset: Int, count: Int) throws(FormatError) -> [UInt8] {
        try readArray(of: UInt8.self, count: count) { (destination) throws(FormatError) in
            try self.read(at: offset, into: destination)
        }
    }

    /// The whole file, which may take no more than 4 GiB.
    ///
    /// - Throws: `FormatError.cannotRead`.
    public static func bytes(of path: String) throws(FormatError) -> [UInt8] {
        let file = try OpenFile(path)
        guard file.byteCount <= 1 << 32 else {
            throw .cannotRead(path: path, reason: "its \(file.byteCount) bytes are more than such a file can have")
        }
        return try file.bytes(at: 0, count: file.byteCount)
    }
}

/// An array of `count` elements whose memory `fill` writes entirely, without being set to zero first.
func readArray<Element: BitwiseCopyable>(
    of type: Element.Type, count: Int, _ fill: (UnsafeMutableRawBufferPointer) throws(FormatError) -> Void
) throws(FormatError) -> [Element] {
    var failure: FormatError?
    let elements = [Element](unsafeUninitializedCapacity: count) { buffer, initialized in
        do throws(FormatError) {
            try fill(UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: buffer[..<count])))
            initialized = count
        } catch { failure = error }
    }
    if let failure { throw failure }
    return elements
}
