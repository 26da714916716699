"""Readers of published files: each recognised by its header, each refusing what it cannot vouch for."""

from datetime import date
from pathlib import Path

from engage.crime.reading import Reading
from engage.crime.sources import mps, population, street, weather
from engage.crime.sources.text import open_csv


def read(path: Path, *, today: date) -> Reading:
    """The file's figures, whatever kind it is. Raises BadFile naming file and line; OSError as it comes."""
    text = open_csv(path)
    if street.recognises(text.header):
        return street.read(text, today=today)
    if population.recognises(text.header):
        return population.read(text)
    if mps.recognises(text.header):
        return mps.read(text, today=today)
    if weather.recognises(text.header):
        return weather.read(text)
    raise text.refuse(
        f"has a header nobody here knows: {', '.join(text.header[:4])}…",
        line=1,
        remedy="Engage reads street files of data.police.uk, and borough crime, population and weather CSVs.",
    )
