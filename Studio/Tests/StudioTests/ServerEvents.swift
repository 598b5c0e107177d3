import Foundation

/// The events of a stream: names and objects.
struct ServerEvents: RandomAccessCollection {
    private let events: [(name: String, value: [String: Any])]

    init(_ answer: Answer) throws {
        events = try answer.body.components(separatedBy: "event: ").dropFirst().compactMap { text in
            let lines = text.components(separatedBy: "\n")
            guard lines.count > 1 else { return nil }
            let data = Data(lines[1].dropFirst("data: ".count).utf8)
            return (lines[0], try JSONSerialization.jsonObject(with: data) as? [String: Any] ?? [:])
        }
    }

    var startIndex: Int { 0 }
    var endIndex: Int { events.count }
    subscript(index: Int) -> (name: String, value: [String: Any]) { events[index] }
}
