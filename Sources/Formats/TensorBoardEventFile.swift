package import Foundation
import Glibc

/// An event file that TensorBoard reads: one scalar value a record, appended as training goes.
///
/// The file is a sequence of TFRecords (length, its masked CRC-32C, the data, its masked CRC-32C, all little-endian),
/// each an `Event` message of TensorFlow's `event.proto`; the first one names the file's version, `brain.Event:2`.
/// TensorBoard reads every file of a folder whose name contains `tfevents`.
///
/// Records wait in memory until ``flush()``, or until there are 64 KiB of them; what is on disk always ends with a
/// whole record, unless the device failed in the middle of one.
package struct TensorBoardEventFile: ~Copyable {
    /// The file's path.
    package let path: String
    private let descriptor: Int32
    private var pending: [UInt8] = []

    private static let pendingLimit = 1 << 16

    /// Creates `events.out.tfevents.<seconds>.<process>.<number>` in a folder that exists, with the first number that no
    /// file there has: a run may go on within a second.
    ///
    /// - Parameters:
    ///   - folder: where to create the file.
    ///   - wallTime: when the run began.
    ///   - restart: the first step of a run that goes on: TensorBoard forgets what other files of the folder hold of it
    ///     and of later ones.
    /// - Throws: `FormatError.cannotWrite`; a file of that name is never replaced.
    package init(in folder: URL, wallTime: Date = Date(), restartingAt restart: Int? = nil) throws(FormatError) {
        let seconds = UInt64(max(0, min(wallTime.timeIntervalSince1970, 1e15)))
        let name = "events.out.tfevents.\(seconds).\(ProcessInfo.processInfo.processIdentifier)"
        let created = Self.create(name, in: folder)
        path = created.path
        descriptor = created.descriptor
        guard descriptor >= 0 else { throw .cannotWrite(path: path) }
        pending = Self.record(.version, wallTime: wallTime, step: 0)
        if let restart { pending += Self.record(.restart, wallTime: wallTime, step: restart) }
        try flush()
    }

    /// - Returns: a negative descriptor where none could be created
    private static func create(_ name: String, in folder: URL) -> (path: String, descriptor: Int32) {
        var created = (path: "", descriptor: Int32(-1))
        for number in 0..<1000 {
            created.path = folder.appendingPathComponent("\(name).\(number)").path
            created.descriptor = open(created.path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0o666)
            guard created.descriptor < 0, errno == EEXIST else { break }
        }
        return created
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Appends a scalar under a tag, such as `loss/train`.
    ///
    /// - Parameters:
    ///   - value: stored as a 32-bit number; NaN and infinities are kept.
    ///   - step: the training step.
    /// - Throws: `FormatError.cannotWrite`.
    package mutating func append(
        _ value: Double, tag: String, step: Int, wallTime: Date = Date()
    ) throws(FormatError) {
        pending += Self.record(.scalar(tag: tag, value: Float(value)), wallTime: wallTime, step: step)
        if pending.count >= Self.pendingLimit { try flush() }
    }

    /// Hands all records to the operating system, where TensorBoard sees them.
    ///
    /// - Throws: `FormatError.cannotWrite`; what could not be written is kept for the next flush.
    package mutating func flush() throws(FormatError) {
        var done = 0
        defer { pending.removeFirst(done) }
        while done < pending.count {
            let written = pending.withUnsafeBytes { buffer in
                write(descriptor, UnsafeRawBufferPointer(rebasing: buffer[done...]).baseAddress, buffer.count - done)
            }
            if written < 0 && errno == EINTR { continue }
            guard written > 0 else { throw .cannotWrite(path: path) }
            done += written
        }
    }

    /// Reads a whole file and holds it against its checksums.
    ///
    /// - Returns: the number of its records
    /// - Throws: `FormatError.eventFile` naming the first record that is not whole, `FormatError.cannotRead`.
    package static func check(_ url: URL) throws(FormatError) -> Int {
        let bytes = try OpenFile.bytes(of: url.path)
        var (offset, count) = (0, 0)
        while offset < bytes.count {
            let problem = FormatError.eventFile(source: url.path, record: count + 1)
            guard bytes.count - offset >= 16 else { throw problem }
            let length = bytes.littleEndian(UInt64.self, at: offset)
            guard bytes.littleEndian(UInt32.self, at: offset + 8) == CRC32C.maskedChecksum(bytes[offset..<offset + 8]),
                length <= UInt64(bytes.count - offset - 16)
            else { throw problem }
            let end = offset + 12 + Int(length)
            guard bytes.littleEndian(UInt32.self, at: end) == CRC32C.maskedChecksum(bytes[offset + 12..<end]) else {
                throw problem
            }
            (offset, count) = (end + 4, count + 1)
        }
        return count
    }

    private enum Content {
        case version
        /// `SessionLog` with the status `START`.
        case restart
        case scalar(tag: String, value: Float)
    }

    /// The TFRecord of one event.
    private static func record(_ content: Content, wallTime: Date, step: Int) -> [UInt8] {
        var event = ProtobufWriter()
        event.append(double: wallTime.timeIntervalSince1970, field: 1)
        event.append(integer: Int64(step), field: 2)
        switch content {
        case .version: event.append(string: "brain.Event:2", field: 3)
        case .restart:
            var session = ProtobufWriter()
            session.append(integer: 1, field: 1)
            event.append(message: session, field: 7)
        case .scalar(let tag, let value):
            var scalar = ProtobufWriter()
            scalar.append(string: tag, field: 1)
            scalar.append(float: value, field: 2)
            var summary = ProtobufWriter()
            summary.append(message: scalar, field: 1)
            event.append(message: summary, field: 5)
        }
        var record: [UInt8] = []
        record.appendLittleEndian(UInt64(event.bytes.count))
        record.appendLittleEndian(CRC32C.maskedChecksum(record))
        record += event.bytes
        record.appendLittleEndian(CRC32C.maskedChecksum(event.bytes))
        return record
    }
}
