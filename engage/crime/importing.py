"""Bringing files in: find them, read each whole, keep what can be vouched for, and report on every one."""

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

from polars.exceptions import PolarsError

from engage.crime.finding import Found, found
from engage.crime.lost import lost
from engage.crime.reading import BadFile, OtherForce, Reading
from engage.crime.records import AreaRow, CountRow, CrimeReader, ImportedFile, Residents
from engage.crime.sources import read_opened
from engage.crime.sources.entry import Entry, hash_of, open_entry
from engage.crime.vintages import gaps, revisions
from engage.posts.clock import in_london, utc_now

Progress = Callable[[int, int, str], None]
"""Told how many files are done, of how many, and the name of the next one."""


HANDS = 2
"""How many files are hashed and counted at once, while those before them are kept.

It bounds the memory: what is in hand is two files of a month, and what counting them takes."""


class Keeper(CrimeReader, Protocol):
    """Where files are kept."""

    def take_turn(self) -> None:
        """Wait until no other import runs; the turn ends with the transaction."""

    def add(
        self,
        file: ImportedFile,
        *,
        rows: Sequence[CountRow] = (),
        residents: Sequence[Residents] = (),
        areas: Sequence[AreaRow] = (),
    ) -> bool:
        """Keep a file; False where the same bytes are kept already."""


class HasKeeper(Protocol):
    """A transaction with a place for crime figures."""

    @property
    def crime(self) -> Keeper:
        """Where files are kept."""


class Outcome(StrEnum):
    """How a file fared."""

    IMPORTED = "imported"
    KNOWN = "already imported"
    REFUSED = "refused"
    LEFT_OUT = "left out"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileReport:
    """What became of one file: what was read, kept and left out, and why; or why none of it was.

    A member of an archive has the path of its archive and then its own.
    """

    path: Path
    outcome: Outcome
    file: ImportedFile | None = None
    examples: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    reason: str = ""

    def to_json(self) -> dict[str, Any]:
        """The report as JSON types."""
        known: dict[str, Any] = {"file": self.path.name, "outcome": self.outcome.value}
        if self.file is None:
            return {**known, "reason": self.reason}
        return {
            **known,
            "sha256": self.file.sha256,
            "dataset": self.file.dataset.value,
            "publisher": self.file.publisher,
            "licence": self.file.licence,
            "as_of": self.file.as_of,
            "first_month": self.file.months[0] if self.file.months else None,
            "last_month": self.file.months[-1] if self.file.months else None,
            "rows_read": self.file.rows_read,
            "rows_kept": self.file.rows_kept,
            "rejected": dict(self.file.rejected),
            "examples": dict(self.examples),
            "warnings": list(self.warnings),
            "synthetic": self.file.synthetic,
            "revisions": [each.to_json() for each in self.file.revisions],
            "reason": self.reason,
        }


def import_paths(
    unit: HasKeeper,
    paths: Sequence[Path],
    *,
    progress: Progress | None = None,
    today: date | None = None,
    newer: bool = False,
) -> list[FileReport]:
    """Import files, folders and archives, in the caller's transaction.

    A refused file leaves nothing behind and does not keep the others from being imported; its report says
    why. Files that were imported before are known by their hash and not read again. Two files that say
    different things of the same months, with nothing to tell which is newer, are not both believed: the
    second is refused, unless `newer` vouches for it. Raises BadInput for a path that does not exist or a
    folder without files to import.
    """
    files = found(paths)
    unit.crime.take_turn()
    keeping = _Keeping(unit.crime, newer=newer)
    reports = []
    day = today or in_london(utc_now()).date()
    for done, (each, came) in enumerate(_read_ahead(files, keeping.known, day)):
        if progress:
            progress(done, len(files), each.path.name)
        reports.append(keeping.keep(each, came))
    if progress:
        progress(len(files), len(files), "")
    return reports


@dataclass(frozen=True, slots=True)
class _Known:
    """Bytes that were imported before, by their hash."""

    sha256: str


_Came = Reading | BadFile | OtherForce | _Known | None


def _read_ahead(
    files: Sequence[Found], known: Mapping[str, ImportedFile], today: date
) -> Iterator[tuple[Found, _Came]]:
    """Every file and what came of it, in order, the next ones in hand while the one before is kept."""
    names = frozenset(file.file_name for file in known.values())
    waiting: deque[tuple[Found, Future[_Came]]] = deque()
    with ThreadPoolExecutor(HANDS, "read") as hands:
        try:
            for each in files:
                waiting.append((each, hands.submit(_look, each.entry, known, names, today)))
                if len(waiting) > HANDS:
                    before, came = waiting.popleft()
                    yield before, came.result()
            while waiting:
                before, came = waiting.popleft()
                yield before, came.result()
        finally:
            for _, came in waiting:
                came.cancel()


