import Foundation
import HTTPTypes
import Hummingbird

/// What keeps other pages and other people out.
///
/// A server on the loopback address is reached by every page that the same browser shows: a page of another site may send
/// requests to it, and a name that its owner points to 127.0.0.1 makes them look like its own ("DNS rebinding"). So the
/// name asked for must be a loopback one, and a request that another site began is refused. Elsewhere a secret is asked
/// for as well.
struct Safety: Sendable {
    /// Names that this server goes by, with its port; nil for any, where a token tells friend from foe.
    let hosts: Set<String>?
    /// What a browser must show, where not only this machine reaches the server.
    let token: String?

    static let cookie = "flowmatch_studio"

    /// - Parameters:
    ///   - host: the address that is listened on
    ///   - port: of it
    init(host: String, port: Int, token: String? = nil) {
        self.token = Safety.isLoopback(host) ? token : token ?? Safety.newToken()
        hosts =
            Safety.isLoopback(host)
            ? Set(["127.0.0.1", "localhost", "[::1]"].flatMap { port == 80 ? [$0, "\($0):80"] : ["\($0):\(port)"] })
            : nil
    }

    static func isLoopback(_ host: String) -> Bool {
        host == "localhost" || host == "::1" || (host.hasPrefix("127.") && host.split(separator: ".").count == 4)
    }

    /// 32 digits that nobody guesses.
    static func newToken() -> String {
        var generator = SystemRandomNumberGenerator()
        return (0..<32).map { _ in String(Int.random(in: 0..<16, using: &generator), radix: 16) }.joined()
    }

    /// Refuses a request that did not come from a page of this server, or from a person.
    ///
    /// - Throws: ``Refusal``
    func check(_ request: Request) throws(Refusal) {
        let host = request.head.authority?.lowercased() ?? ""
        if let hosts, !hosts.contains(host) {
            throw Refusal(.misdirectedRequest, "this server is not called '\(host)'; go to http://127.0.0.1")
        }
        let method = request.method
        guard [.get, .head, .post].contains(method) else {
            throw Refusal(.methodNotAllowed, "\(method.rawValue) is not asked of this server")
        }
        let origin = request.headers[.origin]
        if let origin, origin.lowercased() != "http://\(host)" {
            throw Refusal(.forbidden, "a page of another site (\(origin)) cannot use this server")
        }
        let site = HTTPField.Name("Sec-Fetch-Site").flatMap { request.headers[$0] }
        let mode = HTTPField.Name("Sec-Fetch-Mode").flatMap { request.headers[$0] }
        let isLink = method == .get && mode == "navigate"
        if let site, !["same-origin", "none"].contains(site), !isLink {
            throw Refusal(.forbidden, "a page of another site cannot use this server")
        }
        if method == .post {
            guard origin != nil else {
                throw Refusal(.forbidden, "a request that changes something must say which page sent it (Origin)")
            }
        }
    }

    /// Whether a request shows the token, as a cookie or in its address.
    func isKnown(_ request: Request) -> Bool {
        guard let token else { return true }
        return Safety.isEqual(request.cookies[Safety.cookie]?.value ?? "", token)
    }

    func hasToken(_ text: String?) -> Bool {
        guard let token, let text else { return false }
        return Safety.isEqual(text, token)
    }

    /// In a time that does not tell how much of it is right.
    private static func isEqual(_ a: String, _ b: String) -> Bool {
        let (a, b) = (Array(a.utf8), Array(b.utf8))
        guard a.count == b.count else { return false }
        return zip(a, b).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }

    /// What every answer carries: nothing of another site, nothing inline, no frame around it.
    static let headers: HTTPFields = {
        var fields: HTTPFields = [
            .contentSecurityPolicy:
                "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
                + "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
            .xContentTypeOptions: "nosniff",
        ]
        for (name, value) in [
            // A form's Origin is null under a stricter policy.
            "Referrer-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin", "X-Frame-Options": "DENY",
            "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
        ] {
            if let name = HTTPField.Name(name) { fields[name] = value }
        }
        return fields
    }()
}

/// Holds each request to ``Safety``, and turns what is thrown into a page or an object that says it.
struct SafetyMiddleware<Context: RequestContext>: RouterMiddleware {
    let safety: Safety

    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        var response: Response
        do {
            try safety.check(request)
            response = try await admitted(request, context, next)
        } catch let refusal as Refusal {
            response = answer(refusal, to: request)
        } catch let error as HTTPError {
            response = answer(Refusal(error.status, error.body ?? error.status.reasonPhrase.lowercased()), to: request)
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            response = answer(Refusal(.internalServerError, "\(error)"), to: request)
        }
        for field in Safety.headers where response.headers[field.name] == nil {
            response.headers[field.name] = field.value
        }
        if response.headers[.cacheControl] == nil { response.headers[.cacheControl] = "no-store" }
        return response
    }

    /// A browser that knows the token is let in; one that brings it gets a cookie for it.
    private func admitted(
        _ request: Request, _ context: Context, _ next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        if safety.isKnown(request) { return try await next(request, context) }
        let parameters = try Parameters(request)
        guard safety.hasToken(parameters["token"]), let token = safety.token else {
            throw Refusal(
                .unauthorized, "open the address with the token that `flowmatch studio` printed when it started")
        }
        var response = Response.seeOther("/")
        response.headers[.setCookie] = "\(Safety.cookie)=\(token); Path=/; HttpOnly; SameSite=Strict"
        return response
    }

    private func answer(_ refusal: Refusal, to request: Request) -> Response {
        let wantsPage = request.headers[.accept]?.contains("text/html") ?? false
        guard !wantsPage, let response = try? Response(json: ["error": refusal.description], status: refusal.status)
        else { return Response(RefusalPage(refusal).html, status: refusal.status) }
        return response
    }
}
