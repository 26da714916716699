"""The Met's monthly counts by borough, as the London Datastore publishes them: a column for each month.

Headers and categories changed over the years; every generation is read into today's names.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from itertools import pairwise

import polars as pl

from engage.crime.months import last_day, later, number
from engage.crime.reading import Reading
from engage.crime.records import CountRow, Dataset, ImportedFile
from engage.crime.sources.text import CsvText, repeated_header
from engage.crime.topics import newer_name
from engage.posts.places import BOROUGHS, CITY

PUBLISHER = "Metropolitan Police Service, London Datastore"
MAJOR = ("majortext", "major_text", "major text", "major category", "major_category")
MINOR = ("minortext", "minor_text", "minor text", "minor category", "minor_category")
BOROUGH = (
    "boroughname",
    "lookup_boroughname",
    "borough",
    "borough_name",
    "borough name",
    "boroughcode",
    "gss_code",
    "borough_gss",
)
SMALLER = ("wardname", "wardcode", "ward_code", "lsoa_code", "lsoa code", "lsoa_name")
ELSEWHERE = ("Unknown", "London Heathrow and London City Airports", "Aviation Security (SO18)", CITY.name)
"""Told apart from boroughs: kept, never counted in one."""

_MONTH = re.compile(r"(20\d\d)(0[1-9]|1[0-2])")
_NAMES: Mapping[str, str] = {
    key.casefold(): name
    for name, keys in [(each.name, (each.name, each.code)) for each in (*BOROUGHS, CITY)]
    + [(name, (name,)) for name in ELSEWHERE]
    for key in (*keys, keys[0].replace(" and ", " & "))
}
NOT_A_BOROUGH = "not a London borough"
REPEATED = "the header again"


def recognises(header: Sequence[str]) -> bool:
    """Whether a header has a borough and months, with or without categories."""
    lowered = [name.casefold() for name in header]
    return any(_MONTH.fullmatch(name) for name in header) and bool({*BOROUGH, *SMALLER} & set(lowered))


def read(text: CsvText, *, today: date) -> Reading:
    """The counts of a borough file. Raises BadFile."""
    columns = _columns(text)
    months = _months(text, today)
    table = text.table()
    again = table.filter(repeated_header(table, columns))
    table = table.filter(~repeated_header(table, columns))
    counts = _counts(text, table)
    named = [_NAMES.get((name or "").strip().casefold()) for name in table[columns[2]]]
    rows = tuple(
        CountRow(line=line, borough=name, major=newer_name(major), minor=newer_name(minor), counts=values)
        for line, name, major, minor, values in zip(
            table["line"], named, table[columns[0]], table[columns[1]], counts.iter_rows(), strict=True
        )
        if name is not None
    )
    _refuse_doubles(text, rows)
    strange = [
        (line, said)
        for line, said, name in zip(table["line"], table[columns[2]], named, strict=True)
        if name is None
    ]
    rejected = {REPEATED: again.height, NOT_A_BOROUGH: len(strange)}
    examples = {REPEATED: f"line {again['line'][0]}"} if again.height else {}
    if strange:
        examples[NOT_A_BOROUGH] = f"line {strange[0][0]}: {strange[0][1]}"
    missing = [each.name for each in BOROUGHS if each.name not in set(named)]
    if not rows:
        raise text.refuse("has no row of a London borough.")
    return Reading(
        file=ImportedFile(
            sha256=text.sha256,
            file_name=text.name,
            dataset=Dataset.MPS_BOROUGH,
            publisher=PUBLISHER,
            as_of=last_day(months[-1]),
            months=months,
            rows_read=table.height + again.height,
            rows_kept=len(rows),
            rejected={reason: many for reason, many in rejected.items() if many},
            whole=not missing,
            synthetic=text.synthetic,
        ),
        rows=rows,
        examples=examples,
        warnings=(f"No rows for {len(missing)} of 32 boroughs, {missing[0]} for one.",) if missing else (),
    )


def _columns(text: CsvText) -> tuple[str, str, str]:
    lowered = {name.casefold(): name for name in text.header}
    if {*SMALLER} & set(lowered):
        raise text.refuse(
            "counts wards or smaller areas, which never become figures here and never sum to a borough.",
            line=1,
            remedy="Import the borough level file of the same month.",
        )
    found = [
        next((lowered[name] for name in names if name in lowered), None) for names in (MAJOR, MINOR, BOROUGH)
    ]
    major, minor, borough = found
    if major is None or minor is None or borough is None:
        raise text.refuse(
            "has no category columns (MajorText and MinorText), so its counts cannot be told apart.", line=1
        )
    return major, minor, borough


def _months(text: CsvText, today: date) -> tuple[str, ...]:
    found = [_MONTH.fullmatch(name) for name in text.header]
    months = tuple(f"{each[1]}-{each[2]}" for each in found if each)
    for before, after in pairwise(months):
        if number(after) != number(before) + 1:
            raise text.refuse(f"goes from {before} to {after}: {later(before, 1)} is missing.", line=1)
    if months[-1] >= f"{today:%Y-%m}":
        raise text.refuse(f"has figures for {months[-1]}, which is not over.", line=1)
    return months


def _counts(text: CsvText, table: pl.DataFrame) -> pl.DataFrame:
    """The counts as whole numbers. Raises BadFile at the first cell that is none."""
    names = [name for name in text.header if _MONTH.fullmatch(name)]
    cells = table.select(pl.col(names).str.strip_chars())
    counts = cells.select(pl.all().cast(pl.Int64, strict=False))
    bad = counts.select(
        pl.any_horizontal((pl.all().is_null()) | (pl.all() < 0) | (pl.all() >= 1 << 31))
    ).to_series()
    if bad.any():
        at = bad.arg_true()[0]
        for name in names:
            value = counts[name][at]
            if value is None or not 0 <= value < 1 << 31:
                raise text.refuse(
                    f"has “{cells[name][at] or ''}” in column {name}, where a whole count should be.",
                    line=table["line"][at],
                )
    return counts


def _refuse_doubles(text: CsvText, rows: Sequence[CountRow]) -> None:
    seen: dict[tuple[str, str, str], int] = {}
    for row in rows:
        first = seen.setdefault((row.borough, row.major, row.minor), row.line)
        if first != row.line:
            raise text.refuse(
                f"counts {row.minor.casefold()} in {row.borough} twice, on lines {first} and {row.line}.",
                line=row.line,
            )
