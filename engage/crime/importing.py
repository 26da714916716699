"""Bringing files in: find them, read each whole, keep what can be vouched for, and report on every one."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

from engage.crime.reading import BadFile, Reading
from engage.crime.records import CountRow, ImportedFile, Residents
from engage.crime.sources import read
from engage.posts.clock import in_london, utc_now
from engage.posts.errors import BadInput

Progress = Callable[[int, int, str], None]
"""Told how many files are done, of how many, and the name of the next one."""


class Keeper(Protocol):
    """Where files are kept."""

    def add(
        self, file: ImportedFile, *, rows: Sequence[CountRow] = (), residents: Sequence[Residents] = ()
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


@dataclass(frozen=True, slots=True, kw_only=True)
class FileReport:
    """What became of one file: what was read, kept and left out, and why; or why it was refused whole."""

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
        }


def import_paths(
    unit: HasKeeper, paths: Sequence[Path], *, progress: Progress | None = None, today: date | None = None
) -> list[FileReport]:
    """Import files, and all CSV files of folders, in the caller's transaction.

    A refused file leaves nothing behind and does not keep the others from being imported; its report says
    why. Raises BadInput for a path that does not exist or a folder without CSV files.
    """
    files = found(paths)
    day = today or in_london(utc_now()).date()
    reports = []
    for done, path in enumerate(files):
        if progress:
            progress(done, len(files), path.name)
        reports.append(_import(unit.crime, path, day))
    if progress:
        progress(len(files), len(files), "")
    return reports


def found(paths: Sequence[Path]) -> list[Path]:
    """The files that paths name, each once, in a steady order. Raises BadInput."""
    files: dict[Path, None] = {}
    for path in paths:
        if path.is_dir():
            inside = sorted(
                each for each in path.rglob("*") if each.suffix.lower() == ".csv" and each.is_file()
            )
            if not inside:
                raise BadInput("holds no CSV file.", where=str(path))
            files.update(dict.fromkeys(inside))
        elif path.exists():
            files[path] = None
        else:
            raise BadInput("does not exist.", where=str(path), remedy="Nothing was imported.")
    return list(files)


def _import(keeper: Keeper, path: Path, today: date) -> FileReport:
    try:
        reading = read(path, today=today)
    except BadFile as error:
        return FileReport(path=path, outcome=Outcome.REFUSED, reason=str(error))
    return _kept(keeper, path, reading)


def _kept(keeper: Keeper, path: Path, reading: Reading) -> FileReport:
    new = keeper.add(reading.file, rows=reading.rows, residents=reading.residents)
    return FileReport(
        path=path,
        outcome=Outcome.IMPORTED if new else Outcome.KNOWN,
        file=reading.file,
        examples=reading.examples,
        warnings=reading.warnings,
    )
