"""What was imported: files, their rows, populations, and the port through which figures read them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

LICENCE = "Open Government Licence v3.0"
ATTRIBUTION = "Contains public sector information licensed under the Open Government Licence v3.0."


class Dataset(StrEnum):
    """The kinds of file that Engage knows, best source of a topic first."""

    MPS_BOROUGH = "MPS borough crime"
    STREET = "data.police.uk street crime"
    POPULATION = "Population estimates"
    WEATHER = "Daily weather"

    @property
    def counts_crime(self) -> bool:
        """Whether its files hold counts of crime."""
        return self in {Dataset.MPS_BOROUGH, Dataset.STREET}


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedFile:
    """A file as it was read.

    `months` are those it covers, oldest first; `as_of` is its vintage (ISO date: the end of the last month
    it covers); `whole` says that no borough is missing; `rejected` counts rows not kept, by reason.
    """

    sha256: str
    file_name: str
    dataset: Dataset
    publisher: str
    as_of: str
    months: tuple[str, ...]
    rows_read: int
    rows_kept: int
    rejected: Mapping[str, int]
    whole: bool = True
    synthetic: bool = False
    licence: str = LICENCE

    @property
    def standing(self) -> tuple[bool, bool, str, str]:
        """What decides between two files that cover one month: real, then whole, then newest, then the hash."""
        return (not self.synthetic, self.whole, self.as_of, self.sha256)


@dataclass(frozen=True, slots=True, kw_only=True)
class CountRow:
    """One category in one borough: a line of a file, or the lines of a street file counted together.

    `counts` holds one number for each month of its file; `line` is the first line it was read from and
    `rows` how many lines stand behind it. `borough` is a name of `engage.posts.places`, or what the file
    says where that is none ("Unknown").
    """

    line: int
    borough: str
    major: str
    minor: str
    counts: tuple[int, ...]
    rows: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Residents:
    """How many people live in a borough in a year (ONS mid-year estimate)."""

    borough: str
    year: int
    people: int


class CrimeReader(Protocol):
    """What figures are read through."""

    def files(self) -> Sequence[ImportedFile]:
        """Every imported file, the first imported first."""

    def rows(self, sha256: str) -> Sequence[CountRow]:
        """The rows of one file, in its order."""

    def population(self) -> Sequence[Residents]:
        """Every estimate known, of the newest file for each year."""


def speaking(files: Sequence[ImportedFile], dataset: Dataset) -> Mapping[str, ImportedFile]:
    """For every month of a dataset, the file whose figures stand.

    Real files silence synthetic ones altogether; then the newest vintage that lacks no borough wins.
    """
    known = [each for each in files if each.dataset is dataset]
    real = [each for each in known if not each.synthetic]
    voices: dict[str, ImportedFile] = {}
    for each in sorted(real or known, key=lambda file: file.standing):
        voices.update(dict.fromkeys(each.months, each))
    return dict(sorted(voices.items()))
