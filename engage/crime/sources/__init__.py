"""Readers of published files: each recognised by its header, each refusing what it cannot vouch for."""

from datetime import date
from pathlib import Path

from engage.crime.reading import Reading
from engage.crime.sources import mps, population, street, weather
from engage.crime.sources.entry import Entry, Opened, open_entry
from engage.crime.sources.text import PARQUET, header_of, text_of, unified

FIRST = 1 << 16
"""How much of a file is looked at to know its kind."""


def read(path: Path, *, today: date) -> Reading:
    """A file's figures, whatever kind it is. Raises BadFile naming file and line; OSError as it comes."""
    return read_opened(open_entry(Entry(path=path)), today=today)


def read_opened(opened: Opened, *, today: date) -> Reading:
    """The figures of a file that was read through for its hash. Raises BadFile, and OtherForce."""
    if not opened.head.startswith(PARQUET):
        header = header_of(unified(opened.head[:FIRST]))
        if street.recognises(header):
            return street.read(opened, header, today=today)
    text = text_of(opened)
    if population.recognises(text.header):
        return population.read(text, today=today)
    if mps.recognises(text.header):
        return mps.read(text, today=today)
    if weather.recognises(text.header):
        return weather.read(text, today=today)
    raise text.refuse(
        f"has a header nobody here knows: {', '.join(text.header[:4])}…",
        line=1,
        remedy="Engage reads street files of data.police.uk, and crime by borough, ward or LSOA, population"
        " and daily weather.",
    )
