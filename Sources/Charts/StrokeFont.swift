/// The typeface of raster charts: one pen stroke of even width, drawn for this project.
///
/// Heights in font units: baseline 4, x-height 14, capitals 18, descenders 0. Printable ASCII has glyphs; any other
/// character is drawn as an empty box.
enum StrokeFont {
    static let unitsPerEm = 20.0
    static let baseline = 4.0
    /// The width of the pen.
    static let penWidth = 1.75
    /// What a glyph's advance is wider than its drawing.
    private static let bearing = 3.7

    struct Glyph: Sendable {
        /// The distance to the next glyph.
        var advance: Double
        /// The pen's ways, in font units, y upwards.
        var strokes: [[(x: Double, y: Double)]]
    }

    static func glyph(_ character: Character) -> Glyph {
        glyphs[character] ?? missing
    }

    /// The width of a line of text in font units.
    static func width(of text: String) -> Double {
        text.reduce(0) { $0 + glyph($1).advance }
    }

    private static let glyphs: [Character: Glyph] = {
        var result: [Character: Glyph] = [" ": Glyph(advance: 6, strokes: [])]
        for line in strokeFontOutlines.split(separator: "\n") {
            guard let character = line.first else { continue }
            result[character] = glyph(outline: line.dropFirst())
        }
        return result
    }()

    private static let missing = glyph(outline: "040I8I84z")

    private static func glyph(outline: Substring) -> Glyph {
        let strokes = outline.split(separator: " ").map(stroke)
        let width = strokes.joined().map(\.x).max() ?? 0
        return Glyph(advance: width + bearing, strokes: strokes.map { $0.map { ($0.x + bearing / 2, $0.y) } })
    }

    /// Reads one stroke: pairs of base-36 digits, x then y; `~` before a pair makes it the control point of a
    /// quadratic curve, with a point of the curve implied halfway between two controls; `z` closes the stroke.
    private static func stroke(_ text: Substring) -> [(x: Double, y: Double)] {
        var nodes: [(x: Double, y: Double, isControl: Bool)] = []
        var isControl = false
        var isClosed = false
        var pending: Double?
        for character in text {
            if character == "~" {
                isControl = true
            } else if character == "z" {
                isClosed = true
            } else if let digit = character.hexDigitOrLetterValue {
                if let x = pending {
                    nodes.append((x, digit, isControl))
                    pending = nil
                    isControl = false
                } else {
                    pending = digit
                }
            }
        }
        guard let first = nodes.first, let last = nodes.last else { return [] }
        if isClosed {
            let start = first.isControl ? ((first.x + last.x) / 2, (first.y + last.y) / 2, false) : first
            if first.isControl { nodes.insert(start, at: 0) }
            nodes.append(start)
        }
        return flattened(nodes)
    }

    private static func flattened(_ nodes: [(x: Double, y: Double, isControl: Bool)]) -> [(x: Double, y: Double)] {
        var points: [(x: Double, y: Double)] = []
        var current = (x: 0.0, y: 0.0)
        for (index, node) in nodes.enumerated() {
            if !node.isControl {
                if index == 0 || !nodes[index - 1].isControl { points.append((node.x, node.y)) }
                current = (node.x, node.y)
                continue
            }
            guard index + 1 < nodes.count else { continue }
            let next = nodes[index + 1]
            let end = next.isControl ? ((node.x + next.x) / 2, (node.y + next.y) / 2) : (next.x, next.y)
            let pieces = 8
            for piece in 1...pieces {
                let t = Double(piece) / Double(pieces)
                let (a, b, c) = ((1 - t) * (1 - t), 2 * t * (1 - t), t * t)
                points.append((a * current.x + b * node.x + c * end.0, a * current.y + b * node.y + c * end.1))
            }
            current = end
        }
        return points
    }
}

extension Character {
    fileprivate var hexDigitOrLetterValue: Double? {
        guard let ascii = asciiValue else { return nil }
        switch ascii {
        case 48...57: return Double(ascii - 48)
        case 65...90: return Double(ascii - 55)
        default: return nil
        }
    }
}
