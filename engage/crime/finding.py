"""Which files a command's paths mean: files, whole folders, and what is inside archives."""

import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from engage.crime.reading import BadFile
from engage.crime.sources.archive import Kind, look_into, named
from engage.crime.sources.entry import Entry
from engage.posts.errors import BadInput

READ = frozenset({".csv", ".parquet", ".zip"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A file to be read (`entry`), or one that is not: why, and whether that is a refusal."""

    path: Path
    entry: Entry | None = None
    reason: str = ""
    refused: bool = False


def found(paths: Sequence[Path]) -> list[Found]:
    """The files that paths name, each once, in a steady order. Raises BadInput."""
    files: dict[Path, None] = {}
    for path in paths:
        if path.is_dir():
            inside = sorted(
                each for each in path.rglob("*") if each.suffix.lower() in READ and each.is_file()
            )
            if not inside:
                raise BadInput("holds no CSV, Parquet or ZIP file.", where=str(path))
            files.update(dict.fromkeys(inside))
        elif path.is_file():
            files[path] = None
        elif path.exists():
            raise BadInput("is not a file or a folder.", where=str(path), remedy="Nothing was imported.")
        else:
            raise BadInput("does not exist.", where=str(path), remedy="Nothing was imported.")
    return [each for path in files for each in _found(path, alone=path in paths)]


def _found(path: Path, *, alone: bool) -> Iterator[Found]:
    """One file; a folder of data.police.uk may hold other forces' files, which are not even opened."""
    kind = named(path.name).kind
    if not alone and kind in {Kind.ELSEWHERE, Kind.OTHER}:
        yield Found(path=path, reason=f"Left out: {kind.value}.")
    elif path.suffix.lower() == ".zip" or zipfile.is_zipfile(path):
        yield from _inside(path)
    else:
        yield Found(path=path, entry=Entry(path=path))


def _inside(path: Path) -> Iterator[Found]:
    try:
        archive = look_into(path)
    except BadFile as error:
        yield Found(path=path, reason=str(error), refused=True)
        return
    yield Found(path=path, reason=archive.left_out)
    for entry in archive.entries:
        yield Found(path=path / entry.member, entry=entry)
