"""A force's own events, dated and located, laid on a grid of cells and periods."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt

from engage.posts.errors import BadInput

Numbers = npt.NDArray[np.float64]
COLUMNS = ("date", "longitude", "latitude")
METRES_A_DEGREE = 111_195.0
FEWEST = 200


class BadEvents(BadInput):
    """A file of events that cannot be used."""


@dataclass(frozen=True, slots=True, eq=False)
class Events:
    """When (days since year 1) and where (degrees) each event was."""

    days: Numbers
    longitude: Numbers
    latitude: Numbers


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Grid:
    """Counts by period, row (northwards) and column (eastwards) of square cells of `metres`.

    `west` and `south` are the corner in degrees; `degrees` the size of a cell, eastwards and northwards.
    """

    counts: Numbers
    metres: float
    west: float
    south: float
    degrees: tuple[float, float]

    def corners(self, row: int, column: int) -> tuple[float, float, float, float]:
        """West, south, east and north of a cell, in degrees."""
        wide, high = self.degrees
        west, south = self.west + column * wide, self.south + row * high
        return west, south, west + wide, south + high


def read_events(path: Path, *, today: date) -> Events:
    """Events of a CSV file with the columns date (ISO), longitude and latitude (WGS 84).

    Raises BadEvents naming the line of the first event that cannot be used.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as text:
            rows = list(_rows(path, text, today))
    except UnicodeDecodeError as error:
        raise BadEvents("is not UTF-8.", where=str(path), remedy="Save it as UTF-8.") from error
    if len(rows) < FEWEST:
        raise BadEvents(f"has {len(rows)} events; a map needs {FEWEST}.", where=str(path))
    days, longitude, latitude = np.array(rows, dtype=float).T
    return Events(days, longitude, latitude)


def _rows(path: Path, text: Iterator[str], today: date) -> Iterator[Sequence[float]]:
    reader = csv.DictReader(text)
    missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
    if missing:
        raise BadEvents(
            f"has no column {missing[0]}.", where=f"{path}, line 1", remedy=f"It needs {', '.join(COLUMNS)}."
        )
    for row in reader:
        try:
            when = date.fromisoformat((row["date"] or "")[:10])
            longitude, latitude = float(row["longitude"]), float(row["latitude"])
        except (TypeError, ValueError) as error:
            raise BadEvents(
                "has no date or place that can be read.", where=f"{path}, line {reader.line_num}"
            ) from error
        if when > today or not (-180 <= longitude <= 180 and -85 <= latitude <= 85):  # noqa: PLR2004 - degrees
            raise BadEvents(
                "lies in the future or nowhere on the map.", where=f"{path}, line {reader.line_num}"
            )
        yield when.toordinal(), longitude, latitude


def lay(events: Events, *, metres: float, period_days: int, cut: Sequence[float] = ()) -> Grid:
    """Events counted in square cells and in periods that end with the last event.

    Where `cut` is given, its days are the first days of each period (and of the one after the last) instead.
    """
    south, west = float(events.latitude.min()), float(events.longitude.min())
    middle = np.radians((south + float(events.latitude.max())) / 2)
    degrees = (metres / (METRES_A_DEGREE * float(np.cos(middle))), metres / METRES_A_DEGREE)
    column = ((events.longitude - west) / degrees[0]).astype(int)
    row = ((events.latitude - south) / degrees[1]).astype(int)
    period, periods = _periods(events.days, period_days, cut)
    counts = np.zeros((periods, row.max() + 1, column.max() + 1))
    known = (period >= 0) & (period < periods)
    np.add.at(counts, (period[known], row[known], column[known]), 1)
    return Grid(counts=counts, metres=metres, west=west, south=south, degrees=degrees)


def _periods(days: Numbers, length: int, cut: Sequence[float]) -> tuple[npt.NDArray[np.int64], int]:
    if cut:
        return np.searchsorted(np.array(cut), days, side="right") - 1, len(cut) - 1
    whole = int((days.max() - days.min() + 1) // length)
    first = days.max() + 1 - whole * length
    return np.floor((days - first) / length).astype(np.int64), whole
