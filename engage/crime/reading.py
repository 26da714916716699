"""What a reader hands over: a file's description, its rows, and what was left out and why."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from engage.crime.records import AreaRow, CountRow, ImportedFile, Residents
from engage.posts.errors import BadInput


class BadFile(BadInput):
    """A file that cannot be vouched for: none of it is kept."""


class OtherForce(BadInput):
    """A sound file of a police force that Engage does not speak for: it is told apart, not refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A file that was read whole.

    `examples` shows one line for each reason rows were left out ("line 12: Adur 003D"); `warnings` are
    sentences on what the reader noticed without leaving anything out.
    """

    file: ImportedFile
    rows: tuple[CountRow, ...] = ()
    residents: tuple[Residents, ...] = ()
    areas: tuple[AreaRow, ...] = ()
    examples: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
