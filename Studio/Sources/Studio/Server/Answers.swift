import Foundation
import HTTPTypes
import Hummingbird

extension Response {
    /// A page, an event or a file of bytes.
    init(_ bytes: some Sequence<UInt8>, type: String, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]) {
        var fields = headers
        fields[.contentType] = type
        self.init(status: status, headers: fields, body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    init(_ html: HTML, status: HTTPResponse.Status = .ok) {
        self.init(html.text.utf8, type: "text/html; charset=utf-8", status: status)
    }

    init(json value: some Encodable, status: HTTPResponse.Status = .ok) throws {
        self.init(try JSON.encoded(value), type: "application/json", status: status)
    }

    /// Sends the browser to another page with GET.
    static func seeOther(_ place: String) -> Response {
        Response(status: .seeOther, headers: [.location: place])
    }
}

enum JSON {
    static func encoded(_ value: some Encodable) throws -> Data {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(value)
    }
}

extension Double {
    /// Nil where it is not finite: JSON has no word for that.
    var ifFinite: Double? { isFinite ? self : nil }
}
