package import Foundation
import Glibc

/// A file that grows by whole pieces: where one cannot be written whole, the file is cut back to what it was.
package struct AppendedFile: ~Copyable {
    private let descriptor: Int32
    private let path: String

    /// Opens a file, which is made where it is missing.
    ///
    /// - Throws: `FormatError.cannotWrite`.
    package init(_ url: URL) throws(FormatError) {
        path = url.path
        descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o666)
        if descriptor < 0 { throw .cannotWrite(path: path) }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Appends `bytes`.
    ///
    /// - Throws: `FormatError.cannotWrite`.
    package borrowing func append(_ bytes: [UInt8]) throws(FormatError) {
        let end = lseek(descriptor, 0, Int32(SEEK_END))
        guard end >= 0 else { throw .cannotWrite(path: path) }
        var done = 0
        while done < bytes.count {
            let written = bytes.withUnsafeBytes { buffer in
                write(descriptor, UnsafeRawBufferPointer(rebasing: buffer[done...]).baseAddress, buffer.count - done)
            }
            if written < 0 && errno == EINTR { continue }
            guard written > 0 else {
                let error = FormatError.cannotWrite(path: path)
                _ = ftruncate(descriptor, end)
                throw error
            }
            done += written
        }
    }

    /// Waits until all that was appended, by whomever, and the file's name are on the device.
    ///
    /// - Throws: `FormatError.cannotWrite`.
    package borrowing func synchronize() throws(FormatError) {
        guard fsync(descriptor) == 0 else { throw .cannotWrite(path: path) }
        try AtomicFile.flushFolder((path as NSString).deletingLastPathComponent, for: path)
    }
}
