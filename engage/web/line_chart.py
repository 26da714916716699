"""The line chart: monthly counts and the fan of a forecast, drawn on the server as SVG without style attributes."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

WIDTH, HEIGHT = 720, 320
LEFT, RIGHT, TOP, BOTTOM = 60, 12, 14, 34
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True)
class Point:
    """A month ("2025-11") and its count."""

    month: str
    count: float
    unusual: bool = False


@dataclass(frozen=True, slots=True)
class Fan:
    """One month's forecast: the middle estimate and its 80 % and 95 % ranges."""

    month: str
    middle: float
    low80: float
    high80: float
    low95: float
    high95: float


@dataclass(frozen=True, slots=True)
class _Scale:
    months: tuple[str, ...]
    top: float

    def x(self, month: str) -> float:
        step = (WIDTH - LEFT - RIGHT) / max(1, len(self.months) - 1)
        return round(LEFT + self.months.index(month) * step, 1)

    def y(self, count: float) -> float:
        return round(TOP + (HEIGHT - TOP - BOTTOM) * (1 - count / self.top), 1)


def line_chart(counts: Sequence[Point], forecast: Sequence[Fan], *, title: str, described: str) -> Markup:
    """The chart as an SVG element; `described` says in words what it shows. The table below says it in numbers."""
    months = tuple(point.month for point in counts) + tuple(fan.month for fan in forecast)
    highest = max([point.count for point in counts] + [fan.high95 for fan in forecast] + [1])
    scale = _Scale(months, _round_up(highest))
    return Markup(
        '<svg class="eng-chart" viewBox="0 0 {} {}" role="img" aria-labelledby="chart-title chart-described">'
        '<title id="chart-title">{}</title><desc id="chart-described">{}</desc>{}{}{}{}</svg>'
    ).format(
        WIDTH,
        HEIGHT,
        title,
        described,
        _frame(scale),
        _fans(scale, counts, forecast),
        _line(scale, counts),
        _dots(scale, counts),
    )


def _round_up(highest: float) -> float:
    """The top of the scale: a number whose quarter is easy to read."""
    size = float(10 ** math.floor(math.log10(highest)))
    return next(step * size for step in (1, 2, 4, 6, 8, 10) if step * size >= highest)


def _frame(scale: _Scale) -> Markup:
    lines = Markup()
    for quarter in range(5):
        count = scale.top * quarter / 4
        lines += Markup(
            '<line class="{}" x1="{}" x2="{}" y1="{y}" y2="{y}"></line><text class="eng-tick" x="{}" y="{}" text-anchor="end">{}</text>'
        ).format(
            "eng-grid" if quarter else "eng-axis",
            LEFT,
            WIDTH - RIGHT,
            LEFT - 8,
            scale.y(count) + 4,
            f"{count:,.0f}" if scale.top >= 4 else f"{count:g}",  # noqa: PLR2004 - below four, quarters are not whole
            y=scale.y(count),
        )
    return lines + _months(scale)


def _months(scale: _Scale) -> Markup:
    every = max(1, math.ceil(len(scale.months) / 9))
    ticks = Markup()
    for place, month in enumerate(scale.months[::-1][::every]):
        year, number = month.split("-")
        ticks += Markup('<text class="eng-tick{}" x="{}" y="{}" text-anchor="{}">{} {}</text>').format(
            " eng-tick--between" if place % 2 else "",
            scale.x(month),
            HEIGHT - 10,
            "end" if month == scale.months[-1] else "middle",
            MONTHS[int(number) - 1],
            year[2:],
        )
    return ticks


def _fans(scale: _Scale, counts: Sequence[Point], forecast: Sequence[Fan]) -> Markup:
    if not forecast or not counts:
        return Markup()
    last = counts[-1]
    start = Fan(last.month, *[last.count] * 5)
    along = [start, *forecast]
    return (
        _band(scale, [(each.month, each.low95, each.high95) for each in along], "eng-fan-95")
        + _band(scale, [(each.month, each.low80, each.high80) for each in along], "eng-fan-80")
        + _path(scale, [(each.month, each.middle) for each in along], "eng-line--forecast")
    )


def _band(scale: _Scale, along: Sequence[tuple[str, float, float]], name: str) -> Markup:
    above = [(month, high) for month, _, high in along]
    below = [(month, low) for month, low, _ in reversed(along)]
    corners = " ".join(f"{scale.x(month)},{scale.y(count)}" for month, count in (*above, *below))
    return Markup('<polygon class="{}" points="{}"></polygon>').format(name, corners)


def _line(scale: _Scale, counts: Sequence[Point]) -> Markup:
    return _path(scale, [(point.month, point.count) for point in counts], "eng-line")


def _path(scale: _Scale, along: Sequence[tuple[str, float]], name: str) -> Markup:
    corners = " ".join(f"{scale.x(month)},{scale.y(count)}" for month, count in along)
    return Markup('<polyline class="{}" points="{}"></polyline>').format(name, corners)


def _dots(scale: _Scale, counts: Sequence[Point]) -> Markup:
    shown = [point for point in counts if point.unusual] or counts[-1:]
    return Markup().join(
        Markup('<circle class="{}" cx="{}" cy="{}" r="5"></circle>').format(
            "eng-dot eng-dot--unusual" if point.unusual else "eng-dot",
            scale.x(point.month),
            scale.y(point.count),
        )
        for point in shown
    )
