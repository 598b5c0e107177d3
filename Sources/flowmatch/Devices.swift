import ArgumentParser

struct Devices: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List every plugin found and its devices.")

    func run() throws {}
}
