"""Where bytes come from: a file, or a member of a ZIP archive, read in blocks that memory can hold."""

import hashlib
import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol, cast

import numpy as np

from engage.crime.reading import BadFile

BLOCK = 32 << 20
"""How many bytes are held and counted together; a month of the Met's street file fits."""
LONGEST_LINE = 1 << 20
LARGEST_TABLE = 256 << 20
"""The largest file of a column a month; the Met's by LSOA has 15 MB."""
CACHED = 1 << 18
"""So many bytes stay in a processor's own cache while they are gone over."""
AGAIN = "Download it again from where it is published."


class Readable(Protocol):
    """What bytes are read from, a part at a time."""

    def read(self, size: int, /) -> bytes:
        """So many bytes, or fewer; none at the end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A file on disk, or one member of an archive; `vintage` is the ISO date of its publication, where known."""

    path: Path
    member: str = ""
    vintage: str = ""

    @property
    def name(self) -> str:
        """The file's own name."""
        return (self.member or self.path.name).rsplit("/", 1)[-1]

    @property
    def where(self) -> str:
        """The file as a message names it."""
        return f"{self.path}: {self.member}" if self.member else str(self.path)

    def refuse(self, problem: str, *, line: int | None = None, remedy: str = AGAIN) -> BadFile:
        """The refusal of this file, naming the line."""
        where = self.where if line is None else f"{self.where}, line {line}"
        return BadFile(problem, where=where, remedy=f"{remedy} Nothing of it was imported.")

    @contextmanager
    def open(self) -> Iterator[BinaryIO]:
        """The bytes, as a stream. Raises BadFile where the archive is damaged."""
        if not self.member:
            with self.path.open("rb", buffering=0) as stream:
                yield cast(BinaryIO, stream)
            return
        try:
            with zipfile.ZipFile(self.path) as archive, archive.open(self.member) as stream:
                yield cast(BinaryIO, stream)
        except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError) as error:
            raise self.refuse("is damaged inside its archive.") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A file that was read through once: its hash, and its first block, which for most files is all of it."""

    entry: Entry
    sha256: str
    head: bytes
    whole: bool
    block: int = BLOCK

    def blocks(self) -> Iterator[bytes]:
        """The text in blocks of whole lines. Raises BadFile at a line no CSV has, or where the end is cut off."""
        if self.whole:
            yield from lines(self.entry, io.BytesIO(self.head), block=self.block)
            return
        with self.entry.open() as stream:
            hashed = _Hashed(stream)
            yield from lines(self.entry, hashed, block=self.block)
        self._refuse_other(hashed)

    def everything(self) -> bytes:
        """All bytes. Raises BadFile where there are more than a table of months can have."""
        if self.whole:
            return self.head
        with self.entry.open() as stream:
            hashed = _Hashed(stream)
            content = _full(hashed, LARGEST_TABLE + 1)
        if len(content) > LARGEST_TABLE:
            raise self.entry.refuse(
                f"is larger than {LARGEST_TABLE >> 20} MB.", remedy="No published file of this kind is."
            )
        self._refuse_other(hashed)
        return content

    def _refuse_other(self, hashed: "_Hashed") -> None:
        """Refuse bytes that are not those of the hash the file will be kept under."""
        if hashed.digest.hexdigest() != self.sha256:
            raise _changed(self.entry)


class _Hashed:
    """A stream that hashes what is read from it."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.digest = hashlib.sha256()

    def read(self, size: int) -> bytes:
        """So many bytes, or fewer."""
        part = self._stream.read(size)
        self.digest.update(part)
        return part


def hash_of(entry: Entry) -> str:
    """The hash of a file, nothing of it kept: a third quicker than with its first block. Raises BadFile."""
    digest = hashlib.sha256()
    with entry.open() as stream:
        while part := stream.read(CACHED):
            digest.update(part)
    return digest.hexdigest()


def open_entry(entry: Entry, *, block: int = BLOCK) -> Opened:
    """Read a file through for its hash, keeping the first block. Raises BadFile; OSError comes as it is."""
    with entry.open() as stream:
        size = block if entry.member else min(entry.path.stat().st_size, block)
        head = _full(stream, size + 1)
        if size < block and len(head) != size and not entry.member:
            raise _changed(entry)
        digest = hashlib.sha256(head)
        whole = len(head) <= block
        if not whole and b"\n" not in head[:LONGEST_LINE]:
            raise _too_long(entry, 1)
        while not whole and (more := stream.read(BLOCK)):
            digest.update(more)
    return Opened(entry=entry, sha256=digest.hexdigest(), head=head, whole=whole, block=block)


def count(content: bytes, letter: bytes) -> int:
    """How often one byte stands in a text: a third of the time of `bytes.count`, and other threads go on."""
    text = np.frombuffer(content, np.uint8)
    return sum(
        int(np.count_nonzero(text[at : at + CACHED] == letter[0])) for at in range(0, len(text), CACHED)
    )


def _full(stream: Readable, size: int) -> bytes:
    """So many bytes, or all there are: a member of an archive hands out less at a time."""
    parts = []
    while size and (part := stream.read(size)):
        parts.append(part)
        size -= len(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)


def lines(entry: Entry, stream: Readable, *, block: int = BLOCK) -> Iterator[bytes]:
    """A stream in blocks of whole lines, whatever its size. Raises BadFile."""
    rest, line = b"", 1
    while part := _full(stream, block):
        text = rest + part if rest else part
        cut = text.rfind(b"\n") + 1
        whole, rest = (text, b"") if cut == len(text) else (text[:cut], text[cut:])
        if len(rest) > LONGEST_LINE:
            raise _too_long(entry, line + count(whole, b"\n"))
        if whole:
            yield whole
            line += count(whole, b"\n") if rest or len(part) == block else 0
    if rest:
        raise entry.refuse("ends in the middle of a line.", line=line)


def check_lengths(entry: Entry, content: bytes, line: int) -> None:
    """Refuse a line longer than any, in whole lines that begin at `line`; the search takes a step a megabyte."""
    at = 0
    while len(content) - at > LONGEST_LINE:
        end = content.rfind(b"\n", at, at + LONGEST_LINE + 1) + 1
        if not end:
            raise _too_long(entry, line + count(content[:at], b"\n"))
        at = end


def _changed(entry: Entry) -> BadFile:
    return entry.refuse(
        "changed while it was read.", remedy="Import it again once nothing writes to it any more."
    )


def _too_long(entry: Entry, line: int) -> BadFile:
    return entry.refuse(f"has a line of more than {LONGEST_LINE:,} bytes.", line=line)
