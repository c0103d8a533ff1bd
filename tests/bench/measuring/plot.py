"""How cost grows, as a picture: time and memory by rows, both scales logarithmic, in dark and in light."""
import math
from html import escape
from pathlib import Path

from .report import Results, resident
from .tools import UNIQUE, peers

WIDTH = 880
# Told apart by shape as well as by colour.
LOOKS = {
    UNIQUE: ("#b3541e", "square"),
    "sqlite-bare": ("#8a8a8a", "square"),
    "sqlite-indexed": ("#8c564b", "square"),
    "duckdb": ("#9a7d0a", "triangle"),
    "pandas": ("#7b52ab", "triangle"),
    "sqlite-utils": ("#2e8b57", "triangle"),
}
OURS = ["#1f6feb", "#d1248f", "#0a7f7f"]

STYLE = """
  text { font: 12px system-ui, sans-serif; fill: #24292f; }
  .title { font-weight: 600; font-size: 13px; }
  .grid { stroke: #8c959f; stroke-opacity: .35; stroke-width: 1; }
  .ground { fill: #ffffff; }
  @media (prefers-color-scheme: dark) { text { fill: #e6edf3; } .ground { fill: #0d1117; } }
"""


def short(number):
    for unit, size in [("M", 10**6), ("k", 10**3)]:
        if number >= size:
            return f"{number / size:g}{unit}"
    return f"{number:g}"


class Panel:
    """One diagram: values by rows."""

    def __init__(self, left, width, title, series, unit):
        self.left, self.width, self.title, self.series, self.unit = left, width, title, series, unit
        self.top, self.bottom = 46, 300
        rows = [rows for points in series.values() for rows, _ in points]
        values = [value for points in series.values() for _, value in points]
        self.x0, self.x1 = math.log10(min(rows)) - 0.15, math.log10(max(rows)) + 0.15
        self.y0, self.y1 = math.floor(math.log10(min(values)) * 2) / 2, math.ceil(math.log10(max(values)) * 2) / 2

    def at(self, rows, value):
        x = self.left + (math.log10(rows) - self.x0) / (self.x1 - self.x0) * self.width
        y = self.bottom - (math.log10(value) - self.y0) / (self.y1 - self.y0) * (self.bottom - self.top)
        return round(x, 1), round(y, 1)

    def ticks(self):
        """1, 10, 100 … and, where these are few, 2 and 5 of each."""
        steps = (1, 2, 5) if self.y1 - self.y0 < 2.5 else (1,)
        powers = range(math.floor(self.y0), math.ceil(self.y1) + 1)
        values = [step * 10.0**power for power in powers for step in steps]
        return [value for value in values if self.y0 <= math.log10(value) <= self.y1]

    def draw(self, looks):
        yield f'<text class="title" x="{self.left}" y="24">{escape(self.title)}</text>'
        for value in self.ticks():
            _, y = self.at(10**self.x0, value)
            yield f'<line class="grid" x1="{self.left}" y1="{y}" x2="{self.left + self.width}" y2="{y}"/>'
            yield f'<text x="{self.left - 6}" y="{y + 4}" text-anchor="end">{short(value)} {self.unit}</text>'
        for rows in sorted({rows for points in self.series.values() for rows, _ in points}):
            x, _ = self.at(rows, 10**self.y0)
            yield f'<line class="grid" x1="{x}" y1="{self.top}" x2="{x}" y2="{self.bottom}"/>'
            yield f'<text x="{x}" y="{self.bottom + 18}" text-anchor="middle">{short(rows)}</text>'
        yield f'<text x="{self.left + self.width / 2}" y="{self.bottom + 36}" text-anchor="middle">rows</text>'
        for name, points in self.series.items():
            colour, shape, wide = looks[name]
            path = " ".join(f"{x},{y}" for x, y in (self.at(*point) for point in points))
            yield f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="{wide}"/>'
            yield from (mark(*self.at(*point), colour, shape) for point in points)


def mark(x, y, colour, shape):
    if shape == "square":
        return f'<rect x="{x - 3.5:.1f}" y="{y - 3.5:.1f}" width="7" height="7" fill="{colour}"/>'
    if shape == "triangle":
        return f'<path d="M{x} {y - 4.5:.1f} l4.5 8 h-9 z" fill="{colour}"/>'
    return f'<circle cx="{x}" cy="{y}" r="4" fill="{colour}"/>'


def drawing(lines):
    results = Results(lines)
    ours = results.tools(ours=True)
    looks = {name: (*look, 1.5) for name, look in LOOKS.items()}
    looks |= {name: (OURS[n % len(OURS)], "circle", 3) for n, name in enumerate(ours)}
    tools = [tool for tool in [*results.tools(ours=False), *ours] if tool in looks]

    def series(value):
        found = {tool: [(size, results.middle(tool, "first", size, value)) for size in results.sizes()] for tool in tools}
        found = {tool: [point for point in points if point[1]] for tool, points in found.items()}
        return {tool: points for tool, points in found.items() if points}

    panels = [
        Panel(58, 218, "Seconds", series(lambda line: line["wall"]), "s"),
        Panel(352, 218, "Microseconds a row", series(lambda line: line["wall"] / line["size"] * 1e6), "µs"),
        Panel(646, 218, "Peak memory", series(lambda line: resident(line) / 1e6), "MB"),
    ]
    known = {peer.name: peer.what.replace("`", "") for peer in peers(Path(), None)} | {name: name for name in ours}
    if len(ours) == 1:
        known[ours[0]] = "Landfall: validated, matched on three keys, full ledger"
    shown = [*ours, *[tool for tool in tools if tool not in ours]]
    height = 370 + (len(shown) + 1) // 2 * 20
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
             f'aria-label="Time and memory of first imports by number of rows">', f"<style>{STYLE}</style>",
             f'<rect class="ground" width="{WIDTH}" height="{height}" rx="6"/>']
    for panel in panels:
        parts += panel.draw(looks)
    for n, tool in enumerate(shown):
        x, y = 58 + n % 2 * 410, 362 + n // 2 * 20
        colour, shape, _ = looks[tool]
        parts += [mark(x, y - 4, colour, shape), f'<text x="{x + 12}" y="{y}">{escape(known[tool])}</text>']
    return "\n".join([*parts, "</svg>", ""])
