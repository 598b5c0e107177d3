import Foundation

/// The disk is full after some bytes: by the preloaded library, by a limit of the process, or on a small file system.
enum FullDisk: TrialKind {
    static let name = "disk full"

    static func perform(_ trial: Trial) throws {
        let workshop = trial.workshop
        let room = trial.draw(below: workshop.reference.bytesWritten)
        var command = workshop.train(trial.run)
        switch trial.draw(below: workshop.canMount ? 3 : 2) {
        case 0: command.disturb(under: trial.run, room: room, by: workshop.faultInjection)
        case 1:
            let largest = RunState(workshop.reference.run).checkpoints.values.map(\.count).max() ?? 1
            command.prelude = "ulimit -f \(trial.draw(below: largest * 5 / 4) / 1024 + 1);"
        default:
            // Mounted where only this shell sees it; what the disk held is then copied out.
            let disk = trial.folder.appendingPathComponent("disk")
            try FileManager.default.createDirectory(at: disk, withIntermediateDirectories: true)
            let inner = disk.appendingPathComponent("run")
            command.arguments = workshop.train(inner).arguments
            command.prelude =
                "if [ -z \"$INSIDE\" ]; then INSIDE=1 exec unshare --mount bash -c \"$BASH_EXECUTION_STRING\" \"$0\"; fi; "
                + "mount -t tmpfs -o size=\(room / 1024 + 8)k none \(disk.path) || exit 99;"
            command.postlude = "; status=$?; cp -a \(inner.path) \(trial.run.path) 2>/dev/null; exit $status"
        }
        try trial.expectClear(try trial.launch(command), or: 0)
        try trial.heal(trial.run)
    }
}
