"""The planning map: the cells most worth a look next period, and how well such maps did before.

A map can be written to a file, marked for internal planning, and do nothing else. Nothing that makes a
draft takes one, and it gives away no place, number or words that could be taken up by hand.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

import numpy as np

from engage.planning.events import BadEvents, Events, Grid, Numbers, lay
from engage.planning.ranking import COUNTS, SHARES, chosen, mean_rates, scores

NOTE = (
    "FOR INTERNAL PLANNING ONLY. Not a figure, not evidence, never part of a post. It shows where events were "
    "recorded, so also where people look for them; it says nothing about anyone who lives or walks there."
)
TRIED = 24
"""The recipe is chosen on half of so many periods and tried on the other half."""
LEAST_PERIODS = 2 * TRIED
_SHOWN = max(SHARES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """How maps like this one did in the last periods: the part of events in the best parts of the area.

    `counts` is what simple counts held. The recipe was chosen on earlier periods than these.
    """

    periods: int
    held: Mapping[float, float]
    counts: Mapping[float, float]


@final
class PlanningMap:
    """Cells ranked for the next period. `write` is all that can be done with it."""

    __slots__ = ("_cells", "_grid", "_score")

    def __init__(self, grid: Grid, score: Numbers, cells: int) -> None:
        self._grid, self._score, self._cells = grid, score, cells

    def __repr__(self) -> str:
        return "<planning map: internal only>"

    def write(self, path: Path) -> None:
        """Write the best fifth of the area as GeoJSON, best first. Raises OSError."""
        order = np.argsort(-self._score.ravel(), kind="stable")[: int(self._cells * _SHOWN)]
        best = [int(at) for at in order if self._score.ravel()[at] > 0]
        features = [self._feature(rank, at) for rank, at in enumerate(best, start=1)]
        text = json.dumps({"type": "FeatureCollection", "note": NOTE, "features": features})
        path.write_text(text, encoding="utf-8")

    def _feature(self, rank: int, at: int) -> dict[str, Any]:
        row, column = divmod(at, self._score.shape[1])
        west, south, east, north = self._grid.corners(row, column)
        ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
        top = next(share for share in SHARES if rank <= max(int(self._cells * share), 1) or share == _SHOWN)
        return {
            "type": "Feature",
            "properties": {"rank": rank, "top": f"{top:.0%}", "note": "internal planning only"},
            "geometry": {"type": "Polygon", "coordinates": [ring]},
        }


def planning_map(
    events: Events, *, area_km2: float, metres: float = 250.0, period_days: int = 7
) -> tuple[PlanningMap, Tried]:
    """The map for the period after the last event, and how such maps did.

    `area_km2` is the land that parts of the area are parts of. Raises BadEvents where history is too short.
    """
    grid = lay(events, metres=metres, period_days=period_days)
    periods = len(grid.counts)
    if periods < LEAST_PERIODS:
        raise BadEvents(
            f"The events cover {periods} periods of {period_days} days; a map needs {LEAST_PERIODS}.",
            remedy="Give more history or a shorter period.",
        )
    cells = max(round(area_km2 * 1e6 / metres**2), 1)
    half = TRIED // 2
    recipe = chosen(
        grid.counts, range(periods - TRIED, periods - half), cells, half_lives=_half_lives(period_days)
    )
    last = range(periods - half, periods)
    tried = Tried(
        periods=half,
        held=mean_rates(grid.counts, recipe, last, cells),
        counts=mean_rates(grid.counts, COUNTS, last, cells),
    )
    return PlanningMap(grid, scores(grid.counts, recipe), cells), tried


def _half_lives(period_days: int) -> Sequence[float | None]:
    """Never, half a year, a year and two, in periods."""
    return (None, *(days / period_days for days in (182, 365, 730)))
