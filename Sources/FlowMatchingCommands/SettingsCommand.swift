import ArgumentParser
import Foundation
import Settings
import Training

struct SettingsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "settings",
        abstract: "List everything that can be set: defaults, units, ranges, and what each is.",
        discussion: """
            Without a group, all settings with the default kind of each slot; with a group, such as `solver`, all of its \
            kinds. The keys are those of --set and of configuration files.
            """)

    @Argument(help: "A slot or group, such as path, optimizer or training.", completion: .list(Knobs.groups))
    var group: String?

    @Flag(help: "Print JSON for tools.")
    var json = false

    func run() throws {
        let manual = SettingsManual(RunConfiguration())
        guard let group else {
            try Terminal.print(json ? try manual.json() : manual.text)
            return
        }
        let section = try manual.section(group)
        try Terminal.print(json ? try SettingsManual([section]).json() : section.text(withKinds: true))
    }
}
