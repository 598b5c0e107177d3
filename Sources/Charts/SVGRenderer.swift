extension Drawing {
    /// The drawing as one `<svg>` element that needs nothing around it: it scales to the width it is given, brings
    /// its light and dark colours along, and tells a screen reader its title and summary.
    func svg() -> String {
        let size = "\(Self.text(width)) \(Self.text(height))"
        var result = """
            <svg xmlns="http://www.w3.org/2000/svg" class="chart" role="img" viewBox="0 0 \(size)" \
            width="\(Self.text(width))" height="\(Self.text(height))" style="max-width:100%;height:auto" \
            font-family="system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif">
            <title>\(MarkupText.escaped(title))</title>
            <desc>\(MarkupText.escaped(summary))</desc>
            <style>\(ChartTheme.styleSheet(for: "svg.chart"))</style>
            <rect width="100%" height="100%" style="fill:\(ChartColor.surface.css)"/>

            """
        result += marks.map { Self.element($0) + "\n" }.joined()
        return result + "</svg>\n"
    }

    private static func element(_ mark: Mark) -> String {
        switch mark {
        case .line(let places, let color, let width, let opacity):
            let points = places.map { "\(text($0.x)) \(text($0.y))" }
            let path = "M" + points.joined(separator: "L") + (places.count == 1 ? "h0" : "")
            let fade = opacity < 1 ? " stroke-opacity=\"\(text(opacity))\"" : ""
            return """
                <path d="\(path)" fill="none" style="stroke:\(color.css)" stroke-width="\(text(width))"\(fade) \
                stroke-linecap="round" stroke-linejoin="round"\(dashes(color))/>
                """
        case .area(let places, let color):
            let points = places.map { "\(text($0.x)) \(text($0.y))" }
            return "<path d=\"M\(points.joined(separator: "L"))Z\" fill-opacity=\"0.16\" style=\"fill:\(color.css)\"/>"
        case .group(let tag, let marks):
            return "<g data-tag=\"\(MarkupText.escaped(tag))\">\(marks.map(element).joined(separator: "\n"))</g>"
        case .disc(let center, let radius, let color):
            return """
                <circle cx="\(text(center.x))" cy="\(text(center.y))" r="\(text(radius))" style="fill:\(color.css)"/>
                """
        case .bar(let box, let color, let isOutlined):
            let inset = isOutlined ? 0.5 : 0
            let geometry = """
                x="\(text(box.x + inset))" y="\(text(box.y + inset))" width="\(text(max(0, box.width - 2 * inset)))" \
                height="\(text(max(0, box.height - 2 * inset)))"
                """
            return isOutlined
                ? "<rect \(geometry) fill-opacity=\"0.14\" style=\"fill:\(color.css);stroke:\(color.css)\"/>"
                : "<rect \(geometry) style=\"fill:\(color.css)\"/>"
        case .text(let string, let place, let anchor, let style):
            let position =
                switch anchor {
                case .start: ""
                case .middle: " text-anchor=\"middle\""
                case .end: " text-anchor=\"end\""
                }
            return """
                <text x="\(text(place.x))" y="\(text(place.y))" font-size="\(text(style.size))"\(position)\
                \(style.isBold ? " font-weight=\"600\"" : "") \
                style="fill:\(style.color.css)">\(MarkupText.escaped(string))</text>
                """
        }
    }

    /// Lines whose colour another has, the palette having started over, are broken.
    private static func dashes(_ color: ChartColor) -> String {
        guard case .series(let index) = color, index >= ChartTheme.paletteCount else { return "" }
        return " stroke-dasharray=\"\(index < 2 * ChartTheme.paletteCount ? "7 4" : "2 4")\""
    }

    /// A coordinate with up to two digits after the point.
    private static func text(_ value: Double) -> String {
        let hundredths = Int((value * 100).rounded())
        let fraction = hundredths.magnitude % 100
        let sign = hundredths < 0 ? "-" : ""
        let whole = "\(sign)\(hundredths.magnitude / 100)"
        if fraction == 0 { return whole }
        if fraction.isMultiple(of: 10) { return "\(whole).\(fraction / 10)" }
        return "\(whole).\(fraction < 10 ? "0" : "")\(fraction)"
    }
}

/// Text made safe for HTML and XML.
package enum MarkupText {
    /// The text with `& < > " '` as entities, fit for element content and for quoted attributes. Characters that XML
    /// 1.0 has no place for (most control characters) become U+FFFD.
    package static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            case "\t", "\n", "\r": result.unicodeScalars.append(scalar)
            case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{FFFE}", "\u{FFFF}": result += "\u{FFFD}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
