/// A device had too little memory for what it was asked to do.
package struct OutOfMemory: Sendable, Hashable {
    /// What could not be had, where the plugin tells.
    package let requestedBytes: Int?
}

extension PJRTError {
    /// The lack of memory that the plugin reports, or nil for any other error.
    ///
    /// Plugins have one status for all that can run out, and say in words what did and how much was asked for.
    package var outOfMemory: OutOfMemory? {
        guard case .failure(_, .resourceExhausted, let message) = self else { return nil }
        let words = ["out of memory", "out_of_memory", "failed to allocate"]
        guard words.contains(where: message.lowercased().contains) else { return nil }
        return OutOfMemory(requestedBytes: message.requestedBytes)
    }
}

extension String {
    /// The bytes that a sentence about an allocation names: `allocate 12345 bytes`, `176.00MiB (184549376B)`, `3.37GiB`.
    fileprivate var requestedBytes: Int? {
        guard let verb = firstMatch(of: /[Aa]llocat(?:e|ing)\b/) else { return nil }
        // The first line: a list of the program's buffers may follow.
        let request = self[verb.range.upperBound...].prefix { !$0.isNewline }
        if let count = request.firstMatch(of: /(\d+) ?(?:B\b|bytes)/) { return Int(count.1) }
        guard let size = request.firstMatch(of: /(\d+(?:\.\d+)?) ?([KMGT])iB/), let number = Double(size.1),
            let power = ["K", "M", "G", "T"].firstIndex(of: size.2)
        else { return nil }
        return (0...power).reduce(number) { size, _ in size * 1024 }.wholeNumber
    }
}

extension Double {
    fileprivate var wholeNumber: Int? { Int(exactly: rounded()) }
}

/// `1.50 GiB` or `12 bytes`
func byteCountText(_ count: Int) -> String {
    var (size, unit) = (Double(count), "bytes")
    for larger in ["KiB", "MiB", "GiB", "TiB"] where size >= 1024 { (size, unit) = (size / 1024, larger) }
    if unit == "bytes" { return "\(count) bytes" }
    let hundredths = Int((size * 100).rounded())
    return "\(hundredths / 100).\(hundredths / 10 % 10)\(hundredths % 10) \(unit)"
}
