import Experiments
import Foundation
import Settings
import Testing
import Training

/// What may change when a run goes on. Nothing is trained here.
struct ResumeRuleTests {
    /// Another possible value of a setting, as typed.
    private func other(_ setting: FlatSetting, in configuration: RunConfiguration) throws -> String {
        let candidates: [String]
        switch setting.value {
        case .flag(let value): candidates = ["\(!value)"]
        case .integer(let value): candidates = ["\(value * 2)", "\(value + 1)", "\(value + 2)"]
        case .number(let value): candidates = ["\(value / 2)", "0.5", "0.25"]
        case .text where !setting.declaration.choices.isEmpty: candidates = setting.declaration.choices
        case .text(let value): candidates = [value + "elsewhere"]
        case .list, .natural, .typed: candidates = ["8,16", "8"]
        }
        let possible = candidates.first { text in
            let changed = try? configuration.applying(assignments(["\(setting.key)=\(text)"]))
            return changed.map { $0 != configuration } ?? false
        }
        return try #require(possible, "another value of \(setting.key) than \(setting.value)")
    }

    @Test("Steps, recording, and how samples are drawn may change; all else is refused by key and both values")
    func eachSetting() throws {
        let workplace = try Workplace()
        let configuration = try workplace.configuration("training.steps=20", "schedule=cosine", "guidance=interval")
        let folder = try workplace.begun(configuration, steps: 10)
        // A slot of one kind has no other.
        let settings = configuration.flattened().filter { !($0.isKind && !$0.declaration.rule.contains(", ")) }
        #expect(settings.count > 40)
        for setting in settings {
            let key = setting.key
            let text = try other(setting, in: configuration)
            let mayChange =
                ["training.steps", "schedule.steps", "data.folder"].contains(key)
                || ["recording.", "sampling.", "guidance", "solver", "time_grid", "divergence", "likelihood."].contains
                { key.hasPrefix($0) }
            let open = { try TrainingRun(resuming: folder, changes: assignments(["\(key)=\(text)"])) }
            if mayChange {
                #expect(try open().configuration != configuration, "\(key)")
            } else {
                let error = #expect(throws: TrainingError.self, "\(key)=\(text)") { try open() }
                let words = error.map { "\($0)" } ?? ""
                let value = try configuration.applying(assignments(["\(key)=\(text)"])).value(of: key)
                let new = try #require(value).description
                #expect(words.contains("\(key): \(new), not \(setting.value)"), "\(words)")
            }
        }
    }

    @Test("Without a flag a run goes on as it was begun; flags go before its file, its file before a base")
    func precedence() throws {
        let workplace = try Workplace()
        let configuration = try workplace.configuration("training.steps=20", "training.seed=4")
        let folder = try workplace.begun(configuration, steps: 10)
        let plain = try TrainingRun(resuming: folder)
        #expect(plain.configuration == configuration && plain.stepsDone == 10)
        let base = try RunConfiguration().applying(assignments(["training.seed=5", "training.steps=7"]))
        #expect(try TrainingRun(resuming: folder, over: base).configuration == configuration)
        let longer = try TrainingRun(resuming: folder, over: base, changes: assignments(["training.steps=30"]))
        #expect(longer.configuration.training.steps == 30 && longer.configuration.training.seed == 4)
    }

    @Test("Everything that is refused is told at once")
    func several() throws {
        let workplace = try Workplace()
        let folder = try workplace.begun(workplace.configuration("training.steps=20"), steps: 10)
        let changes = try assignments(["training.seed=4", "path=cosine", "training.steps=30"])
        let error = try #require(throws: TrainingError.self) { try TrainingRun(resuming: folder, changes: changes) }
        #expect("\(error)".contains("path: cosine, not linear; training.seed: 4, not 0"))
        #expect("\(error)".contains(folder.url.relativePath) && !"\(error)".contains("training.steps"))
    }

    @Test("A run that has its steps is not resumed")
    func finished() throws {
        let workplace = try Workplace()
        let folder = try workplace.begun(workplace.configuration("training.steps=20"), steps: 20)
        #expect(throws: TrainingError.alreadyFinished(steps: 20, asked: 20)) { try TrainingRun(resuming: folder) }
        #expect(throws: TrainingError.alreadyFinished(steps: 20, asked: 9)) {
            try TrainingRun(resuming: folder, changes: assignments(["training.steps=9"]))
        }
    }

    @Test("A run of a later version is refused by that version's name")
    func laterVersion() throws {
        let workplace = try Workplace()
        let folder = try workplace.begun(workplace.configuration(), steps: 1)
        let text = try String(contentsOf: folder.configurationFile, encoding: .utf8)
        let later = text.replacing("\"format\" : 2", with: "\"format\" : 3")
            .replacing("flowmatch \(Version.current)", with: "flowmatch 9.1")
        try #require(later != text)
        try later.write(to: folder.configurationFile, atomically: true, encoding: .utf8)
        let error = try #require(throws: TrainingError.self) { try TrainingRun(resuming: folder) }
        #expect(error == .otherFormat(path: folder.configurationFile.path, program: "flowmatch 9.1"))
    }

    @Test("A new run is refused where there is one; a comparison's takes up what fits and refuses what does not")
    func existing() throws {
        let workplace = try Workplace()
        let configuration = try workplace.configuration("training.steps=20")
        let folder = try workplace.begun(configuration, steps: 10)
        #expect(throws: TrainingError.folderExists(folder.url.relativePath)) {
            try TrainingRun(new: configuration, in: folder)
        }
        #expect(try TrainingRun(configuration, in: folder).stepsDone == 10)
        for text in ["training.seed=4", "training.steps=9"] {
            let other = try configuration.applying(assignments([text]))
            let error = try #require(throws: TrainingError.self) { try TrainingRun(other, in: folder) }
            #expect("\(error)".contains(text.replacing("=", with: ": ")), "\(error)")
        }
        #expect(try TrainingRun(configuration, in: workplace.run("new")).stepsDone == 0)
        #expect(!workplace.run("new").exists)
    }
}
