/// A run that was started and has no folder yet.
struct BeginningPage {
    let name: String

    var html: HTML {
        Page(
            title: name, section: .runs, script: "beginning.js",
            content: """
                <h1>\(name) <span class="state" data-state="training">starting</span></h1>
                <p class="lead" role="status">The data is being read and the training step compiled. The page goes on by itself when the
                run has begun; without JavaScript, <a href="/run?run=\(name.inQuery)">look again</a>.</p>
                """
        ).html
    }
}

/// A run that never came to be.
struct FailedPage {
    let name: String
    let failure: String

    var html: HTML {
        Page(
            title: name, section: .runs,
            content: """
                <h1>\(name) <span class="state" data-state="failed">failed</span></h1>
                <div class="alert" role="alert"><p>The training could not begin:</p><pre>\(failure)</pre></div>
                <p><a class="button" href="/train">Back to the form</a></p>
                """
        ).html
    }
}
