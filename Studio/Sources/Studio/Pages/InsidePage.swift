/// What the field does with images on their way: where it leads, and what it thinks they will be.
struct InsidePage {
    let bench: Workbench

    var html: HTML {
        bench.html(
            Workbench.View(
                title: "Inside", tab: "See inside", id: "inside", controlsLabel: "What is looked at",
                withoutScript: "Looking inside needs JavaScript.",
                withoutCheckpoint: "This run has no checkpoint yet: there is nothing to look into."),
            controls: DrawingControls(bench: bench, count: nil).html,
            stage: "\(way)\(answers)\(plane)\(pad)\(inversion)\(between)")
    }

    private var way: HTML {
        """
        <div class="views">
        \(view("way", "The image on its way", "x<sub>t</sub>, the image on its way"))
        \(view("end", "The end point that the velocity points to", "where it is heading: the predicted end"))
        \(view("velocity", "The velocity of each pixel",
            "velocity: <span class=\"rising\">brighter</span>, <span class=\"falling\">darker</span>"))
        </div>
        \(Workbench.player)
        """
    }

    private var answers: HTML {
        """
        <div class="actions">
        <button type="button" class="button quiet" id="ask-opinion">What a classifier reads in x<sub>t</sub></button>
        <button type="button" class="button quiet" id="ask-likelihood">Bits/dim of x<sub>t</sub></button>
        </div>
        <div id="opinion" class="opinion" role="status" aria-live="polite" hidden></div>
        <p id="likelihood" class="muted" role="status" aria-live="polite" hidden></p>
        """
    }

    private var plane: HTML {
        let labels: [HTML] = (0..<min(bench.classCount, 100)).map {
            "<option value=\"\($0)\">the end of label \($0)</option>"
        }
        let none: HTML? = bench.classCount > 0 ? "<option value=\"none\">the end without a label</option>" : nil
        return """
            <details class="edit" id="plane-part"><summary><h2>The field as arrows</h2></summary>
            <p class="muted">An image is a point with a coordinate for each pixel. This is a plane through its way: by the noise, the
            end, and a third point.</p>
            <p><label>third point <select id="other">\(labels)\(none)<option value="bend">where the way bends most</option></select></label></p>
            <figure class="plane"><canvas id="plane" width="640" height="640" role="img" aria-label="Arrows of the velocity in a plane"></canvas>
            <figcaption id="plane-text" aria-live="polite"></figcaption></figure>
            </details>
            """
    }

    private var pad: HTML {
        """
        <section class="edit">
        <h2>Draw, noise, let flow</h2>
        <p class="muted">Draw with mouse or finger. It is noised to the chosen time, and flows on from there to the label above.</p>
        <div class="views">
        <figure><canvas id="pad" width="224" height="224" tabindex="0" aria-label="Drawing pad; the arrow keys move, space draws"></canvas>
        <figcaption>your drawing</figcaption></figure>
        \(view("noised", "Your drawing, noised", "noised"))
        \(view("flowed", "What the flow made of it", "what the flow makes of it"))
        </div>
        <div class="player">
        <button type="button" class="button quiet" id="clear">Clear</button>
        <button type="button" class="button quiet" id="take">Take the image above</button>
        <label class="slider grow">noised to t = <output for="from">0.4</output>
        <input type="range" id="from" min="0" max="0.95" step="0.05" value="0.4"></label>
        </div>
        </section>
        """
    }

    private var inversion: HTML {
        let labels: [HTML] = (0..<min(bench.classCount, 100)).map { "<option value=\"\($0)\">label \($0)</option>" }
        let label: HTML? =
            bench.classCount > 0
            ? "<label>as <select id=\"own-label\"><option value=\"none\">no label</option>\(labels)</select></label>"
            : nil
        return """
            <section class="edit">
            <h2>An image's noise, and back under another label</h2>
            <p class="muted">The field is followed backwards, from an image to the noise that the run makes it of, and forwards again under
            the label and guidance above. Under its own label at guidance 1 the image comes back.</p>
            <div class="views">
            \(view("original", "The image", "<span id=\"original-text\">an image</span>"))
            \(view("noise", "Its noise", "<span id=\"noise-text\">its noise</span>"))
            \(view("again", "What comes back", "<span id=\"again-text\">what comes back</span>"))
            </div>
            <div class="player">
            <label>test image <input type="number" id="number" min="0" step="1" value="0"></label>
            \(label)
            <button type="button" class="button quiet" id="follow-test">Follow it</button>
            <button type="button" class="button quiet" id="follow-way">Follow x<sub>t</sub></button>
            <button type="button" class="button quiet" id="follow-pad">Follow your drawing</button>
            </div>
            <p class="muted" id="follow-text" role="status" aria-live="polite"></p>
            </section>
            """
    }

    private var between: HTML {
        """
        <section class="edit">
        <h2>Between two</h2>
        <p class="muted">Noises on the arc from one to another, each drawn under the label above. An image whose noise was found above can
        stand at either end.</p>
        <div class="player">
        <label>from <select id="first-kind"><option value="seed">seed</option></select></label>
        <label><span class="spoken">first seed</span><input type="number" id="first-seed" min="0" step="1" value="0"></label>
        <label>to <select id="second-kind"><option value="seed">seed</option></select></label>
        <label><span class="spoken">second seed</span><input type="number" id="second-seed" min="0" step="1" value="1"></label>
        <button type="button" class="button quiet" id="draw-between">Draw</button>
        </div>
        <div class="between" id="between-part" hidden>
        <canvas id="row" role="img" aria-label="Images from one noise to another"></canvas>
        <figure><canvas id="one" width="224" height="224" role="img" aria-label="One of them"></canvas></figure>
        <label class="slider">share of the way <output id="share-text">0.50</output>
        <input type="range" id="share" min="0" max="8" step="1" value="4"></label>
        </div>
        <p class="muted" id="between-text" role="status" aria-live="polite"></p>
        </section>
        """
    }

    private func view(_ id: String, _ spoken: String, _ caption: HTML) -> HTML {
        """
        <figure><canvas id="\(id)" width="224" height="224" role="img" aria-label="\(spoken)"></canvas>
        <figcaption>\(caption)</figcaption></figure>
        """
    }
}
