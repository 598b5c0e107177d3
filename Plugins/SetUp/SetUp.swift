import Foundation
import PackagePlugin

/// `swift package set-up`: fetches plugin, libraries and data into `.setup` of the package that depends on this one.
@main
struct SetUp: CommandPlugin {
    func performCommand(context: PluginContext, arguments: [String]) throws {
        let own = context.package.dependencies.map(\.package).first { $0.displayName == "swift-flow-matching" }
        let scripts = (own ?? context.package).directoryURL.appending(path: "Scripts")
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["bash", scripts.appending(path: "setup.sh").path(percentEncoded: false)]
        process.environment = ProcessInfo.processInfo.environment.merging(
            ["FLOWMATCH_SETUP": context.package.directoryURL.appending(path: ".setup").path(percentEncoded: false)]
        ) { $1 }
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw SetUpFailed(status: process.terminationStatus) }
    }
}

struct SetUpFailed: Error, CustomStringConvertible {
    let status: Int32

    var description: String { "the set-up ended with \(status), for the reason above" }
}
