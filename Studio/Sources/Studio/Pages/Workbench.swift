import Experiments
import Flows
import Models
import Training

/// A page of one run with controls on the left and a stage on the right.
struct Workbench {
    let summary: RunSummary
    let configuration: RunConfiguration
    let checkpoints: [Int]
    let classCount: Int

    /// A page: its title, its tab, its element's name, which is its script's too, and what it is without a script.
    struct View {
        let title: String
        let tab: String
        let id: String
        let controlsLabel: String
        let withoutScript: HTML
        let withoutCheckpoint: String
    }

    /// - Throws: what is wrong with the run's file.
    init(_ name: String, _ folder: RunFolder) throws {
        summary = RunSummary(name, folder)
        configuration = try folder.file().configuration
        checkpoints = folder.checkpointSteps()
        classCount = try configuration.model.makeNetwork().classCount
    }

    func html(_ view: View, controls: HTML, stage: HTML) -> HTML {
        Page(
            title: "\(view.title) \(summary.name)", section: .runs,
            script: checkpoints.isEmpty ? nil : "\(view.id).js", content: content(view, controls, stage)
        ).html
    }

    private func content(_ view: View, _ controls: HTML, _ stage: HTML) -> HTML {
        let header = runHeader(summary.name, summary, view: view.tab)
        guard !checkpoints.isEmpty else { return "\(header)<p class=\"lead\">\(view.withoutCheckpoint)</p>" }
        return """
            \(header)
            <noscript><p class="alert">\(view.withoutScript)</p></noscript>
            <div class="workbench" id="\(view.id)" data-run="\(summary.name)" data-classes="\(classCount)">
            <form class="controls" id="controls" aria-label="\(view.controlsLabel)">
            \(controls)
            </form>
            <div class="stage">
            \(stage)
            </div>
            </div>
            """
    }

    /// The slider of time over what has formed, and what is said of it.
    static let player: HTML = """
        <div class="player">
        <button type="button" class="button quiet" id="replay">Replay</button>
        <label class="grow"><span class="spoken">Time along the trajectory</span>
        <input type="range" id="time" min="0" max="0" value="0"></label>
        <output id="time-text">t = 0</output>
        </div>
        <p class="muted" id="status" role="status" aria-live="polite"></p>
        """
}
