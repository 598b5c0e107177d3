import Compute
import Datasets
import Experiments
import Flows
import Formats
import Foundation
import HTTPTypes
import Measurements
import Models
import Reports
import Settings
import Training

/// What takes long to be read, on a thread of its own: test images of runs, and the report of several.
actor Library {
    private let thread: ComputeThread
    private let places: DatasetPlaces
    private var datasets: [(key: [String], images: ImageDataset)] = []
    private var reports: [(key: [String], page: String)] = []

    /// Of a kind that are kept.
    private static let most = 3

    init(_ places: DatasetPlaces, niceness: Int) {
        self.places = places
        thread = ComputeThread(niceness: niceness)
    }

    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    /// An image of a run's test split.
    struct TestImage: Encodable {
        /// Bytes, row-major (channels, height, width), in base64.
        let pixels: Data
        /// Nil where the run knows no labels.
        let label: Int?
        let className: String?
        let number: Int
        /// Images of the split.
        let count: Int
    }

    /// - Parameter number: from 0; one that is too large is taken from the start again
    /// - Throws: what is wrong with the images.
    func testImage(_ number: Int, of configuration: RunConfiguration) throws -> TestImage {
        let images = try testImages(of: configuration)
        guard images.count > 0 else { throw Refusal.missing("there is no test image") }
        let index = number % images.count
        let label = Int(images.labels[index])
        return TestImage(
            pixels: Data(images.image(at: index)), label: images.classCount > 0 ? label : nil,
            className: images.classNames.indices.contains(label) ? images.classNames[label] : nil, number: index,
            count: images.count)
    }

    /// Names of a run's classes; none where its images cannot be read.
    func classNames(of configuration: RunConfiguration) -> [String] {
        (try? testImages(of: configuration).classNames) ?? []
    }

    private func testImages(of configuration: RunConfiguration) throws -> ImageDataset {
        let network = try configuration.model.makeNetwork()
        let key =
            ["\(network.imageShape)", "\(network.classCount)"]
            + configuration.flattened().filter { $0.group == "data" }.map { "\($0.key)=\($0.value)" }
        if let known = datasets.first(where: { $0.key == key }) { return known.images }
        let images = try configuration.data.load(.test, side: network.imageShape[1], from: places).images
            .prepared(for: network)
        guard images.imageShape == network.imageShape else {
            throw Refusal(.conflict, "the run's images are now of another shape than its network's")
        }
        if datasets.count >= Library.most { datasets.removeFirst() }
        datasets.append((key, images))
        return images
    }

    /// The report of runs as they are now, as `flowmatch compare --runs` writes it, with the pictures that the runs made of
    /// themselves.
    ///
    /// - Parameters:
    ///   - runs: names and folders
    ///   - command: which writes a report with images drawn for it
    ///   - engine: which the report says it was made with
    /// - Throws: ``Refusal`` where no run has records, or what is wrong with the runs.
    func report(
        _ runs: [(name: String, folder: RunFolder)], _ files: RunsFolder, command: String, on engine: Engine
    ) throws -> String {
        let key = runs.map { run in "\(run.name) \(Library.state(of: run.folder))" }
        if let known = reports.first(where: { $0.key == key }) { return known.page }
        let comparison = try ComparisonRun(ComparedRun.trained(runs.map(\.folder)), guidance: [])
        let outcome = try comparison.run(
            with: places, on: engine, CompilationLog(), command: command, trains: false, onEvent: { _ in })
        guard let outcome else { throw Refusal.missing("there is nothing to report yet") }
        var (study, images) = (outcome.study, ReportImages())
        for (file, picture) in outcome.pictures { try images.add(picture, as: file) }
        for (index, run) in runs.enumerated() where study.subjects.indices.contains(index) {
            guard let step = run.folder.pictureSteps().last,
                let file = try? files.file("samples/step-\(step).png", of: run.folder.url),
                let bytes = try? Data(contentsOf: file)
            else { continue }
            let name = "newest-\(index).png"
            try images.add(png: [UInt8](bytes), as: name)
            study.subjects[index].pictures.append(
                Picture(
                    section: "Along training", group: "The newest pictures of each run", file: name,
                    summary: "\(study.subjects[index].name): images drawn at step \(step), a row for each label"))
        }
        let page = try HTMLReport.render(study, images: images)
        if reports.count >= Library.most { reports.removeFirst() }
        reports.append((key, page))
        return page
    }

    /// What changes when a run goes on.
    private static func state(of folder: RunFolder) -> String {
        let files = [folder.metricsFile, folder.url.appendingPathComponent("evaluation.json")]
        let times = files.map { file in
            let attributes = try? FileManager.default.attributesOfItem(atPath: file.path)
            return "\(attributes?[.size] ?? 0) \((attributes?[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0)"
        }
        return (times + ["\(folder.pictureSteps().last ?? 0)"]).joined(separator: " ")
    }
}
