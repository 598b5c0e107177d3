import Compute
import Foundation

/// Says what happened where memory that the process may not have ends it.
///
/// What comes with a plugin ends the process (`abort`) where an allocation fails, as C++ does. Where the process may not
/// address all it likes (`ulimit -v`), that is what an abort means. Files are whole at any instant, so that nothing is lost.
enum ScarceMemory {
    private static let sentence: StaticString = """
        Error: memory could not be had within the limit that this process was given (ulimit -v); raise it, or take a \
        smaller batch. What was saved is whole.

        """

    /// Does nothing where the process is not limited.
    static func listen() {
        guard MachineLimits.current.isAddressSpaceLimited else { return }
        signal(SIGABRT) { _ in
            _ = Foundation.write(
                STDERR_FILENO, ScarceMemory.sentence.utf8Start, ScarceMemory.sentence.utf8CodeUnitCount)
            _exit(1)
        }
    }
}
