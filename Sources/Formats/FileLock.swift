import Glibc

/// An exclusive lock on a file (flock(2)), which the system releases when the process ends, however it does.
///
/// Linux keeps it on NFS too, as a lock of the server on the whole file. It is advice: only those who ask for the lock
/// are kept out.
package final class FileLock: Sendable {
    /// Why a file cannot be locked.
    package enum Failure: Error, Equatable {
        /// Someone else holds the lock; what they wrote in the file.
        case held(note: String)
        /// The file system has no locks; the reason is the operating system's.
        case unsupported(reason: String)
    }

    private let descriptor: Int32

    private init(descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    /// Locks a file, which is made where it is missing, and writes a note into it for those who are kept out.
    ///
    /// - Throws: ``Failure``, or `FormatError.cannotWrite`.
    package convenience init(_ path: String, note: String) throws {
        self.init(descriptor: open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666))
        guard descriptor >= 0 else { throw FormatError.cannotWrite(path: path) }
        guard FileLock.lock(descriptor) else {
            guard errno == EWOULDBLOCK else { throw Failure.unsupported(reason: String(cString: strerror(errno))) }
            throw Failure.held(note: text)
        }
        let bytes = Array(note.utf8)
        guard ftruncate(descriptor, 0) == 0, pwrite(descriptor, bytes, bytes.count, 0) == bytes.count else {
            throw FormatError.cannotWrite(path: path)
        }
    }

    /// Locks a file, with some patience for one who only looks whether it is locked (``holder(of:)``).
    private static func lock(_ descriptor: Int32) -> Bool {
        for attempt in 0..<10 {
            if attempt > 0 { usleep(5_000) }
            if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return true }
            if errno != EWOULDBLOCK { return false }
        }
        return false
    }

    /// What whoever holds the lock of a file wrote into it; nil where nobody does, or the file system has no locks.
    package static func holder(of path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        // Closing it gives up the lock that this may have been.
        let lock = FileLock(descriptor: descriptor)
        guard flock(descriptor, LOCK_SH | LOCK_NB) != 0, errno == EWOULDBLOCK else { return nil }
        return lock.text
    }

    /// Tries to lock a file that is there; nil where it cannot be, or somebody holds it.
    convenience init?(free path: String) {
        self.init(descriptor: open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK))
        guard descriptor >= 0, flock(descriptor, LOCK_EX | LOCK_NB) == 0 else { return nil }
    }

    /// What stands in the file.
    private var text: String {
        var bytes = [UInt8](repeating: 0, count: 1024)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
    }
}
