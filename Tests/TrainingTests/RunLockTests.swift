import Foundation
import Testing
import Training

@Suite("Who writes a run")
struct RunLockTests {
    @Test("One at a time; the second is told whose the run is, until the first has ended")
    func one() throws {
        let folder = TinyRun.folder()
        defer { TinyRun.remove(folder) }
        try folder.make()
        var lock: RunLock? = try RunLock(folder)
        #expect(lock?.weakness == nil)
        let error = #expect(throws: TrainingError.self) { try RunLock(folder) }
        let text = error?.description ?? ""
        #expect(text.contains("is being written by process \(ProcessInfo.processInfo.processIdentifier) on "))
        lock = nil
        withExtendedLifetime(try RunLock(folder)) {}
    }
}
