import Formats
import Foundation

/// The right to write a run's folder, which one process has at a time.
///
/// It is a lock on the file `.lock` of the folder, released by the system when the process ends, however it ends. The
/// file says who has it, and stays. Readers need no lock: whatever they open is whole.
public final class RunLock: Sendable {
    private let lock: FileLock?
    /// Why the folder's file system cannot lock files; nil where it can.
    public let weakness: String?

    /// - Throws: ``TrainingError/beingWritten(path:by:)``, `FormatError.cannotWrite`.
    public init(_ folder: RunFolder) throws {
        let file = folder.lockFile
        let process = ProcessInfo.processInfo
        let since = Date().formatted(.iso8601)
        do {
            lock = try FileLock(
                file.path, note: "process \(process.processIdentifier) on \(process.hostName) since \(since)")
            weakness = nil
        } catch FileLock.Failure.held(let note) {
            throw TrainingError.beingWritten(path: folder.url.relativePath, by: note)
        } catch FileLock.Failure.unsupported(let reason) {
            lock = nil
            weakness = "\(folder.url.relativePath) cannot be locked (\(reason)): see to it that nothing else writes it"
        }
    }
}
