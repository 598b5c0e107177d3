import HTTPTypes

/// The frame of every page.
struct Page {
    let title: String
    /// The part of the studio that it belongs to.
    let section: Section
    /// A script of the assets, a module; the page says the same without it.
    var script: String?
    let content: HTML

    enum Section: String, CaseIterable {
        case runs = "Runs"
        case train = "New run"
        case compare = "Compare"
        case none = ""

        var address: String {
            switch self {
            case .runs, .none: "/"
            case .train: "/train"
            case .compare: "/compare"
            }
        }
    }

    var html: HTML {
        let links: [HTML] = Section.allCases.filter { $0 != .none }.map { section in
            let current: HTML = section == self.section ? " aria-current=\"page\"" : ""
            return "<li><a href=\"\(section.address)\"\(current)>\(section.rawValue)</a></li>"
        }
        let script: HTML? = script.map { "<script type=\"module\" src=\"/assets/\($0)\"></script>\n" }
        return """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width,initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <title>\(title) – flow matching studio</title>
            <link rel="icon" href="/assets/icon.svg" type="image/svg+xml">
            <link rel="stylesheet" href="/assets/studio.css">
            \(script)</head>
            <body>
            <a class="skip" href="#main">Skip to the content</a>
            <header class="bar">
            <a class="brand" href="/"><svg viewBox="0 0 24 24" aria-hidden="true"><path d="M2 17c4 0 5-10 10-10s6 10 10 10"/>\
            <circle cx="12" cy="7" r="2.2"/></svg>Flow studio</a>
            <nav aria-label="Studio"><ul>\(links)</ul></nav>
            </header>
            <main id="main" tabindex="-1">
            \(content)
            </main>
            </body>
            </html>

            """
    }
}

/// A request that was refused, as a page.
struct RefusalPage {
    let html: HTML

    init(_ refusal: Refusal) {
        html =
            Page(
                title: refusal.status.reasonPhrase, section: .none,
                content: """
                    <h1>\(refusal.status.reasonPhrase)</h1>
                    <p class="lead">\(refusal.description.prefix(1).uppercased() + refusal.description.dropFirst()).</p>
                    <p><a class="button" href="/">All runs</a></p>
                    """
            ).html
    }
}

/// The links between the views of one run, below its name.
func runHeader(_ name: String, _ summary: RunSummary, view: String) -> HTML {
    let views = [("Training", "/run"), ("Sample", "/sample"), ("See inside", "/inside")]
    let tabs: [HTML] = views.map { title, address in
        let current: HTML = title == view ? " aria-current=\"page\"" : ""
        return "<li><a href=\"\(address)?run=\(name.inQuery)\"\(current)>\(title)</a></li>"
    }
    return """
        <div class="runhead">
        <p class="eyebrow">\(summary.network) on \(summary.data)</p>
        <h1>\(name) <span class="state" data-state="\(summary.state)" id="state">\(summary.state)</span></h1>
        <nav class="tabs" aria-label="Views of this run"><ul>\(tabs)</ul></nav>
        </div>
        """
}
