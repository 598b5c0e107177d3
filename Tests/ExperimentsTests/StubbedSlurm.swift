import Foundation

@testable import Experiments

/// Slurm's commands as small programs of a folder of their own, that a test sets up and reads.
final class StubbedSlurm {
    let folder: URL

    /// - Parameter programs: the text of each after its first line, in which `$here` is the folder; the others are the usual
    init(_ programs: [String: String] = [:]) throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("slurm-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for (name, text) in StubbedSlurm.usual.merging(programs, uniquingKeysWith: { $1 }) {
            let file = folder.appendingPathComponent(name)
            try Data("#!/bin/sh\nhere='\(folder.path)'\n\(text)\n".utf8).write(to: file)
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file.path)
        }
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    /// Every call is a line in `NAME.calls`. sbatch gives the numbers 12, 13, ... and refuses with the words of `refusal`, from
    /// the call after the `taken` first ones; squeue says what `queue` holds.
    private static let usual = [
        "sbatch": """
        echo "$@" >> "$here/sbatch.calls"
        calls=$(wc -l < "$here/sbatch.calls")
        if [ -f "$here/refusal" ] && [ "$calls" -gt "$(cat "$here/taken")" ]; then
            cat "$here/refusal" >&2
            exit 1
        fi
        echo "$((11 + calls));here"
        """,
        "squeue": """
        echo "$@" >> "$here/squeue.calls"
        [ -f "$here/queue" ] && cat "$here/queue"
        """,
        "scancel": #"echo "$@" >> "$here/scancel.calls""#,
    ]

    /// The system's programs come after the stubs.
    func queue(_ options: [String] = [], path: String = "/usr/bin:/bin") throws -> SlurmQueue {
        try SlurmQueue(options: options, environment: ["PATH": "\(folder.path):\(path)"])
    }

    func write(_ text: String, to name: String) throws {
        try Data(text.utf8).write(to: folder.appendingPathComponent(name))
    }

    /// What a program was called with.
    func calls(_ name: String) -> [String] {
        let text = try? String(contentsOf: folder.appendingPathComponent("\(name).calls"), encoding: .utf8)
        return (text ?? "").split(separator: "\n").map(String.init)
    }
}
