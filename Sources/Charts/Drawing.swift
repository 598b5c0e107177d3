/// Which width a chart is laid out for. Text has the same size in both.
package enum ChartSize: Sendable, CaseIterable {
    /// For a page or a print: 760 units across.
    case wide
    /// For a phone held upright: 360 units across.
    case narrow

    var width: Double { self == .wide ? 760 : 360 }
    var plotHeight: Double { self == .wide ? 330 : 270 }
}

/// A place on a drawing, in units from its top left corner; one unit is one CSS pixel.
struct Place: Sendable, Equatable {
    var x: Double
    var y: Double
}

/// A rectangle on a drawing.
struct Box: Sendable, Equatable {
    var x: Double
    var y: Double
    var width: Double
    var height: Double

    var maxX: Double { x + width }
    var maxY: Double { y + height }
}

enum TextAnchor: Sendable { case start, middle, end }

/// How a text is set.
struct TextStyle: Sendable, Equatable {
    var size: Double
    var color: ChartColor
    var isBold = false

    static let title = TextStyle(size: 15, color: .ink, isBold: true)
    static let label = TextStyle(size: 12, color: .muted)
    static let value = TextStyle(size: 12, color: .ink)

    /// How wide the text may become, in units.
    func width(of text: String) -> Double {
        TextWidths.width(of: text) * size * (isBold ? 1.1 : 1)
    }

    /// The text, shortened by an ellipsis of three points where it is wider than `limit`.
    func fitted(_ text: String, to limit: Double) -> String {
        // A text beyond this count is cut in any case, and may be too long to measure.
        let most = Int(max(0, limit) / (size * TextWidths.least)) + 1
        guard text.count > most || width(of: text) > limit else { return text }
        var shortened = String(text.prefix(most))
        while !shortened.isEmpty, width(of: shortened + "...") > limit { shortened.removeLast() }
        return shortened + "..."
    }
}

/// One thing drawn.
enum Mark: Sendable {
    /// Joined line pieces; a single point is a dot of the line's width.
    case line([Place], color: ChartColor, width: Double, opacity: Double)
    case disc(Place, radius: Double, color: ChartColor)
    case bar(Box, color: ChartColor, isOutlined: Bool)
    /// A faint area inside a closed line.
    case area([Place], color: ChartColor)
    /// A text whose baseline is at the place.
    case text(String, at: Place, anchor: TextAnchor, style: TextStyle)
    /// Marks that are of one thing, by which a page can find them.
    indirect case group(String, [Mark])
}

/// A laid-out chart: marks in painting order, with colour roles in place of colours.
package struct Drawing: Sendable {
    var width: Double
    var height: Double
    var title: String
    var summary: String
    var marks: [Mark] = []

    static let margin = 14.0

    /// Sets the title, cut to the drawing's width; returns the y below it.
    mutating func addTitle() -> Double {
        let style = TextStyle.title
        guard !title.isEmpty else { return Self.margin }
        let text = style.fitted(title, to: width - 2 * Self.margin)
        marks.append(.text(text, at: Place(x: Self.margin, y: Self.margin + 13), anchor: .start, style: style))
        return Self.margin + 20
    }

    /// Sets a legend in as many rows as it needs, from `top`; returns the y below it.
    mutating func addLegend(_ entries: [LegendEntry], top: Double) -> Double {
        guard !entries.isEmpty else { return top }
        let style = TextStyle.value
        let swatch = 18.0
        var place = Place(x: Self.margin, y: top + 14)
        for entry in entries {
            let name = style.fitted(entry.name, to: width - 2 * Self.margin - swatch - 6)
            let length = swatch + 6 + style.width(of: name)
            if place.x > Self.margin, place.x + length > width - Self.margin {
                place = Place(x: Self.margin, y: place.y + 18)
            }
            var entryMarks: [Mark] = []
            switch entry.swatch {
            case .line:
                entryMarks.append(
                    .line(
                        [Place(x: place.x + 1, y: place.y - 4), Place(x: place.x + swatch - 1, y: place.y - 4)],
                        color: entry.color, width: 3, opacity: 1))
            case .bar(let isOutlined):
                entryMarks.append(
                    .bar(
                        Box(x: place.x + 2, y: place.y - 9.5, width: swatch - 5, height: 10), color: entry.color,
                        isOutlined: isOutlined))
            }
            entryMarks.append(
                .text(name, at: Place(x: place.x + swatch + 6, y: place.y), anchor: .start, style: style))
            add(entryMarks, tag: entry.tag)
            place.x += length + 18
        }
        return place.y + 8
    }

    /// Adds marks, as a group where they have a tag.
    mutating func add(_ marks: [Mark], tag: String) {
        if tag.isEmpty { self.marks += marks } else if !marks.isEmpty { self.marks.append(.group(tag, marks)) }
    }
}

/// One name in a legend.
struct LegendEntry {
    enum Swatch {
        case line
        case bar(isOutlined: Bool)
    }

    var name: String
    var color: ChartColor
    var swatch: Swatch
    var tag = ""
}
