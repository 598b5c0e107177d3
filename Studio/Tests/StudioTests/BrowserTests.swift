import Compute
import Foundation
import Testing
import Training

@testable import Studio

/// What a person sees and does, in a real browser.
@Suite(
    .enabled(
        if: Browser.program != nil || Browser.isRequired, "there is no chromium: install Debian's package chromium"),
    .enabled(if: FileManager.default.fileExists(atPath: SetUpFolder.path + "/plugins"), "needs `make setup`"),
    .serialized)
struct BrowserTests {
    private static let pages = [
        "/", "/train", "/compare", "/run?run=tiny", "/sample?run=tiny", "/inside?run=tiny", "/compare?run=tiny",
    ]

    @Test("Every page loads without a complaint and fits its window, on a desk and on a phone, by day and by night")
    func everyPage() async throws {
        let runs = try await TrainedRun.runs
        try await RunningStudio.serving(runs) { studio in
            let browser = try Browser()
            for path in BrowserTests.pages {
                for (width, dark) in [(1280, false), (390, true), (390, false), (1280, true)] {
                    try browser.show(width: width, dark: dark)
                    try browser.go("http://127.0.0.1:\(studio.port)\(path)")
                    if path.contains("sample") {
                        try browser.wait("document.querySelector('#command').textContent !== ''")
                    }
                    if path.contains("inside") {
                        try browser.wait("document.querySelector('#status').textContent !== ''")
                    }
                    if path.contains("/run?") { try browser.wait("document.querySelector('.plot .tick') !== null") }
                    #expect(browser.complaints() == [], "\(path) at \(width)")
                    let spread = try browser.evaluate("document.documentElement.scrollWidth") as? Int ?? 0
                    #expect(spread <= width, "\(path) at \(width)")
                    let ground = try browser.text("getComputedStyle(document.body).backgroundColor")
                    #expect(ground == (dark ? "rgb(20, 22, 26)" : "rgb(252, 252, 251)"))
                }
            }
        }
    }

    @Test("A slider that is moved changes the picture, and two rows of one noise begin alike and end apart")
    func slider() async throws {
        let runs = try await TrainedRun.runs
        try await RunningStudio.serving(runs) { studio in
            let browser = try Browser()
            try browser.show(width: 1280, dark: false)
            try browser.go("http://127.0.0.1:\(studio.port)/sample?run=tiny")
            let picture = "[...document.querySelectorAll('#rows canvas')].map(canvas => canvas.toDataURL()).join()"
            let kinds = "new Set([...document.querySelectorAll('#rows canvas')].map(c => c.toDataURL())).size"
            let isDone = "document.querySelector('#command').textContent.includes"
            try browser.wait("\(isDone)('--guidance 3 ')")
            let before = try browser.text(picture)
            let move = { (name: String, value: String) in
                _ = try browser.evaluate(
                    "(() => { const input = document.querySelector('#controls').elements['\(name)']; input.value = '\(value)';"
                        + "input.dispatchEvent(new Event('input', { bubbles: true })); return true; })()")
            }
            try move("guidance", "8")
            try browser.wait("\(isDone)('--guidance 8 ')")
            let after = try browser.text(picture)
            #expect(before != after && !after.isEmpty)
            // Back along time, to the noise that both began with.
            try browser.wait("document.querySelector('#time').value === document.querySelector('#time').max")
            let scrub =
                "(() => { const time = document.querySelector('#time'); time.value = 0;"
                + "time.dispatchEvent(new Event('input')); return true; })()"
            _ = try browser.evaluate(scrub)
            let noise = try browser.text(picture)
            #expect(noise != after)
            expect(try browser.text("document.querySelector('#time-text').textContent"), is: "t = 0.00")
            _ = try browser.evaluate(
                "(() => { const vary = document.querySelector('#vary'); vary.value = 'guidance';"
                    + "vary.dispatchEvent(new Event('change')); return true; })()")
            try browser.wait(
                "document.querySelectorAll('#rows canvas').length === 3 && document.querySelector('#command').textContent.split('\\n').length === 3"
            )
            expect(try browser.evaluate(kinds) as? Int, is: 3)
            _ = try browser.evaluate(scrub)
            expect(try browser.evaluate(kinds) as? Int, is: 1)
            #expect(browser.complaints() == [])
        }
    }

    @Test("A drawing is noised and flows on")
    func pad() async throws {
        let runs = try await TrainedRun.runs
        try await RunningStudio.serving(runs) { studio in
            let browser = try Browser()
            try browser.show(width: 1280, dark: true)
            try browser.go("http://127.0.0.1:\(studio.port)/inside?run=tiny")
            try browser.wait("document.querySelector('#status').textContent.includes('evaluations')")
            let blank = try browser.text("document.querySelector('#flowed').toDataURL()")
            // By the keyboard alone: right, right, space.
            _ = try browser.evaluate("document.querySelector('#pad').focus()")
            for key in ["ArrowRight", "ArrowDown"] { try browser.press(key) }
            _ = try browser.evaluate(
                "document.querySelector('#pad').dispatchEvent(new KeyboardEvent('keydown', { key: ' ' }))")
            try browser.wait("document.querySelector('#flowed').toDataURL() !== '\(blank)'")
            #expect(browser.complaints() == [])
        }
    }

