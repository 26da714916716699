"""Whole archives of data.police.uk: folders by month, a file for each force, in one ZIP.

Nothing is unpacked to disk. An archive that is built to fill a disk or to write outside a folder is
refused before any of it is read.
"""

import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePosixPath

from engage.crime.months import last_day
from engage.crime.reading import BadFile
from engage.crime.sources.entry import AGAIN, Entry

MOST_MEMBERS = 20_000
"""Forty-four forces, three files a month, ten years: 16,000."""
LARGEST_DIRECTORY = 8 << 20
LARGEST_MEMBER = 1 << 30
STEEPEST = 60
"""Street files shrink to a sixth; a file of one repeated byte to a thousandth."""
OURS = "metropolitan"
_SPREADSHEETS = frozenset({".xlsx", ".ods"})
"""ZIP archives, by what is in them."""

_POLICE = re.compile(
    r"(20\d\d-(?:0[1-9]|1[0-2]))-(.+?)-(street|outcomes|stop-and-search)\.csv", re.IGNORECASE
)


class Kind(StrEnum):
    """What a name of data.police.uk says a file holds."""

    OURS = "the Met's street file"
    ELSEWHERE = "another force's"
    OTHER = "outcomes or stop and search"
    UNNAMED = "not a name of data.police.uk"


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """What a file's name says: its month and force, where it is one of data.police.uk."""

    kind: Kind
    month: str = ""
    force: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """What of an archive is read, and what is not, in words."""

    entries: tuple[Entry, ...]
    left_out: str


def named(name: str) -> Named:
    """What a file's name says it is."""
    found = _POLICE.fullmatch(name.rsplit("/", 1)[-1])
    if found is None:
        return Named(kind=Kind.UNNAMED)
    month, force, what = found[1], found[2].lower(), found[3].lower()
    if what != "street":
        return Named(kind=Kind.OTHER, month=month, force=force)
    return Named(kind=Kind.OURS if force == OURS else Kind.ELSEWHERE, month=month, force=force)


def look_into(path: Path) -> Archive:
    """The members to read: the Met's street files, and other CSV files. Raises BadFile for an unsafe archive."""
    members = [each for each in _members(path) if not each.is_dir()]
    wanted = [
        each
        for each in members
        if each.filename.lower().endswith(".csv") and named(each.filename).kind in {Kind.OURS, Kind.UNNAMED}
    ]
    for each in wanted:
        _refuse_bomb(path, each)
    if path.suffix.lower() in _SPREADSHEETS:
        raise _refused(path, "is a spreadsheet.", remedy="Save it as CSV.")
    if not wanted:
        raise _refused(path, "holds no street file of the Metropolitan Police.")
    newest = max((name.month for each in members if (name := named(each.filename)).month), default="")
    vintage = last_day(newest) if newest else ""
    return Archive(
        entries=tuple(Entry(path=path, member=each.filename, vintage=vintage) for each in wanted),
        left_out=_left_out(len(wanted), [named(each.filename) for each in members]),
    )


def _members(path: Path) -> Sequence[zipfile.ZipInfo]:
    _refuse_directory(path)
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise _refused(path, "is no ZIP archive, or is cut short.") from error
    if len(members) > MOST_MEMBERS:
        raise _refused(path, f"holds {len(members):,} files, more than {MOST_MEMBERS:,}.")
    names = [each.filename for each in members]
    if len(set(names)) != len(names):
        raise _refused(path, "holds two files of one name.")
    for each in members:
        if _leads_out(each.filename):
            raise _refused(path, f"holds “{each.filename}”, a name that leads out of its folder.")
        if each.flag_bits & 1:
            raise _refused(path, "is encrypted.")
    return members


def _refuse_directory(path: Path) -> None:
    """Refuse a list of files too long to be read, before it is: its size stands in the last bytes."""
    with path.open("rb") as stream:
        stream.seek(max(0, path.stat().st_size - (1 << 16) - 22))
        tail = stream.read()
    at = tail.rfind(b"PK\x05\x06")
    size = int.from_bytes(tail[at + 12 : at + 16], "little") if at >= 0 else 0
    if size > LARGEST_DIRECTORY:
        raise _refused(path, "lists more files than any archive of data.police.uk.")


def _leads_out(name: str) -> bool:
    parts = PurePosixPath(name)
    return parts.is_absolute() or ".." in parts.parts or "\\" in name or ":" in name


def _refuse_bomb(path: Path, member: zipfile.ZipInfo) -> None:
    if member.file_size > LARGEST_MEMBER:
        raise _refused(path, f"holds {member.filename}, which would be {member.file_size >> 20:,} MB.")
    if member.file_size > STEEPEST * max(member.compress_size, 1) and member.file_size > LARGEST_MEMBER >> 10:
        raise _refused(
            path,
            f"holds {member.filename}, packed {member.file_size // max(member.compress_size, 1):,} times smaller"
            " than it is: no real file packs so well.",
        )


def _left_out(read: int, names: Sequence[Named]) -> str:
    forces = {each.force for each in names if each.kind is Kind.ELSEWHERE}
    files = sum(each.kind is Kind.ELSEWHERE for each in names)
    other = sum(each.kind is Kind.OTHER for each in names)
    parts = [f"{read:,} files read"]
    if files:
        parts.append(f"{files:,} street files of {len(forces)} other forces left out")
    if other:
        parts.append(f"{other:,} files of outcomes and of stop and search left out")
    return "; ".join(parts) + "."


def _refused(path: Path, problem: str, *, remedy: str = AGAIN) -> BadFile:
    return BadFile(problem, where=str(path), remedy=f"{remedy} Nothing of it was imported.")
