import HTTPTypes
import Hummingbird
import NIOCore
import ServiceLifecycle

/// One event of a stream, as `text/event-stream` writes it (WHATWG HTML, "Server-sent events").
struct ServerEvent: Sendable {
    let buffer: ByteBuffer

    init(_ name: String, _ value: some Encodable) throws {
        var buffer = ByteBuffer(string: "event: \(name)\ndata: ")
        buffer.writeBytes(try JSON.encoded(value))
        buffer.writeString("\n\n")
        self.buffer = buffer
    }

    private init(comment: String) { buffer = ByteBuffer(string: ": \(comment)\n\n") }

    /// Nothing; keeps the connection, and finds out that it is gone.
    static let beat = ServerEvent(comment: "beat")
}

extension Response {
    /// A stream of events; it ends when its reader goes away or the server stops.
    ///
    /// - Parameter events: asked for the next event when the last has been written, so that nothing piles up
    static func events<Events: AsyncSequence & Sendable>(_ request: Request, _ events: Events) -> Response
    where Events.Element == ServerEvent {
        let headers: HTTPFields = [.contentType: "text/event-stream", .cacheControl: "no-store"]
        return Response(
            status: .ok, headers: headers,
            body: ResponseBody { writer in
                try? await request.body.consumeWithCancellationOnInboundClose { _ in
                    for try await event in events.cancelOnGracefulShutdown() { try await writer.write(event.buffer) }
                }
                try await writer.finish(nil)
            })
    }
}
