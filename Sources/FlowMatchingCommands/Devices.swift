import ArgumentParser
import Compute
import PJRT

struct Devices: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List every plugin found, its API version, platform and devices.",
        discussion: """
            Plugins are looked for in this order: --plugin, $PJRT_PLUGIN_LIBRARY_PATH, the folder that `make setup` \
            fills (a CPU's first), the packages of the active virtual environment's or the path's first python3 \
            (jax_plugins). The first is the one other commands use unless --device names another platform.
            """)

    @Option(help: "A PJRT plugin, a shared library.")
    var plugin: String?

    func run() throws {
        let candidates = try PluginLocator(explicitPath: plugin, setUpFolder: SetUpFolder.path).candidates()
        guard !candidates.isEmpty else { throw NoPlugin() }
        var failure: (any Error)?
        for (index, candidate) in candidates.enumerated() {
            try Terminal.print("\(index == 0 ? "*" : " ") \(candidate.path)  (\(candidate.origin))")
            do {
                for line in try PluginSummary(path: candidate.path).lines { try Terminal.print("    \(line)") }
            } catch {
                if index == 0 { failure = error }
                try Terminal.print("    cannot be used: \(error)")
            }
        }
        if let failure { throw failure }
    }
}
