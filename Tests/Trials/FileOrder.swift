import Foundation

/// What the order of calls on files must be for a run to survive a power failure at any instant.
///
/// A killed process loses nothing that it wrote; a machine that stops loses all that was not flushed. So before a name
/// is given to a file its bytes are flushed, and before a checkpoint has its name the metrics of its steps are.
package enum FileOrder {
    /// What is wrong in the calls of the workshop's undisturbed run.
    package static func mistakes(in workshop: Workshop) -> [String] {
        mistakes(in: workshop.reference.calls)
    }

    static func mistakes(in calls: [FileCall]) -> [String] {
        var unflushed: Set<String> = []
        var mistakes: [String] = []
        for call in calls {
            switch call.name {
            case "write", "ftruncate": unflushed.insert(call.path)
            case "fsync": unflushed.remove(call.path)
            case "rename":
                let folder = (call.path as NSString).deletingLastPathComponent
                let name = (call.path as NSString).lastPathComponent
                let parts = unflushed.filter { $0.hasPrefix(folder + "/.partial-") }.sorted()
                if let part = parts.first { mistakes.append("\(name) gets its name before \(part) is flushed") }
                if name.hasPrefix("step-"), name.hasSuffix(".safetensors"),
                    unflushed.contains(where: { $0.hasSuffix("metrics.jsonl") })
                {
                    mistakes.append("\(name) gets its name before metrics.jsonl is flushed")
                }
            default: break
            }
        }
        return mistakes
    }
}
