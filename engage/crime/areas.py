"""Counts by ward or LSOA, for planning inside the force.

They leave out sexual offences and what could not be placed, so they never sum to a borough; a small count
in a small place points to a person. An `Area` is no figure: nothing that makes evidence or a post takes one.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from engage.crime.records import AreaRow, Dataset, ImportedFile, speaking
from engage.crime.series import NoFigures
from engage.crime.topics import Topic, topic_called
from engage.posts.places import BOROUGHS
from engage.posts.places import borough as borough_called

LEVELS: Mapping[str, Dataset] = {"ward": Dataset.MPS_WARD, "lsoa": Dataset.MPS_LSOA}
FOR_PLANNING = (
    "For planning inside the force only: small areas leave crimes out, never sum to the borough, and are never "
    "named to the public."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """How many of a topic one ward or LSOA recorded in a month. Areas are told apart by code: names repeat."""

    code: str
    name: str
    month: str
    count: int


class AreaReader(Protocol):
    """What areas are read through."""

    def files(self) -> Sequence[ImportedFile]:
        """Every imported file, the first imported first."""

    def areas(self, sha256: str, *, borough: str) -> Sequence[AreaRow]:
        """The wards or LSOAs of one borough in one file."""


def areas_of(
    reader: AreaReader, borough: str, topic: str, *, level: str, month: str | None = None
) -> list[Area]:
    """A topic in a month (the newest where none is named) by ward or LSOA of a borough, the most first.

    A borough without a row of the topic has none of it; a file without one leaves it out, and nought would
    be untrue. Raises NoFigures, UnknownTopic or UnknownBorough.
    """
    place, about = borough_called(borough), topic_called(topic)
    voices = speaking(reader.files(), LEVELS[level])
    if not voices:
        raise NoFigures(f"No file by {level} has been imported.", remedy="Import one with `engage import`.")
    when = month or max(voices)
    if when not in voices:
        raise NoFigures(f"No file by {level} has {when}.", where="--month")
    file = voices[when]
    rows = reader.areas(file.sha256, borough=place.name)
    if not _tells_of(about, rows) and not any(
        _tells_of(about, reader.areas(file.sha256, borough=each.name)) for each in BOROUGHS
    ):
        raise NoFigures(
            f"{file.file_name} leaves {about.label} out: this publication has no count of it by {level}.",
            remedy="Ask for the whole borough with `engage summary`.",
        )
    at, counts, names = file.months.index(when), Counter[str](), dict[str, str]()
    for row in rows:
        names[row.code] = row.name
        counts[row.code] += row.counts[at] if about.counts(row.major, row.minor) else 0
    return [
        Area(code=code, name=names[code], month=when, count=count)
        for code, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    ]


def _tells_of(topic: Topic, rows: Sequence[AreaRow]) -> bool:
    return any(topic.counts(row.major, row.minor) for row in rows)
