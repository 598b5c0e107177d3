import Foundation

/// Numbers beyond all bounds, and processes that may have next to nothing.
enum OddNumber: TrialKind {
    static let name = "beyond bounds"

    static func perform(_ trial: Trial) throws {
        let run = try trial.copyOfCutOffRun().path
        let number = trial.draw(from: [
            "2147483647", "2147483648", "4294967296", "9223372036854775807", "9223372036854775808", "-1", "0", "1e308",
            "nan", "65536",
        ])
        let options: [[String]] = [
            ["sample", run, "--steps", number], ["sample", run, "--count", number],
            ["sample", run, "--per-class", number], ["sample", run, "--trajectory", "strip", "--steps", number],
            ["sample", run, "--first", number], ["sample", run, "--labels", number],
            ["sample", run, "--devices", number], ["sample", run, "--guidance", number],
            ["bench", "--model", "unet", "--steps", number], ["train", "--resume", run, "--steps", number],
            ["train", "--resume", run, "--steps", "20", "--checkpoint-every", number],
            ["train", "--resume", run, "--steps", "20", "--keep-checkpoints", number],
            ["info", "--model", "unet", "--set", "model.image_size=\(number)"],
            ["info", "--model", "mamba", "--set", "model.d_state=\(number)"],
            ["info", "--model", "mamba", "--set", "model.d_conv=\(number)"],
            ["info", "--model", "dit", "--set", "model.depth=\(number)"],
            ["info", "--model", "unet", "--set", "model.channels=\(number)"],
        ]
        var command = Command(trial.draw(from: options))
        let limits = ["", "", "", "", "ulimit -v 400000;", "ulimit -n 4;", "ulimit -n 8;"]
        command.prelude = trial.draw(from: limits)
        // What would take for ever may be let work for a while: it must end when it is asked to.
        command.signal = (SIGINT, 6000)
        command.seconds = 60
        let outcome = try trial.launch(command, killedBy: SIGINT)
        try trial.expectClear(outcome, or: 0, 64, 130)
    }
}
