/// Why a comparison is not done by a batch system.
package enum QueueError: Error, Equatable, CustomStringConvertible {
    /// One of the system's programs is not here.
    case noProgram(String, queue: String)
    /// The system did not take a job; its words.
    case refused(String, queue: String)
    /// The system does not say what jobs are at; its words.
    case noAnswer(String, queue: String)
    case malformedOption(String)
    case ownOption(String)
    /// Jobs of another comparison work in the folder.
    case otherJobs(folder: String, command: String, cancelling: String)
    /// Somebody else submits jobs for the same folder at this moment.
    case submitting(folder: String, by: String)
    /// The job of the report came to nothing; why, and its last words.
    case noReport(why: String, log: String, lastLine: String?)

    package var description: String {
        switch self {
        case .noProgram(let name, let queue):
            "there is no \(name) on the path: give this command where \(queue)'s commands are, or leave out --on to do all "
                + "on this machine"
        case .refused(let words, let queue):
            "\(queue) refused the jobs: \(words); nothing is left submitted"
        case .noAnswer(let words, let queue):
            "\(queue) does not say what its jobs are at: \(words)"
        case .malformedOption(let text):
            "--slurm-option \(text): it must be a long option of sbatch without its dashes, such as partition=gpu, "
                + "time=02:00:00 or exclusive"
        case .ownOption(let name):
            "--slurm-option \(name): the comparison sets this option of sbatch itself; leave it out"
        case .otherJobs(let folder, let command, let cancelling):
            "jobs of another command still work in \(folder): `\(command)`; wait until they end, or end them with "
                + "`\(cancelling)`"
        case .submitting(let folder, let writer):
            "jobs for \(folder) are being submitted by \(writer.isEmpty ? "another process" : writer); try again in a "
                + "moment"
        case .noReport(let why, let log, let lastLine):
            "the job of the report \(why)" + (lastLine.map { ": \($0)" } ?? "")
                + "; its log is \(log), and the same command submits what is missing"
        }
    }
}