def _look(
    entry: Entry | None, known: Mapping[str, ImportedFile], names: frozenset[str], today: date
) -> _Came:
    """Hash a file and, where its bytes are new, read it.

    One of a known name is expected to be known, so it is hashed on its own first; only the hash decides. What no
    reader foresaw is refused too: one file must not take the others with it.
    """
    if entry is None:
        return None
    try:
        if entry.name in names and (sha256 := hash_of(entry)) in known:
            return _Known(sha256)
        opened = open_entry(entry)
        return _Known(opened.sha256) if opened.sha256 in known else read_opened(opened, today=today)
    except (BadFile, OtherForce) as error:
        return error
    except (PolarsError, ValueError) as error:
        said, _, _ = str(error).partition("\n")
        return entry.refuse(f"cannot be read as a table: {said}.")


class _Keeping:
    """One import: what is known, and what becomes of each file that was read."""

    def __init__(self, keeper: Keeper, *, newer: bool) -> None:
        self._keeper = keeper
        self._newer = newer
        self.known: dict[str, ImportedFile] = {file.sha256: file for file in keeper.files()}
        self._newest: Reading | None = None

    def keep(self, found: Found, came: _Came) -> FileReport:
        path = found.path
        match came:
            case None:
                outcome = Outcome.REFUSED if found.refused else Outcome.LEFT_OUT
                return FileReport(path=path, outcome=outcome, reason=found.reason)
            case BadFile():
                return FileReport(path=path, outcome=Outcome.REFUSED, reason=str(came))
            case OtherForce():
                return FileReport(path=path, outcome=Outcome.LEFT_OUT, reason=f"Another force's: {came}")
            case _Known(sha256):
                return self._before(path, sha256)
            case Reading():
                return self._new(path, came)

    def _before(self, path: Path, sha256: str) -> FileReport:
        file = self.known[sha256]
        reason = "" if file.file_name == path.name else f"the same bytes as {file.file_name}"
        return FileReport(path=path, outcome=Outcome.KNOWN, file=file, reason=reason)

    def _new(self, path: Path, reading: Reading) -> FileReport:
        if reading.file.sha256 in self.known:
            return self._before(path, reading.file.sha256)
        if rival := self._rival(reading.file):
            return FileReport(path=path, outcome=Outcome.REFUSED, reason=_doctored(path, reading.file, rival))
        if missing := self._lost(reading):
            return FileReport(path=path, outcome=Outcome.REFUSED, reason=f"{path}: {missing}")
        before = list(self.known.values())
        broken = gaps(before, reading.file) if reading.file.dataset.counts_crime else ""
        changed = revisions(self._keeper, before, reading.file, reading.rows)
        file = replace(reading.file, revisions=changed)
        self._keeper.add(file, rows=reading.rows, residents=reading.residents, areas=reading.areas)
        self.known[file.sha256] = file
        self._newest = reading
        return FileReport(
            path=path,
            outcome=Outcome.IMPORTED,
            file=file,
            examples=reading.examples,
            warnings=(*reading.warnings, *([broken] if broken else [])),
        )

    def _lost(self, reading: Reading) -> str:
        """Why a file is refused that has lost rows; empty where nobody can tell, or a person vouches for it."""
        if self._newer:
            return ""
        missing = lost(self.known.values(), self._rows, reading.file, reading.rows)
        return missing and f"{missing}: rows are missing. {_VOUCH}"

    def _rows(self, sha256: str) -> Sequence[CountRow]:
        """The rows of a file; those of the one before, which the next is held against, are still at hand."""
        if self._newest and self._newest.file.sha256 == sha256:
            return self._newest.rows
        return self._keeper.rows(sha256)

    def _rival(self, file: ImportedFile) -> ImportedFile | None:
        """A file of the same publication and months with other bytes: one of the two was changed."""
        if self._newer or file.synthetic:
            return None
        return next(
            (
                each
                for each in self.known.values()
                if (each.dataset, each.months, each.as_of) == (file.dataset, file.months, file.as_of)
                and not each.synthetic
                and (file.months or each.file_name == file.file_name)
            ),
            None,
        )


_VOUCH = "Nothing of it was imported. If it is whole all the same, import it with --newer."


def _doctored(path: Path, file: ImportedFile, rival: ImportedFile) -> str:
    months = f" of {file.months[0]} to {file.months[-1]}" if file.months else ""
    return (
        f"{path}: says other things{months} than {rival.file_name}, which was imported before as the same publication "
        f"(SHA-256 {file.sha256[:12]}… now, {rival.sha256[:12]}… then): one of the two was changed. Nothing of it was "
        "imported. If it is a newer publication, import it with --newer."
    )
