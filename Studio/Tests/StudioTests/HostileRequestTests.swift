import Foundation
import Testing
import Training

@testable import Studio

/// Requests of people and pages that mean harm, or of programs that make mistakes.
@Suite struct HostileRequestTests {
    @Test("A name that is no loopback one is refused: no page of another site gets in by pointing its name here")
    func hosts() async throws {
        let runs = try TemporaryRuns()
        try await RunningStudio.serving(runs.url) { studio in
            for host in [
                "evil.example:\(studio.port)", "evil.example", "127.0.0.1:1", "127.0.0.1",
                "localhost.evil:\(studio.port)", "",
            ] {
                expect(try studio.get("/", ["Host": host]).status, is: 421, "\(host)")
            }
            for host in ["127.0.0.1", "localhost", "LOCALHOST", "[::1]"] {
                expect(try studio.get("/", ["Host": "\(host):\(studio.port)"]).status, is: 200, "\(host)")
            }
        }
    }

    @Test("What another site's page sends is refused, what a person follows a link for is not")
    func origins() async throws {
        let runs = try TemporaryRuns()
        try await RunningStudio.serving(runs.url) { studio in
            let own = "http://127.0.0.1:\(studio.port)"
            expect(try studio.get("/", ["Origin": "https://evil.example"]).status, is: 403)
            expect(try studio.get("/", ["Origin": "null"]).status, is: 403)
            expect(try studio.get("/", ["Origin": own]).status, is: 200)
            expect(
                try studio.get("/runs.json", ["Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"]).status,
                is: 403)
            expect(
                try studio.get("/runs.json", ["Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "cors"]).status, is: 403)
            expect(try studio.get("/", ["Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"]).status, is: 200)
            expect(try studio.post("/run/stop", "run=a", ["Origin": ""]).status, is: 403)
            expect(try studio.post("/run/stop", "run=a", ["Origin": "https://evil.example"]).status, is: 403)
            expect(
                try studio.post("/train", "name=a", ["Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"])
                    .status, is: 403)
        }
        #expect(!FileManager.default.fileExists(atPath: runs.url.appendingPathComponent("a").path))
    }

    @Test("No name leads out of the runs folder, not even through a link")
    func paths() async throws {
        let outside = try TemporaryRuns()
        try outside.record("secret", steps: 3, of: 3)
        let runs = try TemporaryRuns()
        try runs.record("honest", steps: 3, of: 3)
        let links = FileManager.default
        let secret = outside.url.appendingPathComponent("secret").path
        try links.createSymbolicLink(atPath: runs.url.path + "/linked", withDestinationPath: secret)
        // A run whose parts lie elsewhere.
        for part in ["metrics.jsonl", "evaluation.json", "checkpoints", "samples"] {
            let folder = try runs.record("part-" + part.replacing(".", with: "-"), steps: 3, of: 3)
            let place = folder.url.appendingPathComponent(part)
            try? links.removeItem(at: place)
            try links.createSymbolicLink(atPath: place.path, withDestinationPath: secret + "/" + part)
        }
        let configuration = runs.url.appendingPathComponent("configured")
        try links.createDirectory(at: configuration, withIntermediateDirectories: true)
        try links.createSymbolicLink(
            atPath: configuration.path + "/config.json", withDestinationPath: secret + "/config.json")
        let picture = runs.url.appendingPathComponent("honest/samples/step-7.png").path
        try links.createSymbolicLink(atPath: picture, withDestinationPath: "/etc/passwd")
        let name = outside.url.lastPathComponent
        try await RunningStudio.serving(runs.url) { studio in
            expect(try studio.get("/run?run=honest").status, is: 200)
            let hostile = [
                "../\(name)/secret", "..%2F\(name)%2Fsecret", "%2e%2e/\(name)/secret", "honest/../honest", "/etc",
                "//etc",
                secret, "linked", "configured", "part-metrics-jsonl", "part-evaluation-json", "part-checkpoints",
                "part-samples", ".", "..", "",
                "honest/", "honest%00", "honest%0a", ".hidden", "-rf", "a/b/c/d", String(repeating: "a", count: 600),
                "%ff",
                "honest%5c..%5c..", "%",
            ]
            for name in hostile {
                for view in [
                    "run", "sample", "inside", "run/events", "sample/events", "picture", "compare", "sample/file",
                    "inside/image", "inside/plane", "compare/report",
                ] {
                    let answer = try studio.get("/\(view)?run=\(name)")
                    #expect(
                        [400, 403, 404].contains(answer.status) || (view == "compare" && name.isEmpty),
                        "\(view) \(name) \(answer)")
                    #expect(!answer.body.contains("secret/"), "\(view) \(name)")
                }
            }
            expect(try studio.get("/picture?run=honest&step=7").status, is: 404)
            expect(try studio.get("/report?of=..").status, is: 400)
            for file in ["..%2f..%2fetc%2fpasswd", "../Studio.swift", "%2e%2e%2fstudio.css", "nothing.js"] {
                expect(try studio.get("/assets/\(file)").status, is: 404, "\(file)")
            }
            let list = try studio.get("/runs.json").body
            #expect(list.contains("honest") && !list.contains("linked") && !list.contains("configured"))
        }
    }

    @Test("Numbers out of range, unknown names and torn queries are refused with a sentence")
    func numbers() async throws {
        let runs = try TemporaryRuns()
        try runs.record("a", steps: 3, of: 9)
        try await RunningStudio.serving(runs.url) { studio in
            let bad = [
                "count=0", "count=65", "count=1e9", "count=-1", "steps=0", "steps=1001", "steps=x",
                "steps=99999999999999999999",
                "guidance=nan", "guidance=inf", "guidance=1e300", "seed=-1", "seed=18446744073709551616", "label=10",
                "label=-1",
                "label=1,,2", "solver=rk9", "weights=none", "frames=0", "frames=101", "vary=nothing&values=1",
                "vary=guidance",
                "vary=guidance&values=1,2,3,4,5,6,7", "checkpoint=x", "checkpoint=-1", "guidance_kind=autoguidance",
                "look=maybe",
                "image=AAAA", "image=%%%", "label=" + String(repeating: "1,", count: 80),
            ]
            for query in bad {
                let answer = try studio.get("/sample/events?run=a&\(query)", ["Accept": "application/json"])
                #expect(answer.status == 400, "\(query): \(answer)")
                #expect(answer.body.hasPrefix("{\"error\":"), "\(query): \(answer)")
            }
            expect(try studio.get("/sample/events?run=a").status, is: 404)
            let many = (0..<3000).map { "a\($0)=1" }.joined(separator: "&")
            expect(try studio.get("/run?\(many)").status, is: 400)
            expect(try studio.get("/nothing").status, is: 404)
            let host = "Host: 127.0.0.1:\(studio.port)\r\nConnection: close\r\n\r\n"
            expect(try studio.exchange("DELETE / HTTP/1.1\r\n\(host)").status, is: 405)
            let tooMany = (0..<13).map { _ in "run=a" }.joined(separator: "&")
            expect(try studio.get("/compare?\(tooMany)").status, is: 400)
        }
    }

    @Test("A body that is larger than any form, and what is no HTTP, are refused, and the server goes on")
    func bodies() async throws {
        let runs = try TemporaryRuns()
        try await RunningStudio.serving(runs.url) { studio in
            let huge = String(repeating: "a", count: 1 << 20)
            expect(try studio.post("/train", huge).status, is: 413)
            let endless = try studio.post("/train", "name=x", ["Content-Length": "99999999999999999999"])
            #expect([400, 413].contains(endless.status))
            let header = try studio.get("/", ["X-Long": String(repeating: "a", count: 1 << 18)])
            #expect(header.status != 200)
            expect(try studio.exchange("nonsense\r\n\r\n").status == 200, is: false)
            expect(try studio.exchange("\u{16}\u{3}\u{1}\r\n\r\n").status == 200, is: false)
            expect(try studio.get("/").status, is: 200)
        }
    }

    @Test("What runs are called is text in a page, never markup")
    func names() async throws {
        let runs = try TemporaryRuns()
        let name = "<img src=x onerror=alert(1)>"
        try runs.record(name, steps: 3, of: 9)
        try await RunningStudio.serving(runs.url) { studio in
            for path in [
                "/", "/run?run=\(name.inQuery)", "/sample?run=\(name.inQuery)", "/compare?run=\(name.inQuery)",
                "/compare",
            ] {
                let answer = try studio.get(path)
                #expect(answer.status == 200 && !answer.body.contains("<img src=x"), "\(path)")
                #expect(answer.body.contains("&lt;img src=x"), "\(path)")
            }
        }
    }

    @Test("Every answer forbids what is not the studio's own, refusals too")
    func headers() async throws {
        let runs = try TemporaryRuns()
        try await RunningStudio.serving(runs.url) { studio in
            for path in ["/", "/nothing", "/assets/studio.css", "/runs.json", "/run?run=.."] {
                let answer = try studio.get(path)
                let policy = answer.header("Content-Security-Policy") ?? ""
                #expect(policy.contains("default-src 'none'") && !policy.contains("unsafe-inline"), "\(path)")
                #expect(
                    answer.header("X-Content-Type-Options") == "nosniff" && answer.header("X-Frame-Options") == "DENY")
            }
            expect(try studio.get("/").body.contains("style="), is: false)
        }
    }

    @Test("Beyond this machine nobody is let in without the token, and with it once for all")
    func tokens() async throws {
        let runs = try TemporaryRuns()
        try await RunningStudio.serving(runs.url, host: "0.0.0.0") { studio in
            let token = studio.address.split(separator: "=").last.map(String.init) ?? ""
            #expect(token.count == 32)
            expect(try studio.get("/").status, is: 401)
            expect(try studio.get("/?token=\(String(token.reversed()))x").status, is: 401)
            expect(
                try studio.get("/", ["Cookie": "flowmatch_studio=\(String(repeating: "0", count: 32))"]).status, is: 401
            )
            expect(try studio.post("/train", "name=a").status, is: 401)
            let welcome = try studio.get("/?token=\(token)")
            let cookie = welcome.header("Set-Cookie") ?? ""
            #expect(welcome.status == 303 && cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"))
            let pair = String(cookie.split(separator: ";").first ?? "")
            expect(try studio.get("/", ["Cookie": pair]).status, is: 200)
            expect(try studio.get("/", ["Cookie": pair, "Origin": "https://evil.example"]).status, is: 403)
        }
    }
}
