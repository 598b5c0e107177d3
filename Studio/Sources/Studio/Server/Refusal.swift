import HTTPTypes

/// A request that is not served, and why, in one sentence.
struct Refusal: Error, CustomStringConvertible {
    let status: HTTPResponse.Status
    let description: String

    init(_ status: HTTPResponse.Status, _ sentence: String) {
        self.status = status
        description = sentence
    }

    static func bad(_ sentence: String) -> Refusal { Refusal(.badRequest, sentence) }

    static func missing(_ sentence: String) -> Refusal { Refusal(.notFound, sentence) }
}
