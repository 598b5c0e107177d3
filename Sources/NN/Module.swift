/// A part of a network: an immutable value that declares parameters and sub-modules as properties.
///
/// Modules hold declarations, never values; a layer reads a value with `context[weight]` while it is traced.
public protocol Module: Sendable {
    /// Named parameters, modules, and optionals or arrays of them. By default the stored properties, in order, with
    /// their names in snake case.
    var children: [(name: String, value: Any)] { get }
}

extension Module {
    public var children: [(name: String, value: Any)] {
        Mirror(reflecting: self).children.map { (snakeCase($0.label ?? ""), $0.value) }
    }
}

/// `numBatchesTracked` becomes `num_batches_tracked`.
public func snakeCase(_ name: String) -> String {
    var result = ""
    for character in name {
        if character.isUppercase && !result.isEmpty { result.append("_") }
        result += character.lowercased()
    }
    return result
}
