"""Charts are drawn on the server, safe under the strict policy, and say the same as their table."""

import re
from itertools import pairwise
from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from engage.posts.places import BOROUGHS
from engage.web.line_chart import Fan, Point, line_chart
from engage.web.tile_map import SHADES, Tile, shades_of, tile_map

RATES = st.lists(st.floats(0, 1000), min_size=32, max_size=32)
COUNTS = st.lists(st.integers(0, 100_000), min_size=1, max_size=60)


def _months(count: int) -> list[str]:
    return [f"{2020 + n // 12}-{n % 12 + 1:02d}" for n in range(count)]


def _tiles(rates: list[float]) -> list[Tile]:
    return [
        Tile(place=place, href=f"/figures/{place.slug}", value=rate, shown=f"{rate:.2f}", unusual=rate > 500)
        for place, rate in zip(BOROUGHS, rates, strict=True)
    ]


@given(rates=RATES)
def test_the_map_has_a_link_for_every_borough_that_says_its_rate(rates: list[float]) -> None:
    links = ET.fromstring(str(tile_map(_tiles(rates), title="Rates"))).findall("a")  # noqa: S314 - our own output
    assert len(links) == 32
    for link, place, rate in zip(links, BOROUGHS, rates, strict=True):
        assert link.get("href") == f"/figures/{place.slug}"
        assert link.findtext("title", "").startswith(f"{place.name}: {rate:.2f}")


@given(rates=st.lists(st.floats(0, 1000), min_size=1, max_size=32))
def test_every_rate_has_a_shade_and_darker_is_never_lower(rates: list[float]) -> None:
    shades = shades_of(rates)
    assert 1 <= len(shades) <= SHADES
    assert all(any(shade.low <= rate <= shade.high for shade in shades) for rate in rates)
    assert all(pale.high <= dark.low for pale, dark in pairwise(shades))


@given(counts=COUNTS)
def test_every_point_of_the_line_and_the_fan_is_inside_the_chart(counts: list[int]) -> None:
    months = _months(len(counts) + 1)
    points = [Point(month, count) for month, count in zip(months[:-1], counts, strict=True)]
    fan = [Fan(months[-1], 5, 4, 6, 3, 7 + 2 * max(counts))]
    root = ET.fromstring(str(line_chart(points, fan, title="T", described="D")))  # noqa: S314 - our own output
    for element in [*root.iter("polyline"), *root.iter("polygon")]:
        for pair in element.get("points", "").split():
            x, y = map(float, pair.split(","))
            assert 0 <= x <= 720
            assert 0 <= y <= 320


def test_a_chart_has_no_style_attribute_and_escapes_its_words() -> None:
    chart = str(line_chart([Point("2025-11", 3)], [], title="<b>&", described="D"))
    assert not re.search(r"\sstyle=", chart)
    assert "<b>" not in chart


def test_a_chart_of_zeros_is_drawn() -> None:
    assert "polyline" in line_chart([Point("2025-10", 0), Point("2025-11", 0)], [], title="T", described="D")
