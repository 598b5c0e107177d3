import Testing

/// Expects a value that may have taken an error to come by.
func expect<Value: Equatable>(
    _ value: Value, is wanted: Value, _ note: String = "", sourceLocation: SourceLocation = #_sourceLocation
) {
    #expect(value == wanted, "\(note)", sourceLocation: sourceLocation)
}
