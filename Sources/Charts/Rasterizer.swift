import Formats

extension Drawing {
    /// The drawing as pixels, three channels, each edge softened by how much of the pixel it covers.
    ///
    /// - Parameter scale: pixels for one unit, held to 0.1...8.
    /// - Throws: `FormatError.image` for a chart with more categories than a picture has room for.
    func raster(scale: Double, theme: ChartTheme) throws(FormatError) -> RasterImage {
        let scale = min(max(scale, 0.1), 8)
        let (columns, rows) = (Int((width * scale).rounded(.up)), Int((height * scale).rounded(.up)))
        guard RasterImage.isPossible(width: columns, height: rows, channels: 3) else {
            throw .image(.size(width: columns, height: rows))
        }
        var canvas = Canvas(width: columns, height: rows, background: theme.color(.surface))
        for mark in marks { canvas.draw(mark, scale: scale, theme: theme) }
        return try RasterImage(width: canvas.width, height: canvas.height, channels: 3, pixels: canvas.pixels)
    }
}

/// A picture being painted.
private struct Canvas {
    let width: Int
    let height: Int
    var pixels: [UInt8]
    /// How much of each pixel the current mark covers, 0...1; all zero between two marks.
    private var coverage: [Float]
    private var touchedRows: ClosedRange<Int>?
    private var touchedColumns: ClosedRange<Int>?

    init(width: Int, height: Int, background: RGBColor) {
        self.width = width
        self.height = height
        pixels = []
        pixels.reserveCapacity(width * height * 3)
        for _ in 0..<(width * height) { pixels += [background.red, background.green, background.blue] }
        coverage = Array(repeating: 0, count: width * height)
    }

    mutating func draw(_ mark: Mark, scale: Double, theme: ChartTheme) {
        switch mark {
        case .line(let places, let color, let lineWidth, let opacity):
            cover(places.map { Place(x: $0.x * scale, y: $0.y * scale) }, width: lineWidth * scale)
            paint(theme.color(color), opacity: opacity)
        case .disc(let center, let radius, let color):
            cover([Place(x: center.x * scale, y: center.y * scale)], width: 2 * radius * scale)
            paint(theme.color(color), opacity: 1)
        case .bar(let box, let color, let isOutlined):
            let box = Box(x: box.x * scale, y: box.y * scale, width: box.width * scale, height: box.height * scale)
            cover(box)
            paint(theme.color(color), opacity: isOutlined ? 0.14 : 1)
            if isOutlined {
                let inset = scale / 2
                let (left, right) = (box.x + inset, max(box.x, box.maxX - inset))
                let (top, bottom) = (box.y + inset, box.maxY - inset)
                let corners = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]
                cover(corners.map { Place(x: $0.0, y: $0.1) }, width: scale)
                paint(theme.color(color), opacity: 1)
            }
        case .text(let string, let place, let anchor, let style):
            write(string, at: place, anchor: anchor, style: style, scale: scale)
            paint(theme.color(style.color), opacity: 1)
        }
    }

    private mutating func write(
        _ string: String, at place: Place, anchor: TextAnchor, style: TextStyle, scale: Double
    ) {
        let unit = style.size / StrokeFont.unitsPerEm * scale
        let stretch = style.isBold ? 1.05 : 1.0
        let width = StrokeFont.width(of: string) * unit * stretch
        // A baseline on the edge of a pixel keeps the feet of small letters sharp.
        let baseline = (place.y * scale).rounded()
        var x = place.x * scale - (anchor == .start ? 0 : anchor == .middle ? width / 2 : width)
        let pen = max(1, StrokeFont.penWidth * unit * (style.isBold ? 1.55 : 1))
        for character in string {
            let glyph = StrokeFont.glyph(character)
            for stroke in glyph.strokes {
                let places = stroke.map { point in
                    Place(
                        x: x + point.x * unit * stretch,
                        y: baseline - (point.y - StrokeFont.baseline) * unit - pen / 2)
                }
                cover(places, width: pen)
            }
            x += glyph.advance * unit * stretch
        }
    }

    /// Covers a round-capped line; where two of its pieces meet, the stronger one counts.
    private mutating func cover(_ places: [Place], width lineWidth: Double) {
        let half = max(lineWidth / 2, 0.35)
        guard let first = places.first else { return }
        let pieces = places.count == 1 ? [(first, first)] : Array(zip(places, places.dropFirst()))
        for (start, end) in pieces {
            let reach = half + 1
            guard
                let rows = range(min(start.y, end.y) - reach, max(start.y, end.y) + reach, limit: height),
                let columns = range(min(start.x, end.x) - reach, max(start.x, end.x) + reach, limit: width)
            else { continue }
            touch(rows: rows, columns: columns)
            let (dx, dy) = (end.x - start.x, end.y - start.y)
            let squaredLength = dx * dx + dy * dy
            for row in rows {
                let py = Double(row) + 0.5 - start.y
                for column in columns {
                    let px = Double(column) + 0.5 - start.x
                    let along = squaredLength > 0 ? min(max((px * dx + py * dy) / squaredLength, 0), 1) : 0
                    let (ex, ey) = (px - along * dx, py - along * dy)
                    let amount = Float(half + 0.5 - (ex * ex + ey * ey).squareRoot())
                    if amount > 0 {
                        let index = row * width + column
                        coverage[index] = max(coverage[index], min(amount, 1))
                    }
                }
            }
        }
    }

    private mutating func cover(_ box: Box) {
        guard
            let rows = range(box.y, box.maxY, limit: height), let columns = range(box.x, box.maxX, limit: width)
        else { return }
        touch(rows: rows, columns: columns)
        for row in rows {
            let tall = min(box.maxY, Double(row + 1)) - max(box.y, Double(row))
            for column in columns {
                let wide = min(box.maxX, Double(column + 1)) - max(box.x, Double(column))
                coverage[row * width + column] = Float(max(0, min(tall, 1)) * max(0, min(wide, 1)))
            }
        }
    }

    /// The pixels from `low` to `high` that lie on the canvas; `nil` if there are none.
    private func range(_ low: Double, _ high: Double, limit: Int) -> ClosedRange<Int>? {
        guard low.isFinite, high.isFinite, high >= 0, low < Double(limit), limit > 0 else { return nil }
        return Int(max(low, 0))...min(Int(min(high, Double(limit))), limit - 1)
    }

    private mutating func touch(rows: ClosedRange<Int>, columns: ClosedRange<Int>) {
        touchedRows = Self.union(touchedRows, rows)
        touchedColumns = Self.union(touchedColumns, columns)
    }

    private static func union(_ a: ClosedRange<Int>?, _ b: ClosedRange<Int>) -> ClosedRange<Int> {
        guard let a else { return b }
        return min(a.lowerBound, b.lowerBound)...max(a.upperBound, b.upperBound)
    }

    /// Lays the colour over what has been covered, and forgets the covering.
    private mutating func paint(_ color: RGBColor, opacity: Double) {
        guard let rows = touchedRows, let columns = touchedColumns else { return }
        let channels = [Float(color.red), Float(color.green), Float(color.blue)]
        for row in rows {
            for index in (row * width + columns.lowerBound)...(row * width + columns.upperBound)
            where coverage[index] > 0 {
                let amount = coverage[index] * Float(opacity)
                coverage[index] = 0
                for channel in 0..<3 {
                    let old = Float(pixels[3 * index + channel])
                    let new = old + (channels[channel] - old) * amount
                    pixels[3 * index + channel] = UInt8(min(max(new, 0), 255).rounded())
                }
            }
        }
        touchedRows = nil
        touchedColumns = nil
    }
}
