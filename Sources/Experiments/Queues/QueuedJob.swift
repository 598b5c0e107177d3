package import Foundation

/// A command for a batch system to run: once, or once for each of some numbers.
package struct QueuedJob: Sendable {
    /// As the system lists it.
    let name: String
    /// What it does, in a sentence, for those who find its script.
    let summary: String
    let command: QueuedCommand
    /// The numbers of its tasks, of which the command gets one as its last argument; nil for a job that is one task.
    let tasks: [Int]?
    /// It begins when the job of this name has ended, whatever became of that.
    let predecessor: String?
    /// Where its script, its output and its errors go; the names' stem is the job's name.
    let folder: URL
}

/// A program and what it is called with.
package struct QueuedCommand: Sendable {
    /// Absolute.
    package let program: URL
    package let arguments: [String]
    /// Where it is called; absolute.
    package let workingFolder: URL

    package init(program: URL, arguments: [String], workingFolder: URL) {
        self.program = program
        self.arguments = arguments
        self.workingFolder = workingFolder
    }

    func appending(_ more: String...) -> QueuedCommand {
        QueuedCommand(program: program, arguments: arguments + more, workingFolder: workingFolder)
    }
}
