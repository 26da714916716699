"""The people of each borough by year: the mid-year estimates of the Office for National Statistics."""

import re
from collections.abc import Sequence
from datetime import date

import polars as pl

from engage.crime.reading import Reading
from engage.crime.records import Dataset, ImportedFile, Residents
from engage.crime.sources.text import Text
from engage.posts.places import BOROUGHS

PUBLISHER = "Office for National Statistics"
_YEAR = re.compile(r"(\d{4})_Population")
_NAMES = {each.code: each.name for each in BOROUGHS}
NOT_A_BOROUGH = "not a London borough"
MOST = 10_000_000
"""More people than London has."""
_DIGITS = len(str(MOST))
_SHOWN = 20
"""How much of a cell a message shows."""


def recognises(header: Sequence[str]) -> bool:
    """Whether a header has area codes and a population column."""
    return "Code" in header and any(_YEAR.fullmatch(name) for name in header)


def read(text: Text, *, today: date) -> Reading:
    """The residents of the boroughs. Raises BadFile at a cell that is no number of people, and a year to come."""
    table = text.table()
    ours = table.filter(pl.col("Code").is_in(list(_NAMES)))
    years = {name: int(found[1]) for name in text.header if (found := _YEAR.fullmatch(name))}
    if not ours.height:
        raise text.refuse("has no row of a London borough.")
    if max(years.values()) > today.year:
        raise text.refuse(f"has people of {max(years.values())}, a year to come.", line=1)
    again = ours.filter(~pl.col("Code").is_first_distinct())
    if again.height:
        raise text.refuse(f"has {_NAMES[again['Code'][0]]} twice.", line=again["line"][0])
    residents = tuple(
        Residents(borough=_NAMES[row["Code"]], year=year, people=_people(text, row[name], name, row["line"]))
        for row in ours.iter_rows(named=True)
        for name, year in years.items()
    )
    missing = [name for code, name in _NAMES.items() if code not in set(ours["Code"])]
    others = table.filter(~pl.col("Code").is_in(list(_NAMES)) | pl.col("Code").is_null())
    return Reading(
        file=ImportedFile(
            sha256=text.sha256,
            file_name=text.name,
            dataset=Dataset.POPULATION,
            publisher=PUBLISHER,
            as_of=f"{max(years.values())}-06-30",
            months=(),
            rows_read=table.height,
            rows_kept=ours.height,
            rejected={NOT_A_BOROUGH: others.height} if others.height else {},
            synthetic=text.synthetic,
        ),
        residents=residents,
        examples={NOT_A_BOROUGH: f"line {others['line'][0]}: {others['Code'][0] or ''}"}
        if others.height
        else {},
        warnings=(f"No people of {len(missing)} of 32 boroughs, {missing[0]} for one.",) if missing else (),
    )


def _people(text: Text, cell: str | None, column: str, line: int) -> int:
    if cell is None or not cell.isdecimal() or len(cell) > _DIGITS or not 0 < int(cell) <= MOST:
        raise text.refuse(
            f"has “{(cell or '')[:_SHOWN]}” in column {column}, where a number of people should be.",
            line=line,
        )
    return int(cell)
