import Settings
import Training

/// A form of all settings, computed from their declarations: a kind that is added anywhere appears here by itself.
///
/// Kinds of a slot may have settings of the same key; in the form each has its kind's name in its own:
/// `optimizer@adam.learning_rate`.
struct SettingsForm {
    private let manual = SettingsManual(RunConfiguration())

    /// What was filled in, by the names of the form; empty at first.
    let filled: Parameters?
    /// What is wrong, by the keys of settings.
    let errors: [String: String]

    /// Sections that a beginner looks at, in this order; the others are folded up.
    private static let first = ["model", "data", "training", "optimizer"]

    // MARK: What was sent

    /// The settings that were filled in and are not the defaults.
    static func assignments(_ filled: Parameters) -> [Assignment] {
        SettingsManual(RunConfiguration()).sections.flatMap { section -> [Assignment] in
            guard let choice = section.choice else {
                return section.knobs.compactMap { assignment($0, $0.key, filled) }
            }
            let kind = filled[choice.key] ?? choice.defaultValue.description
            let own = section.kinds.first { $0.name == kind }?.knobs ?? []
            let chosen =
                kind == choice.defaultValue.description ? [] : [Assignment(choice.key, .text(kind), from: "the form")]
            return chosen + own.compactMap { assignment($0, name($0, kind: kind), filled) }
        }
    }

    private static func assignment(_ knob: SettingsManual.Knob, _ name: String, _ filled: Parameters) -> Assignment? {
        guard let text = filled.given(name), text != knob.defaultValue.description else { return nil }
        return Assignment(knob.key, .typed(text), from: "the form")
    }

    private static func name(_ knob: SettingsManual.Knob, kind: String) -> String {
        let parts = knob.key.split(separator: ".", maxSplits: 1)
        return parts.count < 2 ? knob.key : "\(parts[0])@\(kind).\(parts[1])"
    }

    // MARK: As a page shows it

    var html: HTML {
        let (plain, folded) = (
            SettingsForm.first.compactMap { name in manual.sections.first { $0.name == name } },
            manual.sections.filter { !SettingsForm.first.contains($0.name) }
        )
        let first: [HTML] = plain.map { "<section class=\"group\"><h2>\(title($0.name))</h2>\(fields($0))</section>" }
        let others: [HTML] = folded.map { section in
            let isWrong = errors.keys.contains { $0 == section.name || $0.hasPrefix(section.name + ".") }
            let kind: HTML? = section.choice.map {
                "<span class=\"muted\">\(filled?[$0.key] ?? $0.defaultValue.description)</span>"
            }
            return """
                <details class="group"\(isWrong ? " open" : "")><summary>\(title(section.name)) \(kind)</summary>\
                \(fields(section))</details>

                """
        }
        return "\(first)<h2>More</h2>\(others)"
    }

    private func title(_ name: String) -> String {
        let words = name.replacing("_", with: " ")
        return words.prefix(1).uppercased() + words.dropFirst()
    }

    private func fields(_ section: SettingsManual.Section) -> HTML {
        guard let choice = section.choice else { return grid(section.knobs.map { field($0, $0.key) }) }
        let kinds: [HTML] = section.kinds.map { kind in
            """
            <fieldset data-slot="\(choice.key)" data-kind="\(kind.name)"><legend>\(kind.name)</legend>
            <p class="muted">\(kind.summary)</p>
            \(grid(kind.knobs.map { field($0, SettingsForm.name($0, kind: kind.name)) }))</fieldset>

            """
        }
        return "\(grid([field(choice, choice.key, isKind: true)]))\(kinds)"
    }

    private func grid(_ fields: [HTML]) -> HTML { fields.isEmpty ? .empty : "<div class=\"fields\">\(fields)</div>" }

    private func field(_ knob: SettingsManual.Knob, _ name: String, isKind: Bool = false) -> HTML {
        let value = filled?.given(name) ?? knob.defaultValue.description
        let id = "f-" + name.replacing("@", with: "-").replacing(".", with: "-")
        // Settings of kinds that are not chosen were not looked at.
        let error = errors[knob.key]
        let state: HTML =
            error == nil
            ? " aria-describedby=\"\(id)-help\"" : " aria-invalid=\"true\" aria-describedby=\"\(id)-error \(id)-help\""
        let label = isKind ? "kind" : String(knob.key.split(separator: ".").last ?? "").replacing("_", with: " ")
        let unit: HTML? = knob.unit.isEmpty ? nil : " <span class=\"unit\">\(knob.unit)</span>"
        return """
            <div class="field">
            <label for="\(id)">\(label)\(unit)</label>
            \(control(knob, name, id, value, state))
            \(error.map { "<p class=\"error\" id=\"\(id)-error\">\($0)</p>" as HTML })
            <p class="help" id="\(id)-help">\(knob.summary)</p>
            </div>

            """
    }

    private func control(
        _ knob: SettingsManual.Knob, _ name: String, _ id: String, _ value: String, _ state: HTML
    ) -> HTML {
        switch knob.form {
        case .choice: options(knob.choices, name, id, value, state)
        case .boolean: options(["true", "false"], name, id, value, state)
        case .integer:
            "<input id=\"\(id)\" name=\"\(name)\" value=\"\(value)\" inputmode=\"numeric\" autocomplete=\"off\"\(state)>"
        case .number:
            "<input id=\"\(id)\" name=\"\(name)\" value=\"\(value)\" inputmode=\"decimal\" autocomplete=\"off\"\(state)>"
        case .text, .integers, .numbers:
            "<input id=\"\(id)\" name=\"\(name)\" value=\"\(value)\" autocomplete=\"off\" spellcheck=\"false\"\(state)>"
        }
    }

    private func options(_ choices: [String], _ name: String, _ id: String, _ value: String, _ state: HTML) -> HTML {
        let options: [HTML] = choices.map { "<option value=\"\($0)\"\($0 == value ? " selected" : "")>\($0)</option>" }
        return "<select id=\"\(id)\" name=\"\(name)\"\(state)>\(options)</select>"
    }
}
