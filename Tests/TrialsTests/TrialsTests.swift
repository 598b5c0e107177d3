import Foundation
import TestSupport
import Testing
import Trials

@Suite("Trials", .needsPlugin, .needsCompiler)
struct TrialsTests {
    @Test("Whatever a run is disturbed by, it ends as if nothing had been")
    func nothingIsLost() throws {
        let seed = UInt64.random(in: 0..<1_000_000)
        let workshop = try Workshop(program: Self.program)
        #expect(FileOrder.mistakes(in: workshop) == [])
        let result = TrialSeries(workshop, seed: seed).run(seconds: 20)
        print("torture, seed \(seed)\n\(result.figures)")
        #expect(result.figures.tried > 0)
        for finding in result.findings { Issue.record("\(finding)") }
    }

    /// The built `flowmatch`.
    private static let program: URL = {
        let bundles = Bundle.allBundles.map(\.bundleURL) + [Bundle.main.bundleURL]
        let folders = bundles + bundles.map { $0.deletingLastPathComponent() }
        let files = folders.map { $0.appendingPathComponent("flowmatch") }
        return files.first { FileManager.default.isExecutableFile(atPath: $0.path) } ?? files[0]
    }()
}
