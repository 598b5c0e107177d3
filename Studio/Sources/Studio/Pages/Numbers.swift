import Foundation
import Measurements

/// Numbers as pages show them.
enum Numbers {
    /// Four digits.
    static func short(_ value: Double?) -> String {
        guard let value, value.isFinite else { return "–" }
        if value == 0 { return "0" }
        let size = abs(value)
        if size >= 1e5 || size < 1e-3 { return String(format: "%.2e", value) }
        return String(format: size >= 1000 ? "%.0f" : size >= 100 ? "%.1f" : size >= 1 ? "%.2f" : "%.4f", value)
    }

    static func grouped(_ value: Int) -> String { DecimalText.grouped(value) }

    static func duration(_ seconds: Double?) -> String {
        seconds.map { NumberForm.duration.text($0) } ?? "–"
    }
}
