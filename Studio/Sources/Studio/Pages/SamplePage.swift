import Flows
import Settings
import Training

/// Images of a run, drawn while one moves the sliders.
struct SamplePage {
    let bench: Workbench

    var html: HTML {
        bench.html(
            Workbench.View(
                title: "Sample", tab: "Sample", id: "sample", controlsLabel: "What is drawn",
                withoutScript: """
                    Drawing needs JavaScript. A picture without it:
                    <a href="/sample/file?run=\(bench.summary.name.inQuery)&amp;format=png">eight images</a>.
                    """,
                withoutCheckpoint: "This run has no checkpoint yet: there is nothing to draw with."),
            controls: "\(DrawingControls(bench: bench).html)\(sideBySide)",
            stage: """
                <div class="rows" id="rows"></div>
                \(Workbench.player)
                <div class="actions"><a class="button quiet" id="png" download>PNG</a> <a class="button quiet" id="npz" download>NPZ</a>
                <button type="button" class="button quiet" id="copy">Copy the command</button></div>
                <pre class="command" id="command" tabindex="0" aria-label="The command that draws the same"></pre>
                """)
    }

    private var sideBySide: HTML {
        let options: [HTML] = DrawingRequest.axes.filter { $0 != "checkpoint" || bench.checkpoints.count > 1 }.map {
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
    let bench: Workbench
    /// Images; nil where there is one.
    var count: Int? = 8

    private var configuration: RunConfiguration { bench.configuration }

    var html: HTML {
        let steps = [Int](bench.checkpoints.reversed())
        let chosen: [HTML] = steps.map { "<option value=\"\($0)\">step \($0)</option>" }
        let scale = configuration.guidance.scale
        return """
            \(labels)
            <label class="slider">guidance <output for="guidance">\(Numbers.short(scale))</output>
            <input type="range" id="guidance" name="guidance" min="-1" max="10" step="0.1" value="\(scale)"></label>
            <label class="slider">steps <output for="steps">20</output>
            <input type="range" id="steps" name="steps" min="1" max="100" step="1" value="20"></label>
            \(count.map(countSlider))
            <div class="pair"><label>seed <input type="number" name="seed" id="seed" min="0" step="1" value="0"></label>
            <button type="button" class="button quiet" id="dice">Another</button></div>
            <label>solver \(select("solver", Solvers.registry.names, configuration.solver.kindName))</label>
            <label>checkpoint <select name="checkpoint" id="checkpoint"><option value="newest">newest</option>\(chosen)</select></label>
            <label>weights \(select("weights", ["averaged", "raw"], "averaged"))</label>
            <label>guidance kind \(select("guidance_kind", DrawingRequest.guidances, ClassifierFreeGuidance.name))</label>
            <label>time grid \(select("time_grid", TimeGrids.registry.names, configuration.timeGrid.kindName))</label>
            """
    }

    private func countSlider(_ count: Int) -> HTML {
        """
        <label class="slider">images <output for="count">\(count)</output>
        <input type="range" id="count" name="count" min="1" max="32" step="1" value="\(count)"></label>
        """
    }

    private var labels: HTML {
        guard bench.classCount > 0 else { return "<input type=\"hidden\" name=\"label\" value=\"none\">" }
        // One image has one label.
        let all: HTML? = count == nil ? nil : choice("all", "all", isChosen: true)
        let classes: [HTML] = (0..<min(bench.classCount, 100)).map { label in
            choice("\(label)", "\(label)", isChosen: label == 0 && count == nil)
        }
        return """
            <fieldset class="chips"><legend>label</legend>\(all)\(classes)\(choice("none", "none"))</fieldset>
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
