"""Daily weather in London, kept as monthly means: it helps to explain a month, it forecasts none."""

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import pairwise

import polars as pl

from engage.crime.months import days as length
from engage.crime.months import last_day, later, number
from engage.crime.reading import Reading
from engage.crime.records import CountRow, Dataset, ImportedFile
from engage.crime.sources.text import Text

PUBLISHER = "European Climate Assessment & Dataset, Heathrow"
LICENCE = "ECA&D, free for non-commercial research and education"
MEASURES: Mapping[str, tuple[float, float]] = {"mean_temp": (-40, 50), "precipitation": (0, 500)}
"""Each measure (°C, mm a day) and the least and the most that London's weather can be."""
MAJOR = "WEATHER"
MISSING_DAYS = 3
"""How many days of a month may lack a measure before its mean means nothing."""
NOT_WHOLE = "a day of a month that is not whole"


def recognises(header: Sequence[str]) -> bool:
    """Whether a header is that of the daily weather file."""
    return {"date", *MEASURES} <= set(header)


def read(text: Text, *, today: date) -> Reading:
    """Monthly means of temperature (°C) and rain (mm a day), in tenths, of whole months. Raises BadFile."""
    days = _days(text, text.table(), today)
    monthly = days.group_by("month").agg(
        pl.len().alias("days"), pl.col(list(MEASURES)).count().name.suffix("_known")
    )
    lengths = pl.Series([length(month) for month in monthly["month"]], dtype=pl.UInt32)
    known = pl.min_horizontal(f"{name}_known" for name in MEASURES)
    whole = monthly.filter((pl.col("days") == lengths) & (known >= lengths - MISSING_DAYS))["month"]
    kept = days.filter(pl.col("month").is_in(whole.implode()))
    left_out = days.filter(~pl.col("month").is_in(whole.implode()))
    if not kept.height:
        raise text.refuse("has no whole month.")
    means = kept.group_by("month").agg(pl.col(list(MEASURES)).mean()).sort("month")
    months = tuple(means["month"])
    return Reading(
        file=ImportedFile(
            sha256=text.sha256,
            file_name=text.name,
            dataset=Dataset.WEATHER,
            publisher=PUBLISHER,
            licence=LICENCE,
            as_of=last_day(months[-1]),
            months=months,
            rows_read=days.height,
            rows_kept=kept.height,
            rejected={NOT_WHOLE: left_out.height} if left_out.height else {},
            synthetic=text.synthetic,
        ),
        rows=tuple(
            CountRow(
                line=2 + at,
                borough="London",
                major=MAJOR,
                minor=name,
                counts=tuple(round(value * 10) for value in means[name]),
                rows=kept.height,
            )
            for at, name in enumerate(MEASURES)
        ),
        examples={NOT_WHOLE: f"line {left_out['line'][0]}: {left_out['month'][0]}"}
        if left_out.height
        else {},
        warnings=_missing(months),
    )


def _missing(months: Sequence[str]) -> tuple[str, ...]:
    """A sentence on the months in the middle that have no weather."""
    absent = [
        later(before, step)
        for before, after in pairwise(months)
        for step in range(1, number(after) - number(before))
    ]
    return (f"No whole month of weather for {', '.join(absent)}.",) if absent else ()


def _days(text: Text, table: pl.DataFrame, today: date) -> pl.DataFrame:
    """Each day's measures, its month and its line. Raises BadFile at a day that is none, or comes twice.

    A measure may be missing; what is no number, or no weather London can have, is refused.
    """
    for name, (least, most) in MEASURES.items():
        said = pl.col(name).str.strip_chars()
        known = said.cast(pl.Float64, strict=False).is_between(least, most).fill_null(value=False)
        if (strange := table.filter((said != "") & ~known)).height:
            raise text.refuse(
                f"has “{strange[name][0]}” in column {name}, where a number from {least} to {most} should be.",
                line=strange["line"][0],
            )
    days = table.select(
        "line",
        pl.col("date").str.strptime(pl.Date, "%Y%m%d", strict=False),
        *(pl.col(name).cast(pl.Float64, strict=False) for name in MEASURES),
    ).with_columns(pl.col("date").dt.strftime("%Y-%m").alias("month"))
    for problem, bad in (
        ("has no date", pl.col("date").is_null()),
        ("names a day twice", ~pl.col("date").is_first_distinct()),
        ("has weather of a day to come", pl.col("date") >= today),
    ):
        if (strange := days.filter(bad)).height:
            raise text.refuse(f"{problem}.", line=strange["line"][0], remedy="Dates are written 20201231.")
    return days
