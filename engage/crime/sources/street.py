"""The street files of data.police.uk: one line a crime, counted here by borough and crime type.

The borough is in the LSOA name only. Crime IDs are empty for whole years and repeat within a month: a
repeated ID is dropped, an empty one never is. Places are snapped points and are not kept.
"""

from collections.abc import Sequence
from datetime import date
from itertools import pairwise

import polars as pl

from engage.crime.months import last_day, later, number
from engage.crime.reading import Reading
from engage.crime.records import CountRow, Dataset, ImportedFile
from engage.crime.sources.text import CsvText, repeated_header
from engage.posts.places import BOROUGHS

HEADER = (
    "Crime ID",
    "Month",
    "Reported by",
    "Falls within",
    "Longitude",
    "Latitude",
    "Location",
    "LSOA code",
    "LSOA name",
    "Crime type",
    "Last outcome category",
    "Context",
)
PUBLISHER = "data.police.uk"
FORCE = "Metropolitan Police Service"
NOWHERE = "Unknown"
"""Where crimes without a place are counted: in the force, in no borough."""

REPEATED = "the header again"
SAME_CRIME = "a Crime ID that came before"
OUTSIDE = "outside London"
OTHER_FORCE = "another force"
_KEPT = "kept"


def recognises(header: Sequence[str]) -> bool:
    """Whether a header is that of a street file; the last column may be missing."""
    return tuple(header) in {HEADER, HEADER[:-1]}


def read(text: CsvText, *, today: date) -> Reading:
    """The counts of a street file. Raises BadFile."""
    table = _judged(text.table())
    left_out = table.filter(pl.col("fate") != _KEPT)
    kept = table.filter(pl.col("fate") == _KEPT)
    if not kept.height:
        raise text.refuse(
            "has no crime of the Metropolitan Police.", remedy="Import the Met's own street file."
        )
    months = _months(text, kept, today)
    rows = _counted(kept, months)
    present = {row.borough for row in rows}
    missing = [each.name for each in BOROUGHS if each.name not in present]
    examples = left_out.group_by("fate", maintain_order=True).first()
    return Reading(
        file=ImportedFile(
            sha256=text.sha256,
            file_name=text.name,
            dataset=Dataset.STREET,
            publisher=PUBLISHER,
            as_of=last_day(months[-1]),
            months=months,
            rows_read=table.height,
            rows_kept=kept.height,
            rejected=dict(left_out.group_by("fate").len().sort("fate").iter_rows()),
            whole=not missing,
            synthetic=text.synthetic,
        ),
        rows=rows,
        examples={
            fate: f"line {line}: {place or force}"
            for fate, line, place, force in examples.select(
                "fate", "line", "LSOA name", "Falls within"
            ).iter_rows()
        },
        warnings=(f"No crimes in {len(missing)} of 32 boroughs, {missing[0]} for one.",) if missing else (),
    )


def _judged(table: pl.DataFrame) -> pl.DataFrame:
    """The table with the borough of each line and its fate: kept, or why not."""
    names = [each.name for each in BOROUGHS]
    place = pl.col("LSOA name").str.strip_chars().str.replace(r"\s+\d{3}[A-Z]$", "")
    same = pl.col("Crime ID").is_not_null() & ~pl.col("Crime ID").is_first_distinct()
    return table.with_columns(
        pl.when(place.is_null() | (place == "")).then(pl.lit(NOWHERE)).otherwise(place).alias("borough")
    ).with_columns(
        pl.when(repeated_header(table, HEADER[1:10]))
        .then(pl.lit(REPEATED))
        .when(pl.col("Falls within") != FORCE)
        .then(pl.lit(OTHER_FORCE))
        .when(same)
        .then(pl.lit(SAME_CRIME))
        .when(~pl.col("borough").is_in([*names, NOWHERE, "City of London"]))
        .then(pl.lit(OUTSIDE))
        .otherwise(pl.lit(_KEPT))
        .alias("fate")
    )


def _months(text: CsvText, kept: pl.DataFrame, today: date) -> tuple[str, ...]:
    strange = kept.filter(~pl.col("Month").str.contains(r"^20\d\d-(0[1-9]|1[0-2])$").fill_null(value=False))
    if strange.height:
        raise text.refuse(
            f"has “{strange['Month'][0] or ''}” where a month should be.", line=strange["line"][0]
        )
    months = tuple(kept["Month"].unique().sort())
    for before, after in pairwise(months):
        if number(after) != number(before) + 1:
            raise text.refuse(f"goes from {before} to {after}: {later(before, 1)} is missing.")
    if months[-1] >= f"{today:%Y-%m}":
        raise text.refuse(f"has crimes of {months[-1]}, which is not over.")
    return months


def _counted(kept: pl.DataFrame, months: Sequence[str]) -> tuple[CountRow, ...]:
    wide = (
        kept.group_by("borough", "Crime type")
        .agg(
            pl.col("line").min(),
            *((pl.col("Month") == month).sum().alias(month) for month in months),
        )
        .sort("line")
    )
    return tuple(
        CountRow(
            line=line, borough=borough, major=kind or "", minor="", counts=tuple(counts), rows=sum(counts)
        )
        for borough, kind, line, *counts in wide.iter_rows()
    )
