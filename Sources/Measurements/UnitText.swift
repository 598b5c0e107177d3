extension DecimalText {
    /// A time span: `0.42 s`, `12.3 s`, `5 min 07 s`, `2 h 03 min`.
    ///
    /// - Parameter digits: significant digits of a span under 100 seconds.
    package static func duration(_ seconds: Double, digits: Int = 3) -> String {
        guard seconds >= 99.95, seconds < 1e9 else { return significant(seconds, digits: digits) + " s" }
        let whole = Int(seconds.rounded())
        func padded(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        if whole < 3600 { return "\(whole / 60) min \(padded(whole % 60)) s" }
        let minutes = (whole + 30) / 60
        return "\(minutes / 60) h \(padded(minutes % 60)) min"
    }

    /// An amount of memory: `34.5 MB`, `2.34 GB`.
    package static func memory(_ bytes: Double) -> String {
        bytes >= 1e9 ? significant(bytes / 1e9, digits: 3) + " GB" : significant(bytes / 1e6, digits: 3) + " MB"
    }
}
