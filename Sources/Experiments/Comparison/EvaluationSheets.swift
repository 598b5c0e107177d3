import Formats
import Foundation
import Measurements
import Training

/// Pictures of runs' last evaluations: the images nearest to a training image, those that the classifier is most sure of, and
/// those that it is least sure of.
struct EvaluationSheets {
    /// By the names that the study knows them by.
    private(set) var pictures: [String: RasterImage] = [:]
    private var entries: [Int: [Picture]] = [:]

    private static let kinds = [
        (
            ending: "nearest", group: "Nearest to a training image",
            summary: "rows of the images that are nearest to a training image, each above that image"
        ),
        (
            ending: "best", group: "Surest", summary: "the images whose label the classifier is most sure of"
        ),
        (
            ending: "worst", group: "Least sure", summary: "the images whose label the classifier is least sure of"
        ),
    ]

    /// - Parameters:
    ///   - groups: of which the first member alone is shown; without any, all runs are
    ///   - onTrouble: told of a picture that cannot be read
    init(
        _ members: [ComparedRun], _ measured: [MeasuredRun], _ groups: [SubjectGroup],
        onTrouble: (String) throws -> Void
    ) throws {
        let shown = groups.isEmpty ? Array(members.indices) : groups.compactMap(\.members.first)
        for index in shown {
            let files = measured[index].evaluations.first?.pictures ?? []
            for kind in EvaluationSheets.kinds {
                guard let name = files.first(where: { $0.hasSuffix("-\(kind.ending).png") }) else { continue }
                let url = members[index].folder.url.appendingPathComponent(name)
                let file = "\(kind.ending)-\(members[index].name).png"
                do {
                    pictures[file] = try PNG.decode(OpenFile.bytes(of: url.path))
                } catch {
                    try onTrouble("\(error)")
                    continue
                }
                entries[index, default: []].append(
                    Picture(
                        section: Section.sheets, group: kind.group, file: file,
                        summary: "\(members[index].title): \(kind.summary)"))
            }
        }
    }

    func added(to study: Study) -> Study {
        var study = study
        for (index, pictures) in entries { study.subjects[index].pictures += pictures }
        return study
    }
}
