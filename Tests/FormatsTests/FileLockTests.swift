import Formats
import Foundation
import Testing

@Suite struct FileLockTests {
    @Test("One has a lock at a time; the other reads whose it is; it ends with its holder")
    func exclusive() throws {
        try withTemporaryFolder { folder in
            let path = folder.appendingPathComponent("lock").path
            var lock: FileLock? = try FileLock(path, note: "the first one, with a long note")
            #expect(throws: FileLock.Failure.held(note: "the first one, with a long note")) {
                try FileLock(path, note: "second")
            }
            withExtendedLifetime(lock) {}
            lock = nil
            let second = try FileLock(path, note: "second")
            #expect(throws: FileLock.Failure.held(note: "second")) { try FileLock(path, note: "third") }
            withExtendedLifetime(second) {}
        }
    }

    @Test("A file that grows is cut back where a piece cannot be written whole")
    func appended() throws {
        try withTemporaryFolder { folder in
            let url = folder.appendingPathComponent("file")
            try AppendedFile(url).append([1, 2])
            try AppendedFile(url).append([3])
            try AppendedFile(url).synchronize()
            #expect(try contents(of: url) == [1, 2, 3])
            #expect(throws: FormatError.cannotWrite(path: folder.path, reason: "Is a directory")) {
                try AppendedFile(folder).append([1])
            }
            #expect(throws: FormatError.cannotWrite(path: "/dev/full", reason: "No space left on device")) {
                try AppendedFile(URL(fileURLWithPath: "/dev/full")).append([1])
            }
        }
    }
}
