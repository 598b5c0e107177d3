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
        router.get("sample") { request, _ in try samplePage(Parameters(request)) }
        router.get("sample/events") { request, _ in
            let parameters = try Parameters(request)
            let drawing = try DrawingRequest(parameters, in: runs)
            let turn = await turns.begin(parameters["page"] ?? UUID().uuidString)
            return Response.events(request, Drawing(drawing, laboratory, turn).events)
        }
        router.get("sample/file") { request, _ in try await drawnFile(Parameters(request)) }
        router.get("inside") { request, _ in try insidePage(Parameters(request)) }
        router.get("compare") { request, _ in try await comparePage(Parameters(request)) }
        router.get("report") { request, _ in try report(Parameters(request)) }
        router.get("assets/:name") { request, context in
            try assets.response(context.parameters.get("name") ?? "", to: request)
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

    private func samplePage(_ parameters: Parameters) throws -> Response {
        let (name, folder) = try named(parameters)
        let configuration = try folder.file().configuration
        return Response(
            SamplePage(
                summary: RunSummary(name, folder), configuration: configuration,
                checkpoints: folder.checkpointSteps(), classCount: try configuration.model.makeNetwork().classCount
            ).html)
    }

    private func insidePage(_ parameters: Parameters) throws -> Response {
        let (name, folder) = try named(parameters)
        let configuration = try folder.file().configuration
        return Response(
            InsidePage(
                summary: RunSummary(name, folder), configuration: configuration,
                checkpoints: folder.checkpointSteps(), classCount: try configuration.model.makeNetwork().classCount
            ).html)
    }

    private func named(_ parameters: Parameters) throws -> (String, RunFolder) {
        let name = try parameters.required("run")
        return (name, try runs.run(name))
    }

    private func drawnFile(_ parameters: Parameters) async throws -> Response {
        let format = try parameters.choice("format", ["png", "npz"], default: "png")
        let request = try DrawingRequest(parameters, in: runs)
        let file = try await DrawnFile(request, format == "png" ? .png : .npz, laboratory)
        let safeName = file.name.filter { $0.isASCII && ($0.isLetter || $0.isNumber || "-_.".contains($0)) }
        return Response(
            file.bytes, type: file.type, headers: [.contentDisposition: "attachment; filename=\"\(safeName)\""])
    }

    private func comparePage(_ parameters: Parameters) async throws -> Response {
        let names = parameters.all("run")
        guard names.count <= ComparePage.most else {
            throw Refusal.bad("at most \(ComparePage.most) runs are compared at once, these are \(names.count)")
        }
        var chosen: [(RunSummary, RunConfiguration, RecordColumns)] = []
        for name in names {
            let folder = try runs.run(name)
            let (records, _) = try await watches.watch(name, folder).snapshot()
            chosen.append((RunSummary(name, folder), try folder.file().configuration, records))
        }
        return Response(
            ComparePage(
                runs: chosen, all: names.isEmpty ? await list.runs : [], folder: self.runs.path,
                reports: runs.folders(with: "report.html")
            ).html)
    }

    /// A report is a page of its own, with style and script in it: it is shown in a sandbox, where nothing of the studio is
    /// within its reach.
    private func report(_ parameters: Parameters) throws -> Response {
        let folder = try runs.place(of: parameters.required("of"))
        let bytes = try contents(of: runs.file("report.html", of: folder))
        let policy =
            "sandbox allow-scripts; default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'; frame-ancestors 'none'"
        return Response(bytes, type: "text/html; charset=utf-8", headers: [.contentSecurityPolicy: policy])
    }
}
