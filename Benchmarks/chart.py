"""results.svg: bars of the median seconds of a step, one panel a network, batch size and task."""

import statistics
from xml.sax.saxutils import escape

from measurement import Comparison
from report import OURS, OURS_ROUNDED, heading, tasks, timings

WIDTH, NAME_WIDTH, VALUE_WIDTH = 760, 150, 150
BAR, GAP, TITLE, MARGIN = 18, 6, 34, 16
COLOURS = {OURS: "#d9480f", OURS_ROUNDED: "#f08c00"}
OTHER_COLOUR = "#8a94a6"


def _text(x: float, y: float, content: str, size: int = 12, **attributes: str) -> str:
    extra = "".join(f' {name.replace("_", "-")}="{value}"' for name, value in attributes.items())
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}"{extra}>{escape(content)}</text>'


def _panel(comparison: Comparison, task: str, top: float) -> tuple[list[str], float]:
    """The panel's elements from `top` on, and where it ends. A bar out of all proportion is cut, and says so."""
    medians = {peer.name: statistics.median(timings(peer, task)) for peer in comparison.peers if timings(peer, task)}
    scale = sorted(medians.values())[: max(len(medians) - 1, 1)]
    longest = max([value for value in medians.values() if value <= 4 * max(scale)], default=1.0)
    room = WIDTH - NAME_WIDTH - VALUE_WIDTH
    elements = [_text(MARGIN, top + 18, heading(comparison, task), 14, font_weight="600")]
    y = top + TITLE
    for peer in comparison.peers:
        elements.append(_text(NAME_WIDTH - 8, y + 13, peer.name, text_anchor="end"))
        if peer.failure or peer.name not in medians:
            elements.append(_text(NAME_WIDTH, y + 13, "failed", fill="#a61e4d"))
        else:
            value = medians[peer.name]
            length = room * min(value / longest, 1)
            colour = COLOURS.get(peer.name, OTHER_COLOUR)
            elements.append(f'<rect x="{NAME_WIDTH}" y="{y}" width="{length:.1f}" height="{BAR}" fill="{colour}"/>')
            cut = " (bar cut)" if value > longest else ""
            elements.append(_text(NAME_WIDTH + length + 6, y + 13, f"{value:.3f} s{cut}"))
        y += BAR + GAP
    return elements, y + GAP


def svg(comparisons: list[Comparison]) -> str:
    elements, y = [], float(MARGIN)
    for comparison in comparisons:
        for task in tasks(comparison):
            panel, y = _panel(comparison, task, y)
            elements += panel
    elements.append(_text(MARGIN, y + 14, "Median seconds of one step; shorter is faster.", fill="#5c6675"))
    height = y + 30
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" width="{WIDTH}" '
        f'height="{height:.0f}" font-family="system-ui, sans-serif" fill="#1c2430" role="img" '
        f'aria-label="Seconds a step, by system">\n<rect width="100%" height="100%" fill="#ffffff"/>\n'
        + "\n".join(elements)
        + "\n</svg>\n"
    )
