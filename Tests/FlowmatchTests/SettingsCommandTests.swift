import Formats
import Foundation
import TestSupport
import Testing

@Suite("Settings at the command line", .needsPlugin)
struct SettingsCommandTests {
    @Test("Everything that is wrong is told in one run, with what was meant, and nothing is begun")
    func allProblems() throws {
        let scratch = try Scratch()
        let outcome = try CommandLineProgram.run(
            ["train", "--set", "optimiser.learning_rat=1", "--set", "path=cosin", "--batch-size", "-3", "--out", "x"],
            in: scratch.url)
        expectRefusal(
            outcome, "3 settings are wrong", "there is no setting 'optimiser.learning_rat' (--set)",
            "did you mean 'optimizer.learning_rate'?", "path is 'cosin' (--set)", "did you mean 'cosine'?",
            "training.batch_size is '-3' (--batch-size), but it must be an integer of 1 or more")
        #expect(scratch.files("x").isEmpty)
        let more = try CommandLineProgram.run(
            ["train", "--set", "steps", "--steps", "0", "--out", "x"], in: scratch.url)
        expectRefusal(
            more, "2 settings are wrong", "'steps' (--set) is no setting; write KEY=VALUE", "training.steps is '0'")
    }

    @Test("The manual lists each group, and of one slot each kind with its own settings")
    func manual() throws {
        let all = try CommandLineProgram.run(["settings"])
        #expect(all.status == 0)
        for words in [
            "path: How noise becomes data", "solver = euler", "training.batch_size = 250 images",
            "Images a step, drawn without repeats. An integer of 1 or more.", "optimizer.learning_rate = 0.001",
            "May change when a run is resumed.",
        ] {
            #expect(all.output.contains(words), "\(words)")
        }
        let solver = try CommandLineProgram.run(["settings", "solver"])
        #expect(solver.status == 0 && solver.output.contains("solver=euler: Euler's method"))
        #expect(!solver.output.contains("optimizer"))
        let optimizer = try CommandLineProgram.run(["settings", "optimizer"])
        #expect(optimizer.output.contains("optimizer=sgd") && optimizer.output.contains("optimizer.momentum = 0.9"))
        expectRefusal(try CommandLineProgram.run(["settings", "nonsense"]), "nonsense", "one of model, data,")
        expectRefusal(try CommandLineProgram.run(["settings", "solvr"]), "did you mean 'solver'?")
    }

    @Test("For tools the manual is JSON; of each knob, --set takes the key and its default")
    func json() throws {
        struct Manual: Decodable {
            struct Knob: Decodable {
                let key: String
                let defaultValue: Value
                let rule, summary, role: String
                let mayChangeOnResume: Bool
            }
            struct Kind: Decodable {
                let name: String
                let knobs: [Knob]
            }
            struct Section: Decodable {
                let name: String
                let kinds: [Kind]
                let knobs: [Knob]
            }
            let sections: [Section]
        }
        func read(_ arguments: String...) throws -> Manual {
            let decoder = JSONDecoder()
            decoder.keyDecodingStrategy = .convertFromSnakeCase
            let text = try CommandLineProgram.run(["settings", "--json"] + arguments).output
            return try decoder.decode(Manual.self, from: Data(text.utf8))
        }
        let manual = try read()
        #expect(manual.sections.map(\.name).contains("solver") && manual.sections.map(\.name).contains("sampling"))
        var assignments: [String] = []
        for section in manual.sections {
            assignments += section.knobs.map { "\($0.key)=\($0.defaultValue.text)" }
            guard let kind = section.kinds.first else { continue }
            assignments += ["\(section.name)=\(kind.name)"] + kind.knobs.map { "\($0.key)=\($0.defaultValue.text)" }
        }
        #expect(assignments.count > 40)
        let info = try CommandLineProgram.run(["info"] + assignments.flatMap { ["--set", $0] })
        #expect(info.status == 0 && info.output.contains("parameters"), "\(info.errors)")
        #expect(try read("solver").sections.map(\.name) == ["solver"])
    }

