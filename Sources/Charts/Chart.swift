public import Formats

/// Something that can be drawn: laid out once for a width, rendered as SVG or as pixels.
public protocol Chart: Sendable {
    /// The marks of the chart for a page or for a phone.
    func layout(size: ChartSize) -> Drawing
}

extension Chart {
    /// The chart as one self-contained `<svg>` element, which is also a whole SVG file.
    public func svg(size: ChartSize = .wide) -> String {
        layout(size: size).svg()
    }

    /// The chart as an RGB picture.
    ///
    /// - Parameters:
    ///   - scale: pixels for one unit, held to 0.1...8; a wide chart is 760 units across.
    ///   - theme: light or dark.
    /// - Throws: `FormatError.image` for a bar chart with more categories than a picture has room for.
    public func raster(
        scale: Double = 2, size: ChartSize = .wide, theme: ChartTheme = .light
    ) throws(FormatError) -> RasterImage {
        try layout(size: size).raster(scale: scale, theme: theme)
    }
}
