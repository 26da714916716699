"""Downloading published files: what was begun is gone on with, and a file is there whole or not at all."""

import contextlib
import errno
import http.client
import json
import shutil
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import IO, Any
from urllib.parse import urljoin, urlsplit

from engage.crime.addresses import Published, Type, refuse_unsafe
from engage.crime.reading import BadFile
from engage.crime.sources.archive import look_into
from engage.crime.sources.text import PARQUET
from engage.posts.errors import BadInput, Unavailable

SECONDS = 30
PART = 1 << 20
LARGEST_INDEX = 16 << 20
ROOM_LEFT = 256 << 20
"""Free space a download must leave on the disk."""
AGENT = "Engage (police press office; open data)"
Told = Callable[[int, int], None]
"""Told how many bytes are there, of how many (0 where the publisher does not say)."""


class Fetch(StrEnum):
    """How a download ended."""

    FETCHED = "fetched"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A published file on this disk.

    `end_checked` is whether a file cut short would have been noticed: not where a publisher gives no length
    and simply hangs up after the last byte. Only an archive says itself where it ends.
    """

    path: Path
    outcome: Fetch
    size: int
    end_checked: bool = True


class _Careful(urllib.request.HTTPRedirectHandler):
    """Follows a publisher to another address only where nobody on the way can change what is sent."""

    def redirect_request(  # noqa: PLR0917 - urllib's signature
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        refuse_unsafe(newurl, where=req.full_url)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


_opener = urllib.request.build_opener(_Careful)


def fetch(published: Published, into: Path, *, told: Told | None = None) -> Fetched:
    """Download a file into a folder, or leave it as it is where the publisher has nothing newer.

    A download that was cut off goes on where it stopped, if the file is still the same there. Raises
    Unavailable where the publisher does not answer or the disk has no room, BadInput where what is there is
    not what the list says.
    """
    into.mkdir(parents=True, exist_ok=True)
    path, part = into / published.file, into / f"{published.file}.part"
    address = published.address or _listed(published)
    with _answer(published, address, _headers(path, part)) as answer:
        match answer.status:
            case http.client.NOT_MODIFIED:
                return Fetched(path=path, outcome=Fetch.UNCHANGED, size=path.stat().st_size)
            case http.client.REQUESTED_RANGE_NOT_SATISFIABLE if _all_of(part, answer):
                tag, end_checked = _tag(part), True
            case http.client.REQUESTED_RANGE_NOT_SATISFIABLE:
                _throw_away(part)
                return fetch(published, into, told=told)
            case _:
                tag, end_checked = answer.headers.get("ETag") or "", _says_its_end(published, answer)
                _write(published, answer, part, tag=tag, told=told)
    _check(published, part, address)
    part.replace(path)
    _mark(part).unlink()
    # Without a mark it is asked for again the next time, from the start.
    _mark(path).write_text(tag if end_checked else "")
    return Fetched(path=path, outcome=Fetch.FETCHED, size=path.stat().st_size, end_checked=end_checked)


def _all_of(part: Path, answer: Any) -> bool:
    """Whether nothing is missing: it was killed after the last byte, before it had its name."""
    return bool(answer.headers.get("Content-Range") == f"bytes */{part.stat().st_size}")


def _says_its_end(published: Published, answer: Any) -> bool:
    return bool(published.type is Type.ZIP or answer.length is not None or answer.chunked)


def _mark(path: Path) -> Path:
    """Where the publisher's own mark of a version (its ETag) is kept beside a file."""
    return path.with_name(f".{path.name}.etag")


def _headers(path: Path, part: Path) -> dict[str, str]:
    """What to ask for: only what is new, or only what is missing."""
    headers = {"User-Agent": AGENT, "Accept-Encoding": "identity"}
    if part.exists() and part.stat().st_size and (tag := _tag(part)):
        return headers | {"Range": f"bytes={part.stat().st_size}-", "If-Range": tag}
    if path.exists() and (tag := _tag(path)):
        return headers | {"If-None-Match": tag}
    return headers


def _tag(path: Path) -> str:
    mark = _mark(path)
    return mark.read_text() if mark.exists() else ""


