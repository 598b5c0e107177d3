/// The role a colour plays in a chart; a ``ChartTheme`` says what it looks like.
package enum ChartColor: Sendable, Equatable {
    /// Titles and figures.
    case ink
    /// Tick labels, legends, captions.
    case muted
    /// Grid lines.
    case grid
    /// What lies behind the chart.
    case surface
    /// The colour of series number `index`; numbers past the palette start over.
    case series(Int)

    /// The custom property that carries this colour in SVG and HTML, without the leading dashes.
    var propertyName: String {
        switch self {
        case .ink: "chart-ink"
        case .muted: "chart-muted"
        case .grid: "chart-grid"
        case .surface: "chart-surface"
        case .series(let index): "chart-series-\(ChartTheme.paletteIndex(index))"
        }
    }

    /// The CSS expression for this colour, for instance `var(--chart-ink)`.
    package var css: String { "var(--\(propertyName))" }
}

/// An 8-bit sRGB colour.
struct RGBColor: Sendable, Equatable {
    var red: UInt8
    var green: UInt8
    var blue: UInt8

    /// A colour from its usual hexadecimal number, `0xRRGGBB`.
    init(_ hexadecimal: UInt32) {
        red = UInt8(truncatingIfNeeded: hexadecimal >> 16)
        green = UInt8(truncatingIfNeeded: hexadecimal >> 8)
        blue = UInt8(truncatingIfNeeded: hexadecimal)
    }

    /// `#rrggbb`.
    var css: String {
        "#" + [red, green, blue].map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}

/// What the colour roles look like on a light or on a dark page.
///
/// The series colours keep the hues of Okabe and Ito's palette ("Color Universal Design", 2008), which people with
/// any common colour vision deficiency can tell apart; their lightness is moved so that each has a contrast of at
/// least 3:1 with its own surface.
package struct ChartTheme: Sendable {
    var ink: RGBColor
    var muted: RGBColor
    var grid: RGBColor
    var surface: RGBColor
    var palette: [RGBColor]

    static let paletteCount = 6

    static func paletteIndex(_ index: Int) -> Int {
        let remainder = index % paletteCount
        return remainder < 0 ? remainder + paletteCount : remainder
    }

    /// Dark ink on white.
    static let light = ChartTheme(
        ink: RGBColor(0x1D2125), muted: RGBColor(0x5B636C), grid: RGBColor(0xE5E8EC), surface: RGBColor(0xFFFFFF),
        palette: [0x0072B2, 0xD55E00, 0x008A64, 0xA8508B, 0x8F6B00, 0x4B4FA6].map(RGBColor.init))

    /// Light ink on near-black.
    static let dark = ChartTheme(
        ink: RGBColor(0xE8EAED), muted: RGBColor(0x9DA6B0), grid: RGBColor(0x2C3238), surface: RGBColor(0x171A1E),
        palette: [0x56B4E9, 0xFF9B57, 0x3CCFA2, 0xE79CCB, 0xE9C04B, 0xA8ACF4].map(RGBColor.init))

    /// The colour that this theme gives a role.
    func color(_ role: ChartColor) -> RGBColor {
        switch role {
        case .ink: ink
        case .muted: muted
        case .grid: grid
        case .surface: surface
        case .series(let index): palette[Self.paletteIndex(index)]
        }
    }

    /// The declarations `--chart-ink:#...;` of every role, for a CSS rule.
    var declarations: String {
        let roles: [ChartColor] = [.ink, .muted, .grid, .surface] + (0..<Self.paletteCount).map { .series($0) }
        return roles.map { "--\($0.propertyName):\(color($0).css)" }.joined(separator: ";")
    }

    /// The style sheet that gives `selector` the light colours, and the dark ones on a screen that asks for dark.
    package static func styleSheet(for selector: String) -> String {
        "\(selector){\(light.declarations)}"
            + "@media screen and (prefers-color-scheme:dark){\(selector){\(dark.declarations)}}"
    }
}
