public import Foundation
import Glibc

/// Writes files that are always either the old version or the complete new one.
///
/// The bytes go to a temporary file in the same folder, are flushed to the device, and the file is then renamed over
/// the destination; the folder is flushed too. On any error the temporary file is removed and the old file stays.
///
/// A writer holds a lock on its temporary file, so that the next one in the folder can tell what a killed process left
/// there and remove it.
public enum AtomicFile {
    /// What the names of temporary files begin with.
    static let prefix = ".partial-"

    /// Replaces the file at `url` by `bytes`.
    ///
    /// - Throws: `FormatError.cannotWrite`.
    public static func write(_ bytes: [UInt8], to url: URL) throws(FormatError) {
        try write(to: url) { (sink) throws(FormatError) in try sink.append(bytes) }
    }

    /// Replaces the file at `url` by what `body` appends to the sink it is given.
    ///
    /// A symbolic link is followed; anything that is neither missing nor a regular file is refused.
    /// - Throws: `FormatError.cannotWrite`, and what `body` throws.
    public static func write(
        to url: URL, _ body: (borrowing FileSink) throws(FormatError) -> Void
    ) throws(FormatError) {
        try replace(url, body) { $0 }
    }

    /// As ``write(to:_:)``, by a body that does other work as well and may fail at it: what is long in coming needs no
    /// memory, and is a file only when all of it is there.
    public static func stream(to url: URL, _ body: (borrowing FileSink) throws -> Void) throws {
        try replace(url, body) { $0 }
    }

    private static func replace<Failure: Error>(
        _ url: URL, _ body: (borrowing FileSink) throws(Failure) -> Void, _ failure: (FormatError) -> Failure
    ) throws(Failure) {
        func checked<Value>(_ work: () throws(FormatError) -> Value) throws(Failure) -> Value {
            do { return try work() } catch { throw failure(error) }
        }
        let destination = try checked { () throws(FormatError) in try resolvedDestination(url.path) }
        let folder = (destination as NSString).deletingLastPathComponent
        removeLeftovers(in: folder.isEmpty ? "." : folder)
        let suffix = String(UInt64.random(in: 0...UInt64.max), radix: 36)
        let temporary = (folder as NSString).appendingPathComponent(prefix + suffix)

        do throws(Failure) {
            let sink: FileSink
            do { sink = try FileSink(creating: temporary, for: url.path) } catch { throw failure(error) }
            try body(sink)
            do { try sink.flush() } catch { throw failure(error) }
            guard rename(temporary, destination) == 0 else { throw failure(.cannotWrite(path: url.path)) }
        } catch {
            unlink(temporary)
            throw error
        }
        try checked { () throws(FormatError) in try flushFolder(folder, for: url.path) }
    }

    /// Removes the temporary files of processes that were killed; those of living writers are locked.
    private static func removeLeftovers(in folder: String) {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        for name in names where name.hasPrefix(prefix) {
            let path = (folder as NSString).appendingPathComponent(name)
            guard let lock = FileLock(free: path) else { continue }
            withExtendedLifetime(lock) { _ = unlink(path) }
        }
    }

    private static func resolvedDestination(_ path: String) throws(FormatError) -> String {
        var status = stat()
        guard stat(path, &status) == 0 else {
            guard errno == ENOENT else { throw .cannotWrite(path: path) }
            return path
        }
        if status.st_mode & S_IFMT == S_IFDIR { throw .cannotWrite(path: path, reason: "it is a folder") }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw .cannotWrite(path: path, reason: "it exists and is not a regular file")
        }
        guard let resolved = realpath(path, nil) else { throw .cannotWrite(path: path) }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    static func flushFolder(_ folder: String, for path: String) throws(FormatError) {
        let descriptor = open(folder.isEmpty ? "." : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        // A folder that may be written but not listed cannot be opened: the file itself is complete and flushed.
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        // EINVAL: this file system does not flush folders.
        if fsync(descriptor) != 0 && errno != EINVAL { throw .cannotWrite(path: path) }
    }
}

/// The temporary file behind `AtomicFile.write`; bytes are appended in order.
public struct FileSink: ~Copyable {
    private let descriptor: Int32
    private let path: String

    fileprivate init(creating temporary: String, for path: String) throws(FormatError) {
        while true {
            let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
            guard descriptor >= 0 else { throw .cannotWrite(path: path) }
            // Where files cannot be locked, nobody takes this one for a leftover either.
            _ = flock(descriptor, LOCK_EX)
            var status = stat()
            if fstat(descriptor, &status) == 0, status.st_nlink == 0 {
                // Another writer saw it before it was locked, and removed it.
                close(descriptor)
                continue
            }
            self.descriptor = descriptor
            self.path = path
            return
        }
    }

    deinit { close(descriptor) }

    /// Appends `bytes`.
    ///
    /// - Throws: `FormatError.cannotWrite`.
    public borrowing func append(_ bytes: [UInt8]) throws(FormatError) {
        try bytes.withUnsafeBufferPointer { (buffer) throws(FormatError) in
            try append(UnsafeRawBufferPointer(buffer))
        }
    }

    /// Replaces the first bytes, of which there are as many already.
    ///
    /// - Throws: `FormatError.cannotWrite`.
    borrowing func replaceStart(with bytes: [UInt8]) throws(FormatError) {
        guard lseek(descriptor, 0, Int32(SEEK_SET)) == 0 else { throw .cannotWrite(path: path) }
        try append(bytes)
        guard lseek(descriptor, 0, Int32(SEEK_END)) >= 0 else { throw .cannotWrite(path: path) }
    }

    /// Appends `bytes`.
    ///
    /// - Throws: `FormatError.cannotWrite`.
    public borrowing func append(_ bytes: UnsafeRawBufferPointer) throws(FormatError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
            if written < 0 && errno == EINTR { continue }
            guard written > 0 else { throw .cannotWrite(path: path) }
            rest = rest.dropFirst(written)
        }
    }

    fileprivate borrowing func flush() throws(FormatError) {
        guard fsync(descriptor) == 0 else { throw .cannotWrite(path: path) }
    }
}

extension FormatError {
    /// The error for `errno` as it stands.
    static func cannotRead(path: String) -> FormatError {
        .cannotRead(path: path, reason: String(cString: strerror(errno)))
    }

    /// The error for `errno` as it stands.
    static func cannotWrite(path: String) -> FormatError {
        .cannotWrite(path: path, reason: String(cString: strerror(errno)))
    }
}