    /// A default of any type, as it is typed.
    private struct Value: Decodable {
        let text: String

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let flag = try? container.decode(Bool.self) {
                text = "\(flag)"
            } else if let integer = try? container.decode(Int.self) {
                text = "\(integer)"
            } else if let number = try? container.decode(Double.self) {
                text = "\(number)"
            } else if let list = try? container.decode([Int].self) {
                text = list.map(String.init).joined(separator: ",")
            } else if let list = try? container.decode([Double].self) {
                text = list.map { "\($0)" }.joined(separator: ",")
            } else {
                text = try container.decode(String.self)
            }
        }
    }

    @Test("Defaults give way to a file, and the file to flags")
    func precedence() throws {
        let scratch = try Scratch()
        let file = scratch.path("small.json")
        try Data(#"{"model": {"kind": "dit", "depth": 2, "hidden_dim": 32, "num_heads": 2}}"#.utf8)
            .write(to: URL(fileURLWithPath: file))
        func info(_ more: String...) throws -> String {
            let outcome = try CommandLineProgram.run(["info", "--config", file] + more)
            #expect(outcome.status == 0, "\(outcome.errors)")
            return outcome.output
        }
        let plain = try info()
        #expect(plain.contains("DiT") && plain.contains("model.depth=2\n") && plain.contains("model.num_classes=10\n"))
        let changed = try info("--set", "model.depth=1")
        #expect(changed.contains("model.depth=1\n") && changed.contains("model.hidden_dim=32\n"))
        // Another network begins with its own defaults.
        #expect(try info("--model", "mamba").contains("Mamba: 4,233,360 parameters"))
    }

    @Test("A file that is missing, no configuration or wrong is named, with what is wrong")
    func badFiles() throws {
        let scratch = try Scratch()
        let file = scratch.path("bad.json")
        expectRefusal(try CommandLineProgram.run(["info", "--config", file]), status: 64, file, "cannot be read")
        for (text, words) in [
            ("{", "is no configuration"), ("[1]", "is no configuration"),
            (#"{"modl": {"kind": "dit"}}"#, "there is no setting 'modl'"),
            (#"{"model": {"kind": "dit", "depth": 0}}"#, "model.depth is '0'"),
            (#"{"path": "linear", "path.kind": 3}"#, "path.kind"),
        ] {
            try Data(text.utf8).write(to: URL(fileURLWithPath: file))
            expectRefusal(try CommandLineProgram.run(["info", "--config", file]), file, words)
        }
    }

    @Test("Each kind of data is reached by its name or its path, and MNIST's folder by the setting or the environment")
    func data() throws {
        let scratch = try Scratch()
        func data(_ arguments: String..., environment: [String: String] = [:]) throws -> CommandLineProgram.Outcome {
            try CommandLineProgram.run(["data"] + arguments, environment: environment, in: scratch.url)
        }
        let folder = "data.folder=\(scratch.url.path)"
        for (arguments, title) in [
            (["fashion-mnist", "--set", folder], "Fashion-MNIST"), (["--set", "data=mnist", "--set", folder], "MNIST"),
            ([scratch.url.path, "--sheet", "sheet.png"], "IDX files of"),
        ] {
            let outcome = try CommandLineProgram.run(["data"] + arguments, in: scratch.url)
            #expect(outcome.status == 0 && outcome.output.hasPrefix(title), "\(outcome.errors)")
            #expect(outcome.output.contains("train: 40 gray images of 28 x 28"))
        }
        #expect(try PNG.decode([UInt8](Data(contentsOf: scratch.file("sheet.png")))).width > 0)
        let environment = ["FLOWMATCH_DATA": scratch.url.path]
        #expect(try data("mnist", environment: environment).output.hasPrefix("MNIST"))
        #expect(try data(environment: environment).output.contains("in \(scratch.url.path)"))
        expectRefusal(try data("fashion-mnist", environment: environment), "make setup-fashion")
        expectRefusal(try data("mnist", "--data", "mnist"), status: 64, "once")
        expectRefusal(try data("absent/folder"), "absent/folder", "is no folder")
        expectRefusal(try data("mnist", "--set", folder, "--skip-unreadable"), "data.skip_unreadable")
        expectRefusal(try data("--data", "cifar"), "data is 'cifar' (--data)", "one of mnist, fashion-mnist, folder")
        expectRefusal(try data("--set", "data=idx"), "data.folder")
    }
}
