import Flows
import Settings
import Training

/// Images of a run, drawn while one moves the sliders.
struct SamplePage {
    let summary: RunSummary
    let configuration: RunConfiguration
    let checkpoints: [Int]
    let classCount: Int

    var html: HTML {
        Page(title: "Sample \(summary.name)", section: .runs, script: "sample.js", content: content).html
    }

    private var content: HTML {
        guard !checkpoints.isEmpty else {
            return """
                \(runHeader(summary.name, summary, view: "Sample"))
                <p class="lead">This run has no checkpoint yet: there is nothing to draw with.</p>
                """
        }
        return """
            \(runHeader(summary.name, summary, view: "Sample"))
            <noscript><p class="alert">Drawing needs JavaScript. A picture without it:
            <a href="/sample/file?run=\(summary.name.inQuery)&amp;format=png">eight images</a>.</p></noscript>
            <div class="workbench" id="sample" data-run="\(summary.name)" data-classes="\(classCount)">
            <form class="controls" id="controls" aria-label="What is drawn">
            \(DrawingControls(configuration: configuration, checkpoints: checkpoints, classCount: classCount).html)
            \(sideBySide)
            </form>
            <div class="stage">
            <div class="rows" id="rows"></div>
            <div class="player">
            <button type="button" class="button quiet" id="replay">Replay</button>
            <label class="grow"><span class="spoken">Time along the trajectory</span>
            <input type="range" id="time" min="0" max="0" value="0"></label>
            <output id="time-text">t = 0</output>
            </div>
            <p class="muted" id="status" role="status" aria-live="polite"></p>
            <div class="actions"><a class="button quiet" id="png" download>PNG</a> <a class="button quiet" id="npz" download>NPZ</a>
            <button type="button" class="button quiet" id="copy">Copy the command</button></div>
            <pre class="command" id="command" tabindex="0" aria-label="The command that draws the same"></pre>
            </div>
            </div>
            """
    }

    private var sideBySide: HTML {
        let options: [HTML] = DrawingRequest.axes.filter { $0 != "checkpoint" || checkpoints.count > 1 }.map {
            "<option value=\"\($0)\">\($0.replacing("_", with: " "))</option>"
        }
        return """
            <fieldset class="stack"><legend>Side by side, from the same noise</legend>
            <label>differ in <select name="vary" id="vary"><option value="">nothing</option>\(options)</select></label>
            <label>values <input name="values" id="values" value="" autocomplete="off" spellcheck="false" disabled></label>
            </fieldset>
            """
    }
}

/// The controls of a drawing.
struct DrawingControls {
    let configuration: RunConfiguration
    let checkpoints: [Int]
    let classCount: Int
    var count = 8
    var hasCount = true

    var html: HTML {
        let steps = [Int](checkpoints.reversed())
        let chosen: [HTML] = steps.map { "<option value=\"\($0)\">step \($0)</option>" }
        let scale = configuration.guidance.scale
        return """
            \(labels)
            <label class="slider">guidance <output for="guidance">\(Numbers.short(scale))</output>
            <input type="range" id="guidance" name="guidance" min="-1" max="10" step="0.1" value="\(scale)"></label>
            <label class="slider">steps <output for="steps">20</output>
            <input type="range" id="steps" name="steps" min="1" max="100" step="1" value="20"></label>
            \(hasCount ? countSlider : nil)
            <div class="pair"><label>seed <input type="number" name="seed" id="seed" min="0" step="1" value="0"></label>
            <button type="button" class="button quiet" id="dice">Another</button></div>
            <label>solver \(select("solver", Solvers.registry.names, configuration.solver.kindName))</label>
            <label>checkpoint <select name="checkpoint" id="checkpoint"><option value="newest">newest</option>\(chosen)</select></label>
            <label>weights \(select("weights", ["averaged", "raw"], "averaged"))</label>
            <label>guidance kind \(select("guidance_kind", DrawingRequest.guidances, ClassifierFreeGuidance.name))</label>
            <label>time grid \(select("time_grid", TimeGrids.registry.names, configuration.timeGrid.kindName))</label>
            """
    }

    private var countSlider: HTML {
        """
        <label class="slider">images <output for="count">\(count)</output>
        <input type="range" id="count" name="count" min="1" max="32" step="1" value="\(count)"></label>
        """
    }

    private var labels: HTML {
        guard classCount > 0 else { return "<input type=\"hidden\" name=\"label\" value=\"none\">" }
        let classes: [HTML] = (0..<min(classCount, 100)).map { label in
            choice("\(label)", "\(label)")
        }
        return """
            <fieldset class="chips"><legend>label</legend>\(choice("all", "all", isChosen: true))\(classes)\(choice("none", "none"))</fieldset>
            """
    }

    private func choice(_ value: String, _ name: String, isChosen: Bool = false) -> HTML {
        "<label><input type=\"radio\" name=\"label\" value=\"\(value)\"\(isChosen ? " checked" : "")><span>\(name)</span></label>"
    }

    private func select(_ name: String, _ choices: [String], _ chosen: String) -> HTML {
        let options: [HTML] = choices.map { "<option\($0 == chosen ? " selected" : "")>\($0)</option>" }
        return "<select name=\"\(name)\" id=\"\(name)\">\(options)</select>"
    }
}
