import Foundation
import TestSupport
import Testing
import Training

@testable import Settings

/// What holds for every setting of a run, so that a new kind is tested by being registered.
@Suite("Settings of a run")
struct RunConfigurationLawTests {
    private static let manual = SettingsManual(RunConfiguration())

    /// Each kind of each slot as `path=linear`.
    private static let kinds = manual.sections.flatMap { section in section.kinds.map { "\(section.name)=\($0.name)" } }

    private static let knobs = manual.sections.flatMap { section in
        [section.choice].compactMap { $0 } + section.knobs + section.kinds.flatMap(\.knobs)
    }

    @Test("Every knob has one sentence, a rule and a key of its own")
    func knobs() {
        for knob in Self.knobs {
            #expect(isSentence(knob.summary), "\(knob.key): \(knob.summary)")
            #expect(!knob.rule.isEmpty && !knob.rule.hasSuffix("."), "\(knob.key)")
            #expect(!knob.defaultValue.description.contains("\n"), "\(knob.key)")
            #expect(knob.key.wholeMatch(of: /[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*/) != nil, "\(knob.key)")
        }
        for section in Self.manual.sections {
            for kind in section.kinds {
                #expect(isSentence(kind.summary), "\(kind.name)")
                #expect(Set(kind.knobs.map(\.key)).count == kind.knobs.count, "\(kind.name)")
                #expect(kind.knobs.allSatisfy { $0.key.hasPrefix(section.name + ".") }, "\(kind.name)")
            }
        }
        let plain = Self.manual.sections.flatMap { $0.knobs.map(\.key) + [$0.choice].compactMap { $0?.key } }
        #expect(Set(plain).count == plain.count)
        #expect(Set(Self.manual.sections.map(\.name)).count == Self.manual.sections.count)
    }

    private func isSentence(_ text: String) -> Bool {
        text.hasSuffix(".")
            && !text.replacing("et al. ", with: "").replacing("eq. ", with: "").dropLast().contains(". ")
    }

    @Test("Defaults are within their ranges, and of a whole possible together")
    func defaults() {
        #expect(throws: Never.self) { try RunConfiguration().validate() }
        for slot in Self.slots {
            for kind in slot.kinds {
                for case (let name, _, .setting(let setting)) in kind.members {
                    #expect(setting.replaced(by: setting.value) != nil, "\(type(of: kind).name).\(name)")
                }
            }
        }
    }

    private static var slots: [any AnySlot] {
        RunConfiguration().members.compactMap { _, _, member in
            if case .slot(let slot) = member { slot } else { nil }
        }
    }

    /// A run with a kind in its slot; settings without which the kind cannot be have some text.
    private func run(with choice: String) throws -> RunConfiguration {
        let assignment = try Assignment(text: choice, from: "test")
        do throws(SettingsError) {
            return try RunConfiguration().applying([assignment])
        } catch {
            let texts = error.problems.compactMap { problem -> Assignment? in
                guard case .value(let key, "", _, _, nil) = problem else { return nil }
                return Assignment(key, .text("somewhere"), from: "test")
            }
            try #require(texts.count == error.problems.count, "\(error)")
            return try RunConfiguration().applying([assignment] + texts)
        }
    }

    @Test("Every kind of every slot is chosen by its name, at its defaults", arguments: kinds)
    func choice(kind: String) throws {
        let parts = kind.split(separator: "=").map(String.init)
        let run = try run(with: kind)
        #expect(run.value(of: parts[0]) == .text(parts[1]))
        let defaults = try #require(Self.manual.section(parts[0]).kinds.first { $0.name == parts[1] }).knobs
        for knob in defaults where !knob.defaultValue.description.isEmpty {
            #expect(run.value(of: knob.key) == knob.defaultValue, "\(knob.key)")
        }
    }

    @Test("A file gives back what was written, whatever the settings of a kind", arguments: kinds)
    func roundTrip(kind: String) throws {
        var generator = SeededGenerator(seed: 50)
        for _ in 0..<2 {
            var run = try run(with: kind)
            // One after another, each where it is possible with the others.
            for setting in run.flattened() where !setting.isKind {
                let assignment = Assignment(setting.key, random(like: setting.value, &generator), from: "test")
                run = (try? run.applying([assignment])) ?? run
            }
            let file = try RunFile(RunFile.encoded(run), path: "config.json")
            #expect(file.configuration == run)
            #expect(file.configuration.differences(from: run).isEmpty)
            #expect(file.format == RunFile.currentFormat)
            #expect(try RunFile.encoded(file.configuration) == RunFile.encoded(run))
        }
    }

    /// Another value of the same type, mostly a possible one.
    private func random(like value: SettingValue, _ generator: inout SeededGenerator) -> SettingValue {
        switch value {
        case .flag: .flag(Bool.random(using: &generator))
        case .integer, .natural:
            [
                .integer(Int.random(in: 0...8, using: &generator) * 2),
                .integer(Int.random(in: 1...4000, using: &generator)),
                .natural(UInt64.random(in: (1 << 63)...UInt64.max, using: &generator)),
            ].randomElement(using: &generator) ?? value
        case .number:
            .number(
                Double.random(in: 0...1, using: &generator)
                    * ([1e-9, 1, 50].randomElement(using: &generator) ?? 1))
        case .text(let text):
            .text(["", text, "a \"quoted\" \\ path/ü", "bf16", "tf32"].randomElement(using: &generator) ?? text)
        case .list: .list((0..<3).map { _ in .integer(Int.random(in: 1...128, using: &generator)) })
        case .typed: value
        }
    }

    @Test(
        "A misspelt key or kind names the one that was probably meant",
        arguments: [
            ("optimiser.learning_rat=1", "optimizer.learning_rate"), ("path=cosin", "cosine"),
            ("channels=8,16", "model.channels"), ("batch_size=3", "training.batch_size"),
            ("guidence.scale=3", "guidance.scale"), ("model=mambo", "mamba"), ("depth=3", "model.depth"),
            ("learning_rate=1", "optimizer.learning_rate"),
        ])
    func suggestions(text: String, meant: String) throws {
        let error = try #require(throws: SettingsError.self) {
            try RunConfiguration().applying([Assignment(text: text, from: "--set")])
        }
        #expect(error.problems.count == 1 && error.description.contains("did you mean '\(meant)'?"), "\(error)")
    }

    @Test("Seeds go up to the greatest 64-bit number")
    func seeds() throws {
        let run = try RunConfiguration().applying([
            Assignment(text: "training.seed=\(UInt64.max)", from: "--set"),
            Assignment("sampling.seed", .natural(1 << 63), from: "file"),
        ])
        #expect(run.training.seed == .max && run.sampling.seed == 1 << 63)
        #expect(try RunFile(RunFile.encoded(run), path: "config.json").configuration == run)
    }

    @Test("What only decides how a run is sampled or recorded may change when it is resumed")
    func roles() throws {
        for setting in RunConfiguration().flattened() {
            let group = setting.key.split(separator: ".")[0]
            let isRecording = ["recording", "sampling", "guidance", "solver"].contains(group)
            if isRecording {
                #expect(setting.declaration.role == .recording, "\(setting.key)")
                #expect(setting.declaration.mayChangeOnResume, "\(setting.key)")
            }
            if ["model", "path", "prediction", "weighting", "times", "coupling", "optimizer"].contains(group) {
                #expect(setting.declaration.role == .science, "\(setting.key)")
                #expect(!setting.declaration.mayChangeOnResume, "\(setting.key)")
            }
        }
    }
}
