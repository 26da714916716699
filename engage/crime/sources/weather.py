"""Daily weather in London, kept as monthly means: it helps to explain a month, it forecasts none."""

from collections.abc import Sequence

import polars as pl

from engage.crime.months import last_day
from engage.crime.reading import Reading
from engage.crime.records import CountRow, Dataset, ImportedFile
from engage.crime.sources.text import Text

PUBLISHER = "European Climate Assessment & Dataset, Heathrow"
LICENCE = "ECA&D, free for non-commercial research and education"
MEASURES = ("mean_temp", "precipitation")
MAJOR = "WEATHER"


def recognises(header: Sequence[str]) -> bool:
    """Whether a header is that of the daily weather file."""
    return {"date", *MEASURES} <= set(header)


def read(text: Text) -> Reading:
    """Monthly means of temperature (°C) and rain (mm a day), in tenths. Raises BadFile."""
    table = text.table()
    days = table.select(
        "line",
        pl.col("date").str.strptime(pl.Date, "%Y%m%d", strict=False),
        *(pl.col(name).cast(pl.Float64, strict=False) for name in MEASURES),
    )
    strange = days.filter(pl.col("date").is_null())
    if strange.height:
        raise text.refuse("has no date.", line=strange["line"][0], remedy="Dates are written 20201231.")
    monthly = (
        days.group_by(pl.col("date").dt.strftime("%Y-%m").alias("month"))
        .agg(*(pl.col(name).mean() for name in MEASURES))
        .sort("month")
    )
    months = tuple(monthly["month"])
    return Reading(
        file=ImportedFile(
            sha256=text.sha256,
            file_name=text.name,
            dataset=Dataset.WEATHER,
            publisher=PUBLISHER,
            licence=LICENCE,
            as_of=last_day(months[-1]),
            months=months,
            rows_read=table.height,
            rows_kept=table.height,
            rejected={},
            synthetic=text.synthetic,
        ),
        rows=tuple(
            CountRow(
                line=2 + at,
                borough="London",
                major=MAJOR,
                minor=name,
                counts=tuple(round((value or 0) * 10) for value in monthly[name]),
                rows=table.height,
            )
            for at, name in enumerate(MEASURES)
        ),
    )
