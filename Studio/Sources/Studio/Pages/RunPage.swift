import Experiments
import Settings
import Training

/// One run while it learns: its curves, its pictures, its settings.
struct RunPage {
    let summary: RunSummary
    let configuration: RunConfiguration
    let records: RecordColumns
    let standing: RunStanding
    /// What a training that was started here has to say of its failure.
    let failure: String?

    private static let charts: [(id: String, title: String)] = [
        ("loss", "Loss"), ("held-out", "Held-out loss"), ("distance", "Fréchet distance"),
        ("learning-rate", "Learning rate"), ("gradient-norm", "Gradient norm"), ("speed", "Steps a second"),
    ]

    /// Which of two curves is which.
    private static let legend: HTML? = """
        <span class="legend"><span class="dot s0"></span>averaged weights <span class="dot s1"></span>raw</span>
        """

    var html: HTML {
        Page(title: summary.name, section: .runs, script: "run.js", content: content).html
    }

    private var content: HTML {
        let run = summary.name
        let charts: [HTML] = RunPage.charts.map { id, title in
            """
            <figure class="chart" data-chart="\(id)"\(id == "loss" ? "" : id == "distance" && records.distance.isEmpty ? " hidden" : "")>
            <figcaption><span>\(title)</span>\(id == "held-out" ? RunPage.legend : nil)</figcaption>
            <div class="plot">\(StaticChart(records, id).html)</div>
            </figure>
            """
        }
        return """
            \(runHeader(run, summary, view: "Training"))
            <div id="live" data-run="\(run)">
            \(failure.map { "<div class=\"alert\" role=\"alert\"><p>The training failed:</p><pre>\($0)</pre></div>" as HTML })
            <dl class="figures" aria-live="off">
            <div><dt>Step</dt><dd><span id="step">\(Numbers.grouped(standing.step))</span> \
            <small>of <span id="steps">\(Numbers.grouped(standing.steps))</span></small></dd></div>
            <div><dt>Steps a second</dt><dd id="speed">\(Numbers.short(standing.stepsPerSecond))</dd></div>
            <div><dt>Time left</dt><dd id="left">\(Numbers.duration(standing.secondsLeft))</dd></div>
            <div><dt>Loss</dt><dd id="last-loss">\(Numbers.short(records.loss.last.flatMap { $0 }))</dd></div>
            <div><dt>Held-out loss</dt><dd id="last-held">\(Numbers.short(heldOut))</dd></div>
            </dl>
            <progress id="progress" max="\(max(1, standing.steps))" value="\(standing.step)" aria-label="Steps done"></progress>
            <p id="note" class="muted">\(standing.note ?? "")</p>
            \(actions)
            <div class="chart-tools"><label><input type="checkbox" id="log"> Logarithmic loss</label></div>
            <div class="charts">
            \(charts)
            </div>
            \(film)
            </div>
            \(settings)
            """
    }

    private var heldOut: Double? { records.heldOut.last.flatMap { $0.averaged ?? $0.raw } }

    private var actions: HTML {
        """
        <div class="actions">
        <form action="/run/stop" method="post" data-for="training"\(standing.state == "training" ? "" : " hidden")>
        <input type="hidden" name="run" value="\(summary.name)">
        <button class="button quiet">Save and stop</button></form>
        <form action="/run/resume" method="post" class="inline" data-for="stopped failed finished"\
        \(standing.state == "training" ? " hidden" : "")>
        <input type="hidden" name="run" value="\(summary.name)">
        <label>to step <input name="steps" type="number" min="1" step="1" value="\(standing.steps)" required></label>
        <button class="button quiet">Train on</button></form>
        </div>
        """
    }

    private var film: HTML {
        let pictures = standing.pictures
        let last = pictures.last
        let images: [HTML] = pictures.suffix(1).map {
            "<img id=\"still\" src=\"/picture?run=\(summary.name.inQuery)&amp;step=\($0)\" alt=\"Images drawn at step \($0)\">"
        }
        return """
            <section class="film" id="film"\(pictures.isEmpty ? " hidden" : "")>
            <h2>Pictures along training</h2>
            <div class="still">\(images.isEmpty ? ["<img id=\"still\" alt=\"\">"] : images)</div>
            <div class="player">
            <button type="button" id="play" class="button quiet" aria-pressed="false">Play</button>
            <label class="grow"><span class="spoken">Checkpoint</span>
            <input type="range" id="scrub" min="0" max="\(max(0, pictures.count - 1))" value="\(max(0, pictures.count - 1))"></label>
            <output id="scrub-step">step \(last ?? 0)</output>
            </div>
            <p class="muted">A row for each label, the last without one; all from the same noise.</p>
            </section>
            """
    }

    private var settings: HTML {
        let usual = Dictionary(
            RunConfiguration().flattened().map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first })
        let rows: [HTML] = configuration.flattened().map { setting in
            let isOwn = usual[setting.key] != setting.value
            return """
                <tr\(isOwn ? " class=\"own\"" : "")><th scope="row"><code>\(setting.key)</code></th>\
                <td>\(setting.value)\(setting.declaration.unit.isEmpty ? "" : " " + setting.declaration.unit)</td>\
                <td class="muted">\(setting.declaration.summary)</td></tr>

                """
        }
        return """
            <details class="settings"><summary>Settings</summary>
            <div class="scroll"><table>
            <caption class="spoken">Settings of the run; those that are not the defaults stand out</caption>
            <tbody>\(rows)</tbody></table></div>
            </details>
            """
    }
}
