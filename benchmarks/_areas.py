"""Whether counts of small areas make up for street files that reach back too short a time.

A cell's score is a weighted mean of what the next month may follow: its own counts, those around it at three
reaches, and the counts of the LSOAs it lies in since March 2024, spread evenly over the places where burglary
was recorded in them before, or by how often it was. The weights are those under which the months to choose on
were likeliest (expectation maximisation for a mixture with known parts). The area counts are those published
later, to February 2026, so a few were put right since; the months used end before the one that is ranked, but
for the second method, which sees every other month, later ones too: no forecast, but the most there is in them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from engage.planning.events import Grid, Numbers
from engage.planning.ranking import smoothed

FIRST = "202403"
"""The first whole month of the area counts at hand."""
REACHES = (1.0, 2.0, 4.0)
STEPS = 400
Score = Callable[[int], Numbers]


@dataclass(frozen=True, slots=True, eq=False)
class Areas:
    """Monthly counts by area, and the area, period and cell of every event whose area is known."""

    counts: Mapping[str, Numbers]
    grid: Grid
    periods: Sequence[str]
    area: npt.NDArray[np.int64]
    period: npt.NDArray[np.int64]
    row: npt.NDArray[np.int64]
    column: npt.NDArray[np.int64]
    place: npt.NDArray[np.int64]

    def before(self, at: int) -> Numbers:
        """The counts of every area in the months before a period."""
        return self._sum(lambda month: month < self.periods[at])

    def but(self, at: int) -> Numbers:
        """The counts of every area in all months but that of a period."""
        return self._sum(lambda month: month != self.periods[at])

    def _sum(self, wanted: Callable[[str], bool]) -> Numbers:
        return np.asarray(np.sum([self.counts[month] for month in self.counts if wanted(month)], axis=0))

    def spread(self, counts: Numbers, at: int, *, by_place: bool) -> Numbers:
        """Counts of areas spread over the cells of their events before a period, by place or by event."""
        known = np.flatnonzero(self.period < at)
        if by_place:
            known = known[
                np.unique(np.stack([self.area, self.place])[:, known], axis=1, return_index=True)[1]
            ]
        many = np.bincount(self.area[known], minlength=len(counts))
        cells = np.zeros(self.grid.counts.shape[1:])
        np.add.at(
            cells, (self.row[known], self.column[known]), counts[self.area[known]] / many[self.area[known]]
        )
        return cells


def read_areas(path: Path, rows: pl.DataFrame, grid: Grid, periods: Sequence[str]) -> Areas:
    """Burglary by LSOA, and where the events of street files lie in it."""
    table = pl.read_parquet(path).filter(pl.col("major_category") == "BURGLARY")
    months = [name for name in table.columns if name.isdigit() and name >= FIRST]
    summed = table.group_by("lsoa_code").agg(pl.col(months).sum()).sort("lsoa_code")
    number = {code: at for at, code in enumerate(summed["lsoa_code"])}
    rows = rows.filter(pl.col("LSOA code").is_in(list(number)))
    longitude = rows["Longitude"].cast(pl.Float64).to_numpy()
    latitude = rows["Latitude"].cast(pl.Float64).to_numpy()
    return Areas(
        {f"{name[:4]}-{name[4:]}": summed[name].to_numpy().astype(float) for name in months},
        grid,
        periods,
        area=np.array([number[code] for code in rows["LSOA code"]]),
        period=np.searchsorted(periods, rows["Month"].to_numpy()),
        row=((latitude - grid.south) / grid.degrees[1]).astype(int),
        column=((longitude - grid.west) / grid.degrees[0]).astype(int),
        place=np.unique(np.stack([longitude, latitude]), axis=1, return_inverse=True)[1].ravel(),
    )


def with_areas(areas: Areas, choose_on: Sequence[int]) -> Mapping[str, Score]:
    """Scores that area counts have a part in, by name."""
    return {
        "with LSOA counts": _mixture(areas, choose_on, areas.before),
        "and later ones": _mixture(areas, choose_on, areas.but),
    }


def _mixture(areas: Areas, choose_on: Sequence[int], counts: Callable[[int], Numbers]) -> Score:
    def parts(at: int) -> Numbers:
        own, of_areas = areas.grid.counts[:at].sum(axis=0), counts(at)
        found = [own, *(smoothed(own, reach) for reach in REACHES)]
        found += [areas.spread(of_areas, at, by_place=by_place) for by_place in (True, False)]
        return np.array([each / each.sum() for each in found])

    weights = _likeliest([parts(at) for at in choose_on], [areas.grid.counts[at] for at in choose_on])
    return lambda at: np.asarray(np.tensordot(weights, parts(at), axes=1))


def _likeliest(parts: Sequence[Numbers], came: Sequence[Numbers]) -> Numbers:
    known = np.concatenate([each[:, counts > 0] for each, counts in zip(parts, came, strict=True)], axis=1)
    many = np.concatenate([counts[counts > 0] for counts in came])
    known, many = known[:, known.any(axis=0)], many[known.any(axis=0)]
    weights = np.full(len(known), 1 / len(known))
    for _ in range(STEPS):
        shares = weights[:, None] * known
        weights = (shares / shares.sum(axis=0) * many).sum(axis=1) / many.sum()
    return weights