@contextlib.contextmanager
def _answer(published: Published, address: str, headers: dict[str, str]) -> Iterator[Any]:
    """The publisher's answer; that there is nothing new, or nothing more, is one too. Raises Unavailable, BadInput."""
    refuse_unsafe(address, where=published.name)
    request = urllib.request.Request(address, headers=headers)  # noqa: S310 - the scheme was just checked
    try:
        with _opener.open(request, timeout=SECONDS) as answer:
            yield answer
    except urllib.error.HTTPError as error:
        nothing = (
            http.client.REQUESTED_RANGE_NOT_SATISFIABLE if "Range" in headers else http.client.NOT_MODIFIED
        )
        if error.code != nothing:
            raise BadInput(
                f"{address} answers {error.code} {error.reason}.",
                where=published.name,
                remedy=f"Find the file at {published.page}, and mend its address in the list.",
            ) from error
        yield error
    except (OSError, http.client.HTTPException) as error:
        if isinstance(error, OSError) and (error.filename or error.errno in {errno.ENOSPC, errno.EDQUOT}):
            raise  # This disk's trouble, not the publisher's.
        host = urlsplit(address).hostname
        raise Unavailable(
            f"{published.name}: {host} does not answer ({error}). What was fetched so far is kept: try again, or "
            f"download the file from {published.page} by hand and import it."
        ) from error


def _listed(published: Published) -> str:
    """The address of a file by its title in its dataset's list."""
    with _answer(published, published.index, {"User-Agent": AGENT}) as answer:
        content = answer.read(LARGEST_INDEX)
    try:
        data = json.loads(content)
    except ValueError as error:
        raise _moved(published, "is no JSON list") from error
    for each in _objects(data):
        title = str(each.get("title") or each.get("name") or "").removesuffix(".csv")
        if title.strip().casefold() == published.title.casefold() and each.get("url"):
            return urljoin(published.index, str(each["url"]))
    raise _moved(published, f"lists no file called “{published.title}”")


def _objects(data: object) -> Iterator[dict[str, Any]]:
    if isinstance(data, dict):
        yield data
        data = list(data.values())
    if isinstance(data, list):
        for each in data:
            yield from _objects(each)


def _moved(published: Published, problem: str) -> BadInput:
    return BadInput(
        f"{published.index} {problem}.",
        where=published.name,
        remedy=f"Find the file at {published.page}, and mend its entry in the list.",
    )


def _refuse_size(published: Published, into: Path, had: int, whole: int) -> None:
    if max(whole, had) > published.largest:
        raise BadInput(
            f"would be {whole >> 20:,} MB, more than the {published.largest >> 20:,} MB of the list.",
            where=published.name,
        )
    free = shutil.disk_usage(into).free
    if whole - had > free - ROOM_LEFT:
        raise Unavailable(
            f"{published.name}: {into} has {free >> 20:,} MB free and the file needs {(whole - had) >> 20:,} MB. "
            "Free space, or fetch into another folder."
        )


def _write(published: Published, answer: Any, part: Path, *, tag: str, told: Told | None) -> None:
    """Write an answer behind what is there of its version, or from the start. Raises BadInput, Unavailable."""
    had = part.stat().st_size if answer.status == http.client.PARTIAL_CONTENT else 0
    length = int(answer.headers.get("Content-Length") or 0)
    whole = had + length if length else 0
    _refuse_size(published, part.parent, had, whole)
    _mark(part).write_text(tag)
    _take(published, answer, part, had=had, whole=whole, told=told)


def _take(published: Published, answer: Any, part: Path, *, had: int, whole: int, told: Told | None) -> None:
    """Write what comes behind what is there. Raises BadInput for more than was said, Unavailable for less."""
    with part.open("ab" if had else "wb") as file:
        while piece := answer.read(PART):
            had += len(piece)
            if had > (whole or published.largest):
                raise BadInput("is larger than was said.", where=published.name)
            file.write(piece)
            if told:
                told(had, whole)
    if whole and had < whole:
        raise http.client.IncompleteRead(b"", whole - had)


def _check(published: Published, part: Path, address: str) -> None:
    """Whether a download is what the list says it is; what is not is thrown away. Raises BadInput."""
    try:
        if published.type is Type.ZIP and _is(Type.ZIP, part):
            look_into(part)
        refused: BadInput | None = None if _is(published.type, part) else _no_such_file(published, address)
    except BadFile as error:
        refused = error
    if refused:
        _throw_away(part)
        raise refused


def _throw_away(part: Path) -> None:
    part.unlink()
    _mark(part).unlink(missing_ok=True)


def _no_such_file(published: Published, address: str) -> BadInput:
    return BadInput(
        f"{address} holds no {published.type.value} file, but perhaps a page about one.",
        where=published.name,
        remedy=f"Find the file at {published.page}, and mend its address in the list.",
    )


def _is(type_: Type, path: Path) -> bool:
    with path.open("rb") as file:
        start = file.read(1 << 12)
    match type_:
        case Type.ZIP:
            return start.startswith(b"PK")
        case Type.PARQUET:
            return start.startswith(PARQUET)
        case Type.CSV:
            first = start.split(b"\n", 1)[0]
            return b"," in first and b"<" not in first and b"\0" not in start
