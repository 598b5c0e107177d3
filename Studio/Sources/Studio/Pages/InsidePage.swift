import Training

/// What the field does with images on their way: where it leads, and what it thinks they will be.
struct InsidePage {
    let summary: RunSummary
    let configuration: RunConfiguration
    let checkpoints: [Int]
    let classCount: Int

    var html: HTML {
        Page(title: "Inside \(summary.name)", section: .runs, script: "inside.js", content: content).html
    }

    private var content: HTML {
        let header = runHeader(summary.name, summary, view: "See inside")
        guard !checkpoints.isEmpty else {
            return "\(header)<p class=\"lead\">This run has no checkpoint yet: there is nothing to look into.</p>"
        }
        let controls = DrawingControls(
            configuration: configuration, checkpoints: checkpoints, classCount: classCount, count: 1, hasCount: false)
        return """
            \(header)
            <noscript><p class="alert">Looking inside needs JavaScript.</p></noscript>
            <div class="workbench" id="inside" data-run="\(summary.name)" data-classes="\(classCount)">
            <form class="controls" id="controls" aria-label="What is looked at">
            \(controls.html)
            </form>
            <div class="stage">
            <div class="views">
            <figure><canvas id="way" width="224" height="224" role="img" aria-label="The image on its way"></canvas>
            <figcaption>x<sub>t</sub>, the image on its way</figcaption></figure>
            <figure><canvas id="end" width="224" height="224" role="img" aria-label="The end point that the velocity points to"></canvas>
            <figcaption>where it is heading: the predicted end</figcaption></figure>
            <figure><canvas id="velocity" width="224" height="224" role="img" aria-label="The velocity of each pixel"></canvas>
            <figcaption>velocity: <span class="rising">brighter</span>, <span class="falling">darker</span></figcaption></figure>
            </div>
            <div class="player">
            <button type="button" class="button quiet" id="replay">Replay</button>
            <label class="grow"><span class="spoken">Time along the trajectory</span>
            <input type="range" id="time" min="0" max="0" value="0"></label>
            <output id="time-text">t = 0</output>
            </div>
            <p class="muted" id="status" role="status" aria-live="polite"></p>
            <section class="edit">
            <h2>Draw, noise, let flow</h2>
            <p class="muted">Draw with mouse or finger. It is noised to the chosen time, and flows on from there to the label above.</p>
            <div class="views">
            <figure><canvas id="pad" width="224" height="224" tabindex="0" aria-label="Drawing pad; the arrow keys move, space draws"></canvas>
            <figcaption>your drawing</figcaption></figure>
            <figure><canvas id="noised" width="224" height="224" role="img" aria-label="Your drawing, noised"></canvas>
            <figcaption>noised</figcaption></figure>
            <figure><canvas id="flowed" width="224" height="224" role="img" aria-label="What the flow made of it"></canvas>
            <figcaption>what the flow makes of it</figcaption></figure>
            </div>
            <div class="player">
            <button type="button" class="button quiet" id="clear">Clear</button>
            <button type="button" class="button quiet" id="take">Take the image above</button>
            <label class="slider grow">noised to t = <output for="from">0.4</output>
            <input type="range" id="from" min="0" max="0.95" step="0.05" value="0.4"></label>
            </div>
            </section>
            </div>
            </div>
            """
    }
}
