import Experiments
import Flows
import Foundation
import HTTPTypes
import Hummingbird
import Models
import NIOCore
import Settings
import Training

extension Studio {
    /// More than any form of ours sends.
    private static let mostBody = 256 << 10

    /// All that can be asked of the studio.
    func addRoutes(to router: Router<BasicRequestContext>) {
        router.get("/") { _, _ in
            let (runs, beginning) = (await list.runs, await trainings.beginning)
            return Response(RunsPage(runs: runs, beginning: beginning, folder: self.runs.path).html)
        }
        router.get("runs.json") { _, _ in try Response(json: await list.runs) }
        router.get("run") { request, _ in try await runPage(Parameters(request)) }
        router.get("run/events") { request, _ in
            let name = try Parameters(request).required("run")
            return Response.events(request, try await watches.watch(name, try runs.run(name)).listen())
        }
        router.get("picture") { request, _ in try picture(Parameters(request)) }
        router.get("train") { _, _ in
            Response(TrainPage(taken: Set(await list.runs.map(\.name)).union(await trainings.beginning)).html)
        }
        router.post("train") { request, _ in try await begin(form(request)) }
        router.post("run/stop") { request, _ in
            let name = try await form(request).required("run")
            try await trainings.stop(name)
            return Response.seeOther("/run?run=\(name.inQuery)")
        }
        router.post("run/resume") { request, _ in
            let form = try await form(request)
            let name = try form.required("run")
            let steps = try form["steps"].map { try Parameters.integer($0, "steps", 1...Int.max) }
            try await trainings.resume(name, steps: steps)
            return Response.seeOther("/run?run=\(name.inQuery)")
        }
        router.get("sample") { request, _ in Response(SamplePage(bench: try bench(Parameters(request))).html) }
        router.get("sample/events") { request, _ in
            let parameters = try Parameters(request)
            let drawing = try DrawingRequest(parameters, in: runs, noises)
            let turn = await turns.begin(parameters["page"] ?? UUID().uuidString)
            return Response.events(request, Drawing(drawing, laboratory, steps, turn).events)
        }
        router.get("sample/file") { request, _ in try await drawnFile(Parameters(request)) }
        addInside(to: router)
        router.get("compare") { request, _ in try await comparePage(Parameters(request)) }
        router.get("compare/report") { request, _ in try await liveReport(Parameters(request)) }
        router.get("report") { request, _ in try report(Parameters(request)) }
        router.get("assets/:name") { request, context in
            try assets.response(context.parameters.get("name") ?? "", to: request)
        }
    }

    /// What is asked of single images and of the field around them.
    private func addInside(to router: Router<BasicRequestContext>) {
        router.get("inside") { request, _ in Response(InsidePage(bench: try bench(Parameters(request))).html) }
        router.get("inside/plane") { request, _ in
            let parameters = try Parameters(request)
            let plane = try PlaneRequest(parameters, in: runs, noises)
            let turn = await turns.begin(parameters["page"] ?? UUID().uuidString)
            return Response.events(request, PlaneDrawing(plane, laboratory, turn).events)
        }
        router.get("inside/image") { request, _ in
            let parameters = try Parameters(request)
            let (_, folder) = try named(parameters)
            let number = try parameters.integer("number", 0...Int.max, default: 0)
            return try Response(json: await library.testImage(number, of: folder.file().configuration))
        }
        router.post("inside/noise") { request, _ in
            try Response(json: await answers.noise(of: ImageQuestion(await form(request), in: runs)))
        }
        router.post("inside/likelihood") { request, _ in
            try Response(json: await answers.likelihood(of: ImageQuestion(await form(request), in: runs)))
        }
        router.post("inside/opinion") { request, _ in
            let question = try ImageQuestion(await form(request), in: runs)
            let names = await library.classNames(of: try question.folder.file().configuration)
            return try Response(json: await answers.opinion(of: question, names: names))
        }
    }

    private func form(_ request: Request) async throws -> Parameters {
        var request = request
        do {
            return try Parameters(encoded: String(buffer: try await request.collectBody(upTo: Studio.mostBody)))
        } catch is NIOTooManyBytesError {
            throw Refusal(.contentTooLarge, "a form has at most \(Studio.mostBody) bytes")
        }
    }

    private func runPage(_ parameters: Parameters) async throws -> Response {
        let name = try parameters.required("run")
        // A run that was just started has no folder until its data has been read.
        if await trainings.beginning.contains(name) { return Response(BeginningPage(name: name).html) }
        let failure = await trainings.failure(of: name)
        guard let folder = try? runs.run(name) else {
            if let failure { return Response(FailedPage(name: name, failure: failure).html) }
            throw Refusal.missing("there is no run '\(name)' here")
        }
        let (records, standing) = try await watches.watch(name, folder).snapshot()
        return Response(
            RunPage(
                summary: RunSummary(name, folder), configuration: try folder.file().configuration, records: records,
                standing: standing, failure: failure
            ).html)
    }

