import Basis

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
        Mirror(reflecting: self).children.map { (($0.label ?? "").snakeCased, $0.value) }
    }
}
