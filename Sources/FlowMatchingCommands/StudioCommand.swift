import ArgumentParser
import Foundation

/// Starts the studio, which is a program of its own: nobody who only trains builds a web server.
struct StudioCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "studio", abstract: "Look at runs while they learn, and draw from them, in a browser.",
        discussion: """
            Pages on this machine: runs and their curves as they are trained, images that form while one moves the sliders, \
            what the field does along the way. Built by `make studio`.
            """)

    @OptionGroup var options: StudioOptions

    /// The studio's program, beside this one or where `make studio` builds it.
    static let program = "flowmatch-studio"

    func run() throws {
        guard let own = Bundle.main.executableURL?.resolvingSymlinksInPath(),
            let program = StudioCommand.program(for: own)
        else { throw NoStudio() }
        let words = [program] + options.words
        let arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        // In place of this program, so that signals and exit code are the studio's.
        execv(program, arguments)
        throw NoStudio()
    }

    /// The studio's program for this one's.
    ///
    /// - Parameter own: where this program is, such as `.build/release/flowmatch`
    static func program(for own: URL) -> String? {
        let folder = own.deletingLastPathComponent()
        // .build/release, or .build/x86_64-unknown-linux-gnu/release that it is a link to.
        var package = folder
        while package.path != "/" && package.lastPathComponent != ".build" { package.deleteLastPathComponent() }
        let built = package.deletingLastPathComponent().appendingPathComponent("Studio/.build/release")
        return [folder, built].map { $0.appendingPathComponent(program).path }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }
}

/// The studio is not built.
struct NoStudio: Error, CustomStringConvertible {
    let description =
        "the studio is a program of its own, \(StudioCommand.program), and is not built: run `make studio` in the package's folder"
}