    private func picture(_ parameters: Parameters) throws -> Response {
        let folder = try runs.run(parameters.required("run"))
        let step = try parameters.integer("step", 0...Int.max, default: 0)
        let file = try runs.file("samples/step-\(step).png", of: folder.url)
        return Response(try contents(of: file), type: "image/png", headers: [.cacheControl: "private, max-age=60"])
    }

    /// A file's bytes, if it is not larger than what a page should load.
    private func contents(of file: URL) throws -> Data {
        let most = 64 << 20
        let size = (try? FileManager.default.attributesOfItem(atPath: file.path)[.size] as? Int) ?? 0
        guard size <= most else {
            throw Refusal(.contentTooLarge, "\(file.lastPathComponent) is too large to be shown")
        }
        return try Data(contentsOf: file)
    }

    private func begin(_ form: Parameters) async throws -> Response {
        let name = form["name"] ?? ""
        do {
            let configuration = try RunConfiguration().applying(SettingsForm.assignments(form))
            try await trainings.begin(configuration, name)
            return Response.seeOther("/run?run=\(name.inQuery)")
        } catch let error as SettingsError {
            return Response(TrainPage(form, error).html, status: .unprocessableContent)
        } catch let refusal as Refusal {
            return Response(TrainPage(form, nameError: refusal.description).html, status: .unprocessableContent)
        }
    }

    private func bench(_ parameters: Parameters) throws -> Workbench {
        let (name, folder) = try named(parameters)
        return try Workbench(name, folder)
    }

    private func named(_ parameters: Parameters) throws -> (String, RunFolder) {
        let name = try parameters.required("run")
        return (name, try runs.run(name))
    }

    private func drawnFile(_ parameters: Parameters) async throws -> Response {
        let format = try parameters.choice("format", ["png", "npz"], default: "png")
        let request = try DrawingRequest(parameters, in: runs, noises)
        let file = try await DrawnFile(request, format == "png" ? .png : .npz, laboratory)
        let safeName = file.name.filter { $0.isASCII && ($0.isLetter || $0.isNumber || "-_.".contains($0)) }
        return Response(
            file.bytes, type: file.type, headers: [.contentDisposition: "attachment; filename=\"\(safeName)\""])
    }

    /// The runs that a page compares.
    private func compared(_ parameters: Parameters) throws -> [(name: String, folder: RunFolder)] {
        let names = parameters.all("run")
        guard names.count <= ComparePage.most else {
            throw Refusal.bad("at most \(ComparePage.most) runs are compared at once, these are \(names.count)")
        }
        return try names.uniqued.map { (name: $0, folder: try runs.run($0)) }
    }

    private func comparePage(_ parameters: Parameters) async throws -> Response {
        let members = try compared(parameters)
        var chosen: [ComparePage.Member] = []
        for (name, folder) in members {
            let (records, _) = try await watches.watch(name, folder).snapshot()
            chosen.append(
                ComparePage.Member(
                    summary: RunSummary(name, folder), configuration: try folder.file().configuration,
                    records: records, picture: folder.pictureSteps().last))
        }
        return Response(
            ComparePage(
                runs: chosen, all: members.isEmpty ? await list.runs : [], folder: self.runs.path,
                reports: runs.folders(with: "report.html")
            ).html)
    }

    /// The page that `flowmatch compare --runs` writes, of the runs as they are now; asked for again while one is trained.
    private func liveReport(_ parameters: Parameters) async throws -> Response {
        let members = try compared(parameters)
        guard !members.isEmpty else { throw Refusal.bad("'run' is missing: name the runs to be reported on") }
        let page = try await library.report(
            members, runs, command: ComparePage.command(members.map(\.name), in: runs.path),
            on: laboratory.device())
        var response = Response(
            page.utf8, type: "text/html; charset=utf-8", headers: [.contentSecurityPolicy: Studio.reportPolicy])
        let isLive = members.contains { RunSummary($0.name, $0.folder).isTraining }
        if isLive, let refresh = HTTPField.Name("Refresh") { response.headers[refresh] = "\(ComparePage.pace)" }
        return response
    }

    /// A report is a page of its own, with style and script in it: nothing of the studio is within its reach.
    private static let reportPolicy =
        "sandbox allow-scripts; default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'; frame-ancestors 'none'"

    /// A report that was written.
    private func report(_ parameters: Parameters) throws -> Response {
        let folder = try runs.place(of: parameters.required("of"))
        let bytes = try contents(of: runs.file("report.html", of: folder))
        return Response(
            bytes, type: "text/html; charset=utf-8", headers: [.contentSecurityPolicy: Studio.reportPolicy])
    }
}
