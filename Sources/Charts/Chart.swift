/// Something that can be drawn: laid out for a width, rendered as SVG.
package protocol Chart: Sendable {
    /// The marks of the chart for a page or for a phone.
    func layout(size: ChartSize) -> Drawing
}

extension Chart {
    /// The chart as one self-contained `<svg>` element, which is also a whole SVG file.
    package func svg(size: ChartSize = .wide) -> String {
        layout(size: size).svg()
    }
}
