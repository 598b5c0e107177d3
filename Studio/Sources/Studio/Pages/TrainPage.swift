import Settings
import Training

/// The form of a new run.
struct TrainPage {
    var name = "first"
    var filled: Parameters?
    /// By the keys of settings; "name" is the run's.
    var errors: [String: String] = [:]

    /// A form again, with what was filled in and what is wrong with it.
    init(_ filled: Parameters, _ error: SettingsError) {
        self.filled = filled
        name = filled["name"] ?? ""
        for problem in error.problems { errors[problem.key ?? "", default: ""] += problem.description }
    }

    init(_ filled: Parameters, nameError: String) {
        self.filled = filled
        name = filled["name"] ?? ""
        errors = ["name": nameError]
    }

    /// - Parameter taken: names that are not free
    init(taken: Set<String>) {
        name = taken.contains("first") ? (2...).lazy.map { "run-\($0)" }.first { !taken.contains($0) } ?? "" : "first"
    }

    var html: HTML {
        let alert: HTML? =
            errors.isEmpty
            ? nil
            : """
            <div class="alert" role="alert" tabindex="-1" id="problems"><p>\(errors.count == 1 ? "One thing is" : "\(errors.count) things are") \
            not possible:</p><ul>\(errors.sorted { $0.key < $1.key }.map { "<li>\($0.value)</li>" as HTML })</ul></div>
            """
        let nameError: HTML? = errors["name"].map { "<p class=\"error\" id=\"name-error\">\($0)</p>" }
        return Page(
            title: "New run", section: .train, script: "form.js",
            content: """
                <h1>New run</h1>
                <p class="lead">Everything that could be otherwise is a setting. What you leave as it is, is the reference experiment's.</p>
                \(alert)
                <form method="post" action="/train" class="settings-form" novalidate>
                <section class="group"><div class="fields"><div class="field">
                <label for="name">name of the run</label>
                <input id="name" name="name" value="\(name)" required autocomplete="off" spellcheck="false" aria-describedby="name-help"\
                \(errors["name"] == nil ? "" : " aria-invalid=\"true\"")>
                \(nameError)
                <p class="help" id="name-help">Its folder, such as first or tests/first.</p>
                </div></div></section>
                \(SettingsForm(filled: filled, errors: errors).html)
                <p class="actions sticky"><button class="button">Start training</button></p>
                </form>
                """
        ).html
    }
}
