"""What was imported: files, their rows, populations, and the port through which figures read them."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Protocol

from engage.crime.months import later

LICENCE = "Open Government Licence v3.0"
ATTRIBUTION = "Contains public sector information licensed under the Open Government Licence v3.0."


class Dataset(StrEnum):
    """The kinds of file that Engage knows, best source of a topic first."""

    MPS_BOROUGH = "MPS borough crime"
    STREET = "data.police.uk street crime"
    MPS_WARD = "MPS ward crime"
    MPS_LSOA = "MPS LSOA crime"
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
    revisions: "tuple[Revision, ...]" = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """One month of a file beside the same month of the file that spoke for it before.

    The totals are of every place and category; `changed` of the `cells` (a borough and a major category)
    differ, `widest` by the most.
    """

    month: str
    other_sha256: str
    other_name: str
    total_other: int
    total: int
    cells: int
    changed: int
    widest: str
    widest_other: int
    widest_here: int

    def to_json(self) -> dict[str, Any]:
        """The revision as JSON types."""
        return asdict(self)


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
class AreaRow:
    """One category in one ward or LSOA. It is no CountRow: nothing that makes a figure takes it.

    Areas leave out what could not be placed, so they never sum to a borough. They are known by `code`,
    since names repeat and change.
    """

    line: int
    code: str
    name: str
    borough: str
    major: str
    minor: str
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Residents:
    """How many people live in a borough in a year (ONS mid-year estimate)."""

    borough: str
    year: int
    people: int


def other_terms(files: Sequence[ImportedFile]) -> tuple[str, ...]:
    """Whose files are under other terms than the licence of the figures, in sentences, each once."""
    other = (each for each in files if each.licence != LICENCE)
    return tuple(dict.fromkeys(f"{each.dataset.value}: {each.publisher} ({each.licence})." for each in other))


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

    Real files silence synthetic ones altogether; then a file that lacks no borough wins, then the newer
    publication, then the one imported later.
    """
    known = [each for each in files if each.dataset is dataset]
    real = [each for each in known if not each.synthetic] or known
    published = publications(real)
    voices: dict[str, ImportedFile] = {}
    for each in sorted(real, key=lambda file: (file.whole, published[file.sha256])):
        voices.update(dict.fromkeys(each.months, each))
    return dict(sorted(voices.items()))


def publications(files: Sequence[ImportedFile]) -> Mapping[str, str]:
    """When each file (by hash) was published, as an ISO date.

    A file of past years ends where the file of the newest months begins that was published with it: it is
    as new as that one, though its own months are old.
    """
    begins: dict[str, str] = {}
    for file in files:
        if file.months and file.dataset is not Dataset.STREET:
            begins[file.months[0]] = max(file.as_of, begins.get(file.months[0], ""))
    return {
        file.sha256: max(file.as_of, begins.get(later(file.months[-1], 1), "") if file.months else "")
        for file in files
    }
