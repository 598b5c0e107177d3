import Foundation

/// Checks JSON against the part of JSON Schema that the report's schema uses, and refuses any other keyword.
struct SchemaValidator {
    private let root: [String: Any]

    private static let keywords: Set<String> = [
        "$schema", "$defs", "$ref", "title", "description", "type", "required", "additionalProperties", "properties",
        "items", "enum", "minimum", "maximum", "pattern",
    ]

    init(schema: Data) throws {
        root = try JSONSerialization.jsonObject(with: schema) as? [String: Any] ?? [:]
    }

    /// Of the reports' JSON.
    static func ofReports() throws -> SchemaValidator {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try SchemaValidator(
            schema: Data(contentsOf: root.appendingPathComponent("Documentation/report.schema.json")))
    }

    /// What is wrong with the JSON, a line each; empty if nothing is.
    func problems(in json: Data) throws -> [String] {
        let value = try JSONSerialization.jsonObject(with: json, options: .fragmentsAllowed)
        return check(value, root, at: "$")
    }

    private func check(_ value: Any, _ schema: [String: Any], at path: String) -> [String] {
        var problems = schema.keys.filter { !Self.keywords.contains($0) }.map { "\(path): keyword \($0)" }
        if let reference = schema["$ref"] as? String {
            let name = String(reference.dropFirst("#/$defs/".count))
            guard let target = (root["$defs"] as? [String: Any])?[name] as? [String: Any] else {
                return problems + ["\(path): no definition \(reference)"]
            }
            return problems + check(value, target, at: path)
        }
        let types = (schema["type"] as? [String]) ?? (schema["type"] as? String).map { [$0] } ?? []
        if !types.isEmpty, !types.contains(where: { Self.isOf($0, value) }) {
            return problems + ["\(path): \(value) is not \(types)"]
        }
        if let number = (value as? NSNumber)?.doubleValue {
            let range = (schema["minimum"] as? Double ?? -.infinity)...(schema["maximum"] as? Double ?? .infinity)
            if !range.contains(number) { problems.append("\(path): \(number) is not in \(range)") }
        }
        if let text = value as? String, let allowed = schema["enum"] as? [String], !allowed.contains(text) {
            problems.append("\(path): '\(text)' is not one of \(allowed)")
        }
        if let text = value as? String, let pattern = schema["pattern"] as? String,
            text.range(of: pattern, options: .regularExpression) == nil
        {
            problems.append("\(path): '\(text)' does not match \(pattern)")
        }
        if let items = value as? [Any], let schema = schema["items"] as? [String: Any] {
            for (index, item) in items.enumerated() { problems += check(item, schema, at: "\(path)[\(index)]") }
        }
        guard let object = value as? [String: Any] else { return problems }
        let properties = schema["properties"] as? [String: [String: Any]] ?? [:]
        for name in schema["required"] as? [String] ?? [] where object[name] == nil {
            problems.append("\(path): no \(name)")
        }
        for (name, item) in object {
            if let schema = properties[name] {
                problems += check(item, schema, at: "\(path).\(name)")
            } else if schema["additionalProperties"] as? Bool == false {
                problems.append("\(path): unknown \(name)")
            }
        }
        return problems
    }

    private static func isOf(_ type: String, _ value: Any) -> Bool {
        let number = value as? NSNumber
        // Both Booleans and 0 and 1 are given as NSNumber; what they were made from tells them apart.
        let isBoolean = number.map { String(cString: $0.objCType) == "c" } ?? false
        switch type {
        case "object": return value is [String: Any]
        case "array": return value is [Any]
        case "string": return value is String
        case "null": return value is NSNull
        case "boolean": return isBoolean
        case "number": return number != nil && !isBoolean
        case "integer": return number.map { !isBoolean && $0.doubleValue.rounded() == $0.doubleValue } ?? false
        default: return false
        }
    }
}
