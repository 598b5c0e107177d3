import Foundation
import Testing
import Training

@testable import Studio

@Suite struct PageTests {
    @Test("The list tells every run's state, figures and what cannot be read")
    func list() async throws {
        let runs = try TemporaryRuns()
        try runs.record("broken-off", steps: 12, of: 100)
        try runs.record("group/inner", steps: 12, of: 100)
        let held = try runs.record("held", steps: 3, of: 100)
        let torn = runs.url.appendingPathComponent("torn")
        try FileManager.default.createDirectory(at: torn, withIntermediateDirectories: true)
        try Data("{".utf8).write(to: torn.appendingPathComponent("config.json"))
        let lock = try RunLock(held)
        defer { withExtendedLifetime(lock) {} }
        try await RunningStudio.serving(runs.url) { studio in
            let page = try studio.get("/").body
            #expect(page.contains("data-run=\"broken-off\" data-state=\"failed\""))
            #expect(page.contains("data-run=\"group/inner\""))
            #expect(page.contains("data-run=\"held\" data-state=\"training\""))
            #expect(page.contains("data-run=\"torn\" data-state=\"unreadable\""))
            #expect(page.contains(">12 / 100<") && page.contains(">0.2500<"))
            expect(try studio.get("/run?run=torn").status, is: 500)
        }
    }

    @Test("A run's page tells its curves without a script; its stream begins with all and goes on with what is written")
    func live() async throws {
        let runs = try TemporaryRuns()
        let folder = try runs.record("a", steps: 20, of: 100)
        nonisolated(unsafe) let writer = runs
        try await RunningStudio.serving(runs.url) { studio in
            let page = try studio.get("/run?run=a").body
            #expect(page.contains("<path class=\"line s0\" d=\"M0.0"))
            #expect(page.contains("training.batch_size"))
            let later = Thread {
                sleep(1)
                try? writer.append(21...23, to: folder)
            }
            later.start()
            let stream = try studio.exchange(
                "GET /run/events?run=a HTTP/1.1\r\nHost: 127.0.0.1:\(studio.port)\r\n\r\n",
                until: { $0.contains("[21,22,23]") || $0.contains(",21,22,23]") })
            #expect(stream.header("Content-Type") == "text/event-stream")
            let events = stream.body.components(separatedBy: "event: ").dropFirst()
            #expect(events.first?.hasPrefix("records") == true && events.first?.contains("\"is_anew\":true") == true)
            #expect(events.dropFirst().first?.hasPrefix("standing") == true)
            #expect(stream.body.contains("23"))
        }
    }

    @Test("The form has every setting of every kind, and says what is wrong beside its field")
    func form() async throws {
        let runs = try TemporaryRuns()
        try runs.record("taken", steps: 3, of: 100)
        try await RunningStudio.serving(runs.url) { studio in
            let page = try studio.get("/train").body
            for name in [
                "training.batch_size", "optimizer@sgd.momentum", "model@dit.depth", "path@polynomial", "solver",
            ] {
                #expect(page.contains("name=\"\(name)"), "\(name)")
            }
            let wrong = try studio.post(
                "/train",
                "name=new&training.batch_size=many&optimizer=sgd&optimizer@sgd.momentum=7&optimizer@adam.learning_rate=x"
            )
            #expect(wrong.status == 422)
            #expect(wrong.body.contains("id=\"f-training-batch_size-error\">training.batch_size is &#39;many&#39;"))
            #expect(wrong.body.contains("f-optimizer-sgd-momentum-error"))
            #expect(!wrong.body.contains("f-optimizer-adam-learning_rate-error"))
            #expect(wrong.body.contains("value=\"many\""))
            let taken = try studio.post("/train", "name=taken")
            #expect(taken.status == 422 && taken.body.contains("already"))
            expect(try studio.post("/train", "name=../out").status, is: 422)
            expect(try studio.post("/run/resume", "run=none").status, is: 404)
            expect(try studio.post("/run/stop", "run=taken").status, is: 409)
        }
    }

    @Test("Chosen runs are compared in the settings that differ, and only in those")
    func compare() async throws {
        let runs = try TemporaryRuns()
        try runs.record("a", steps: 3, of: 100)
        try runs.record("b", steps: 3, of: 200)
        try await RunningStudio.serving(runs.url) { studio in
            let page = try studio.get("/compare?run=a&run=b").body
            #expect(page.contains("<code>training.steps</code>") && !page.contains("<code>training.batch_size</code>"))
        }
    }

    @Test("A training that is started here hears when it is told to stop")
    func stopping() async throws {
        let runs = try TemporaryRuns()
        // A program in a trainer's place: it begins a run, waits, and says whether it was interrupted.
        let trainer = runs.url.appendingPathComponent("trainer.sh")
        let config = try runs.record("pattern", steps: 1, of: 9).configurationFile.path
        try """
        #!/bin/sh
        trap 'echo heard > "$3/heard"; exit 0' INT
        mkdir -p "$3" && cp '\(config)' "$3/"
        while :; do sleep 0.05; done
        """.write(to: trainer, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: trainer.path)
        let heard = runs.url.appendingPathComponent("new/heard").path
        try await RunningStudio.serving(runs.url, trainer: trainer) { studio in
            expect(try studio.post("/train", "name=new&training.steps=9").status, is: 303)
            for _ in 0..<600 where try studio.get("/run?run=new").body.contains("beginning.js") { usleep(50_000) }
            expect(try studio.post("/run/stop", "run=new").status, is: 303)
            for _ in 0..<600 where !FileManager.default.fileExists(atPath: heard) { usleep(50_000) }
            #expect(FileManager.default.fileExists(atPath: heard))
        }
    }

    @Test("A lock's note alone does not have a process stopped")
    func stoppingOthers() async throws {
        let runs = try TemporaryRuns()
        let folder = try runs.record("a", steps: 3, of: 100)
        let lock = try RunLock(folder)
        defer { withExtendedLifetime(lock) {} }
        // A process that has nothing to do with the run.
        let bystander = Process()
        bystander.executableURL = URL(fileURLWithPath: "/bin/sleep")
        bystander.arguments = ["600"]
        // It has this process's ignored signals, and would keep who waits for the end of the output waiting.
        bystander.standardOutput = FileHandle.nullDevice
        bystander.standardError = FileHandle.nullDevice
        try bystander.run()
        defer { kill(bystander.processIdentifier, SIGKILL) }
        try Data("process \(bystander.processIdentifier) on here since now".utf8).write(to: folder.lockFile)
        try await RunningStudio.serving(runs.url) { studio in
            expect(try studio.post("/run/stop", "run=a").status, is: 409)
        }
        #expect(bystander.isRunning)
    }
}
