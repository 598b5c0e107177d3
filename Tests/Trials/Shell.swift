import Foundation
import Glibc

/// Runs shell texts as process groups of their own.
enum Shell {
    /// A shell at work. To be ended by `wait`.
    struct Job {
        fileprivate let process: pid_t
        fileprivate let start: ContinuousClock.Instant
    }

    struct CannotStart: Error {}

    /// Starts `bash -c script` with no signal blocked and none ignored.
    static func start(_ script: String, in folder: URL, environment: [String: String]) throws -> Job {
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var (none, all) = (sigset_t(), sigset_t())
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setpgroup(&attributes, 0)
        let flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP
        posix_spawnattr_setflags(&attributes, Int16(truncatingIfNeeded: flags))
        let words = copied(["bash", "-c", "cd \"$0\"\n" + script, folder.path])
        let variables = copied(environment.map { "\($0.key)=\($0.value)" })
        defer { for text in words + variables { free(text) } }
        var process: pid_t = 0
        guard posix_spawn(&process, "/bin/bash", nil, &attributes, words, variables) == 0 else { throw CannotStart() }
        return Job(process: process, start: .now)
    }

    /// Texts as C has them, ended by a null pointer; to be freed.
    private static func copied(_ texts: [String]) -> [UnsafeMutablePointer<CChar>?] { texts.map { strdup($0) } + [nil] }

    /// Waits for a job's end; sends it a signal on the way, and kills it when it takes too long.
    static func wait(
        _ job: Job, signal: (number: Int32, milliseconds: Int)? = nil, atMost seconds: Double
    ) -> (ending: Outcome.Ending, seconds: Double) {
        var status: Int32 = 0
        var signalled = signal == nil
        while waitpid(job.process, &status, WNOHANG) == 0 {
            let elapsed = job.start.secondsUntilNow
            if let signal, !signalled, elapsed * 1000 >= Double(signal.milliseconds) {
                kill(-job.process, signal.number)
                signalled = true
            }
            if elapsed > seconds {
                kill(-job.process, SIGKILL)
                waitpid(job.process, &status, 0)
                return (.tookTooLong, elapsed)
            }
            usleep(2000)
        }
        let ending = status & 0x7F == 0 ? Outcome.Ending.exit(status >> 8 & 0xFF) : .signal(status & 0x7F)
        return (ending, job.start.secondsUntilNow)
    }
}

extension ContinuousClock.Instant {
    var secondsUntilNow: Double {
        let (seconds, attoseconds) = (ContinuousClock.now - self).components
        return Double(seconds) + Double(attoseconds) * 1e-18
    }
}
