import Hummingbird
import Synchronization

/// The ``Safety`` of a server, which is known when the server has its port.
final class StartedSafety: Sendable {
    private let host: String
    private let safety = Mutex<Safety?>(nil)

    init(_ host: String) { self.host = host }

    func start(port: Int) -> Safety {
        safety.withLock { safety in
            let new = safety ?? Safety(host: host, port: port)
            safety = new
            return new
        }
    }

    var current: Safety? { safety.withLock { $0 } }
}

/// ``SafetyMiddleware`` with a safety that comes to be known.
struct LateSafety<Context: RequestContext>: RouterMiddleware {
    let started: StartedSafety

    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        guard let safety = started.current else { return Response(status: .serviceUnavailable) }
        return try await SafetyMiddleware(safety: safety).handle(request, context: context, next: next)
    }
}