    @Test(
        "An image is followed to its noise and comes back under another label; noises are drawn between; arrows are drawn"
    )
    func inside() async throws {
        let runs = try await TrainedRun.runs
        try await RunningStudio.serving(runs) { studio in
            let browser = try Browser()
            try browser.show(width: 1280, dark: false)
            try browser.go("http://127.0.0.1:\(studio.port)/inside?run=tiny")
            try browser.wait("document.querySelector('#status').textContent.includes('evaluations')")
            let find = { (id: String) in "document.querySelector('#\(id)')" }
            _ = try browser.evaluate("\(find("follow-test")).click()")
            try browser.wait("\(find("again")).dataset.done?.startsWith('0 ')")
            let picture = "\(find("again")).toDataURL()"
            let before = try browser.text(picture)
            _ = try browser.evaluate("document.querySelector('input[name=label][value=\"4\"]').click()")
            try browser.wait("\(find("again")).dataset.done?.startsWith('4 ')")
            #expect(try browser.text(picture) != before)
            // From the seed to what was found.
            let kinds = try browser.evaluate("\(find("second-kind")).options.length") as? Int
            #expect(kinds == 2)
            _ = try browser.evaluate("\(find("second-kind")).selectedIndex = 1; \(find("draw-between")).click()")
            try browser.wait("\(find("row")).dataset.done !== undefined")
            let one = "\(find("one")).toDataURL()"
            let middle = try browser.text(one)
            _ = try browser.evaluate(
                "\(find("share")).value = 0; \(find("share")).dispatchEvent(new Event('input'))")
            #expect(try browser.text(one) != middle)
            expect(try browser.text("\(find("share-text")).textContent"), is: "0.00")
            _ = try browser.evaluate("\(find("plane-part")).open = true")
            try browser.wait("\(find("plane")).dataset.done === '13'")
            #expect(try browser.text("\(find("plane-text")).textContent").contains("The plane through the noise"))
            _ = try browser.evaluate("\(find("ask-opinion")).click()")
            try browser.wait("document.querySelectorAll('#opinion meter').length === 10")
            _ = try browser.evaluate("\(find("ask-likelihood")).click()")
            try browser.wait("\(find("likelihood")).textContent.includes('bits/dim of the image at t = 1.00')")
            #expect(browser.complaints() == [])
        }
    }

    @Test("A comparison moves while a run in it is trained, and so does its report")
    func comparison() async throws {
        let runs = try TemporaryRuns()
        let folder = try runs.record("a", steps: 20, of: 100)
        nonisolated(unsafe) let writer = runs
        let lock = try RunLock(folder)
        defer { withExtendedLifetime(lock) {} }
        try await RunningStudio.serving(runs.url) { studio in
            let browser = try Browser()
            try browser.go("http://127.0.0.1:\(studio.port)/compare?run=a")
            #expect(try browser.text("document.querySelector('#comparison').textContent").contains("20 / 100"))
            try writer.append(21...60, to: folder)
            try browser.wait("document.querySelector('#comparison').textContent.includes('60 / 100')")
            #expect(browser.complaints() == [])
            try browser.go("http://127.0.0.1:\(studio.port)/compare/report?run=a")
            #expect(try browser.text("document.body.textContent").contains("60"))
            try writer.append(61...77, to: folder)
            try browser.wait("document.body.textContent.includes('77')")
            #expect(browser.complaints() == [])
        }
    }

    @Test("The curve of a run moves while it is trained")
    func live() async throws {
        let runs = try TemporaryRuns()
        let folder = try runs.record("a", steps: 20, of: 100)
        nonisolated(unsafe) let writer = runs
        try await RunningStudio.serving(runs.url) { studio in
            let browser = try Browser()
            try browser.go("http://127.0.0.1:\(studio.port)/run?run=a")
            let curve =
                "document.querySelector('[data-chart=loss] .plot:has(.tick) path.line')?.getAttribute('d') ?? ''"
            try browser.wait("(\(curve)) !== ''")
            let before = try browser.text(curve)
            try writer.append(21...60, to: folder)
            try browser.wait("document.querySelector('#step').textContent === '60' && (\(curve)) !== '\(before)'")
            #expect(browser.complaints() == [])
        }
    }

    @Test(
        "The keyboard alone reaches everything that can be used",
        arguments: ["/", "/sample?run=tiny", "/run?run=tiny", "/inside?run=tiny"])
    func keyboard(_ path: String) async throws {
        let runs = try await TrainedRun.runs
        try await RunningStudio.serving(runs) { studio in
            let browser = try Browser()
            try browser.show(width: 1280, dark: false)
            try browser.go("http://127.0.0.1:\(studio.port)\(path)")
            // Of a group of radio buttons, the arrow keys reach the others.
            let all =
                try browser.evaluate(
                    """
                    (() => {
                      window.seen = new Set();
                      window.wanted = [...document.querySelectorAll('a[href], button, input, select, summary')].filter(item =>
                        item.checkVisibility() && !item.disabled && item.type !== 'hidden'
                        && (item.type !== 'radio' || item.checked));
                      return window.wanted.length;
                    })()
                    """) as? Int ?? 0
            #expect(all > 5)
            for _ in 0..<(all + 15) {
                try browser.press("Tab")
                _ = try browser.evaluate("window.seen.add(document.activeElement) && true")
            }
            let missed = try browser.text(
                "window.wanted.filter(item => item.isConnected && !window.seen.has(item)).map(item => item.outerHTML).join('\\n')"
            )
            #expect(missed == "")
        }
    }
}
