import Compute
import Foundation
import Testing
import Training

@testable import Studio

@Suite(.enabled(if: FileManager.default.fileExists(atPath: SetUpFolder.path + "/plugins"), "needs `make setup`"))
struct ReportTests {
    @Test(
        "The report of runs is computed from their folders as they are, asked for again while one is trained, in a sandbox"
    )
    func live() async throws {
        let runs = try TemporaryRuns()
        let folder = try runs.record("first", steps: 20, of: 100)
        try runs.record("second", steps: 60, of: 60)
        try runs.record("empty", steps: 1, of: 60)
        try Data().write(to: runs.url.appendingPathComponent("empty/metrics.jsonl"))
        nonisolated(unsafe) let writer = runs
        let lock = try RunLock(folder)
        defer { withExtendedLifetime(lock) {} }
        try await RunningStudio.serving(runs.url) { studio in
            let path = "/compare/report?run=first&run=second"
            let before = try studio.get(path)
            #expect(before.status == 200, "\(before)")
            #expect(before.header("Refresh") == "\(ComparePage.pace)")
            #expect(
                before.header("Content-Security-Policy")?.hasPrefix("sandbox allow-scripts; default-src 'none'") == true
            )
            #expect(before.body.contains("first") && before.body.contains("Held-out loss"))
            #expect(before.body.contains("<span>--runs</span>"))
            #expect(try studio.get(path).body == before.body)
            try writer.append(21...40, to: folder)
            #expect(try studio.get(path).body != before.body)
            #expect(try studio.get("/compare/report?run=second").header("Refresh") == nil)

            let page = try studio.get("/compare?run=first&run=second").body
            #expect(page.contains("<div id=\"comparison\" data-pace=\"\(ComparePage.pace)\">"))
            #expect(page.contains("/compare/report?run=first&amp;run=second"))
            #expect(!(try studio.get("/compare?run=second").body.contains("data-pace")))

            // Where nothing was recorded there is nothing to report.
            let nothing = try studio.get("/compare/report?run=empty", ["Accept": "application/json"])
            #expect(nothing.status >= 400 && nothing.body.hasPrefix("{\"error\":"), "\(nothing)")
            expect(try studio.get("/compare/report").status, is: 400)
            expect(try studio.get("/compare/report?run=..").status, is: 400)
            expect(try studio.get("/compare/report?run=none").status, is: 404)
            let tooMany = (0..<13).map { "run=a\($0)" }.joined(separator: "&")
            expect(try studio.get("/compare/report?\(tooMany)").status, is: 400)
        }
    }
}
