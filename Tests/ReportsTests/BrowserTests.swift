import Foundation
import Testing

@testable import Reports

/// A browser that can be run without a screen.
enum Browser {
    static let path: String? = {
        let folders = ProcessInfo.processInfo.environment["PATH"]?.split(separator: ":") ?? []
        for name in ["chromium", "chromium-browser", "google-chrome"] {
            for folder in folders {
                let path = "\(folder)/\(name)"
                if FileManager.default.isExecutableFile(atPath: path) { return path }
            }
        }
        return nil
    }()
}

@Suite(.enabled(if: Browser.path != nil, "no chromium, chromium-browser or google-chrome on PATH"))
struct BrowserTests {
    /// Opens the page `width` pixels wide, inside a frame, and returns what a probe in it reports.
    ///
    /// The report's own policy lets in its script alone; the copy under test has a policy that lets in the probe, too.
    ///
    /// - Parameter finding: an expression of JavaScript, an object
    private func probe(_ page: String, width: Int, _ finding: String) throws -> String {
        let browser = try #require(Browser.path)
        let folder = StudyFixture.temporaryFolder()
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let script = """
            <script>
            const violations = [];
            document.addEventListener('securitypolicyviolation', event => violations.push(event.violatedDirective));
            window.addEventListener('error', event => violations.push(event.message), true);
            window.addEventListener('load', () => {
                const every = selector => [...document.querySelectorAll(selector)];
                const finding = \(finding);
                parent.postMessage(JSON.stringify(finding), '*');
            });
            </script>
            """
        let start = "<meta charset=\"utf-8\">"
        let probed = page.replacingOccurrences(of: start, with: start + script)
            .replacingOccurrences(of: HTMLScript.policy, with: "'unsafe-inline'")
        try probed.write(to: folder.appendingPathComponent("page.html"), atomically: true, encoding: .utf8)
        let frame = """
            <!DOCTYPE html><script>addEventListener('message', event => {
                document.getElementById('result').textContent = 'RESULT' + event.data + 'END';
            });</script><pre id="result"></pre>
            <iframe src="page.html" style="width:\(width)px;height:900px;border:0"></iframe>
            """
        let frameFile = folder.appendingPathComponent("frame.html")
        try frame.write(to: frameFile, atomically: true, encoding: .utf8)

        let process = Process()
        process.executableURL = URL(fileURLWithPath: browser)
        process.arguments = [
            "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-extensions",
            "--user-data-dir=\(folder.path)/profile", "--virtual-time-budget=5000", "--dump-dom",
            "--enable-logging=stderr", frameFile.absoluteString,
        ]
        let output = folder.appendingPathComponent("output")
        let log = folder.appendingPathComponent("log")
        for file in [output, log] { try Data().write(to: file) }
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardError = try FileHandle(forWritingTo: log)
        try process.run()
        process.waitUntilExit()
        let messages = try String(decoding: Data(contentsOf: log), as: UTF8.self).split(separator: "\n")
        #expect(messages.filter { $0.contains("CONSOLE") } == [])
        let document = try String(decoding: Data(contentsOf: output), as: UTF8.self)
        let result = try #require(document.firstMatch(of: /RESULT(.*?)END<\/pre>/), "the page did not load")
        return String(result.output.1)
    }

    @Test(arguments: [320, 1_280]) func thePageIsWhole(width: Int) throws {
        let (study, images) = try StudyFixture.full(steps: 1_000)
        let result = try probe(
            HTMLReport.render(study, images: images), width: width,
            """
            {
                pictures: document.images.length,
                broken: every('img').filter(picture => !picture.complete || picture.naturalWidth === 0).length,
                shown: every('svg').filter(chart => chart.checkVisibility()).length, violations,
                overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
            }
            """)
        #expect(
            result == #"{"pictures":6,"broken":0,"shown":6,"violations":[],"overflow":0}"#, "at \(width) pixels")
    }

    @Test func theRunsAreSortedAndFiltered() throws {
        let page = try HTMLReport.render(StudyFixture.seeds().study, images: ReportImages())
        let result = try probe(
            page, width: 390,
            """
            (() => {
                const head = every('#runs thead th')[3], select = every('#filter select')[0];
                const values = () => every('#runs tbody tr:not([hidden])').map(row => row.cells[3].textContent).join(' ');
                const lines = () => every('[data-tag]').filter(line => line.style.display !== 'none').length;
                const result = [every('#filter output')[0].value, values(), lines() > 0];
                const before = lines();
                for (const _ of [1, 2]) {
                    head.querySelector('button').click();
                    result.push(head.getAttribute('aria-sort'), values());
                }
                select.value = 'UNet';
                select.dispatchEvent(new Event('input'));
                result.push(every('#filter output')[0].value, values(), lines() < before);
                return { result, violations,
                    overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth };
            })()
            """)
        let expected = """
            {"result":["6 of 6 shown","10.00 12.00 14.00 20.00 22.00 –",true,"ascending","10.00 12.00 14.00 20.00 22.00 –",\
            "descending","22.00 20.00 14.00 12.00 10.00 –","3 of 6 shown","14.00 12.00 10.00",true],"violations":[],"overflow":0}
            """
        #expect(result == expected)
    }
}
