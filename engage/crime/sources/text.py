"""Tables of a column a month, from CSV or Parquet: their header and cells as text, or why they cannot be used."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from engage.crime.reading import BadFile
from engage.crime.sources.entry import AGAIN, CACHED, Entry, Opened, check_lengths

MARK = b"SYNTHETIC"
"""Stands in every made-up file, in its name and in its text, and in no published one."""
MARKED_WITHIN = 1 << 20
PARQUET = b"PAR1"
MOST_CELLS = 50_000_000
_BOM = b"\xef\xbb\xbf"
_OTHER_KINDS = {
    b"\x1f\x8b": ("is packed with gzip.", "Unpack it first."),
    b"\xff\xfe": ("is UTF-16 text.", "Save it as UTF-8."),
    b"\xfe\xff": ("is UTF-16 text.", "Save it as UTF-8."),
}
"""How files begin that are taken for CSV by mistake, and what to do with them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A table in memory: every cell as text, the first data row being line 2."""

    entry: Entry
    sha256: str
    header: tuple[str, ...]
    content: bytes
    synthetic: bool

    @property
    def name(self) -> str:
        """The file's name."""
        return self.entry.name

    def refuse(self, problem: str, *, line: int | None = None, remedy: str = AGAIN) -> BadFile:
        """The refusal of this file, naming the line."""
        return self.entry.refuse(problem, line=line, remedy=remedy)

    def table(self) -> pl.DataFrame:
        """All rows as text, with their `line`. Raises BadFile for a row of the wrong length."""
        if self.content.startswith(PARQUET):
            return self._parquet()
        if bad := ragged(self.entry, self.content, 1, len(self.header)):
            raise bad
        try:
            table = pl.read_csv(self.content, infer_schema=False, new_columns=list(self.header))
        except pl.exceptions.PolarsError as error:
            raise self.refuse("is not a table of comma-separated values.") from error
        if table.height != self.content.count(b"\n") - 1:
            raise self.refuse("has empty lines, or line breaks inside a cell.")
        return _numbered(table)

    def _parquet(self) -> pl.DataFrame:
        try:
            table = pl.read_parquet(self.content)
            table.columns = list(self.header)
            table = _numbered(table.with_columns(pl.all().cast(pl.String)))
            nul = table.filter(pl.any_horizontal(pl.col(pl.String).str.contains("\0", literal=True)))
        except pl.exceptions.PolarsError as error:
            raise self.refuse("is a damaged Parquet file.") from error
        if nul.height:
            raise self.refuse("holds binary data.", line=nul["line"][0])
        return table


@dataclass(frozen=True, slots=True, kw_only=True)
class Letters:
    """What stands in a text: how many commas, and whether there is more than plain letters."""

    ascii: bool
    nul: bool
    returns: bool
    quotes: bool
    commas: int


def letters(content: bytes) -> Letters:
    """Go over a text once, in parts that stay in the processor's cache, so that other threads go on as well."""
    plain, nul, returns, quotes, commas = True, False, False, False, 0
    is_comma = np.empty(CACHED, np.bool_)
    for at in range(0, len(content), CACHED):
        part = content[at : at + CACHED]
        plain = plain and part.isascii()
        nul = nul or b"\0" in part
        returns = returns or b"\r" in part
        quotes = quotes or b'"' in part
        np.equal(np.frombuffer(part, np.uint8), ord(","), out=is_comma[: len(part)])
        commas += int(np.count_nonzero(is_comma[: len(part)]))
    return Letters(ascii=plain, nul=nul, returns=returns, quotes=quotes, commas=commas)


def text_of(opened: Opened) -> Text:
    """The file's text. Raises BadFile for one that is empty, too large, cut short or not UTF-8."""
    entry, raw = opened.entry, opened.everything()
    if raw.startswith(PARQUET):
        header, content = _parquet_header(entry, raw), raw
    else:
        content = unified(raw)
        check_text(entry, content, letters(content), 1)
        header = header_of(content)
    if len(set(header)) != len(header):
        raise entry.refuse("names a column twice.", line=1)
    return Text(
        entry=entry, sha256=opened.sha256, header=header, content=content, synthetic=made_up(entry, content)
    )


def header_of(content: bytes) -> tuple[str, ...]:
    """The names of the columns, from text that begins with them."""
    first = content[: content.find(b"\n")] if b"\n" in content else content
    return tuple(name.strip().strip('"') for name in first.decode(errors="replace").split(","))


def unified(raw: bytes) -> bytes:
    """Text without a byte order mark, its lines ending as Unix ends them."""
    plain = raw.removeprefix(_BOM)
    return plain.replace(b"\r\n", b"\n") if b"\r" in plain else plain


def made_up(entry: Entry, content: bytes) -> bool:
    """Whether a file says of itself that it was made up."""
    return entry.name.startswith(MARK.decode()) or MARK in content[:MARKED_WITHIN]


def check_text(entry: Entry, content: bytes, has: Letters, line: int) -> None:
    """Refuse what is not whole lines of UTF-8 text, where `content` begins at `line`. Raises BadFile."""
    if not content or content.isspace():
        raise entry.refuse("is empty.")
    if line == 1 and (kind := _OTHER_KINDS.get(content[:2])):
        raise entry.refuse(kind[0], remedy=kind[1])
    try:
        _ = has.ascii or content.decode()
    except UnicodeDecodeError as error:
        at = line + content.count(b"\n", 0, error.start)
        raise entry.refuse(
            "is not UTF-8 text, but perhaps Windows-1252.",
            line=at,
            remedy="Save it as UTF-8, or download it again.",
        ) from error
    if not content.endswith(b"\n"):
        raise entry.refuse("ends in the middle of a line.", line=line + content.count(b"\n"))
    check_lengths(entry, content, line)
    if has.nul:
        at = line + content.count(b"\n", 0, content.index(b"\0"))
        raise entry.refuse("holds binary data.", line=at)


def ragged(entry: Entry, content: bytes, line: int, cells: int) -> BadFile | None:
    """The first line with more or fewer cells than the header names; cells that hold commas are quoted."""
    for number, text in enumerate(content.removesuffix(b"\n").split(b"\n"), start=line):
        many = text.count(b",") + 1
        if b'"' in text:
            if text.count(b'"') % 2:
                return entry.refuse(
                    "has a line break inside a cell, or a quote that is not closed.", line=number
                )
            many = _cells(text)
        if not text:
            return entry.refuse("is empty.", line=number)
        if many != cells:
            return entry.refuse(
                f"has {many} cells where the header names {cells}: it is cut short or damaged.", line=number
            )
    return None


def _cells(text: bytes) -> int:
    """How many cells a line with quotes has; none where the quotes are not those of a CSV file."""
    try:
        return len(next(csv.reader([text.decode()], strict=True)))
    except csv.Error:
        return 0


def repeated_header(table: pl.DataFrame, columns: Sequence[str]) -> pl.Expr:
    """Which rows only say the names of the columns again."""
    return pl.all_horizontal(pl.col(name) == name for name in columns if name in table.columns)


def _parquet_header(entry: Entry, raw: bytes) -> tuple[str, ...]:
    try:
        schema = pl.read_parquet_schema(raw)
        rows = pl.scan_parquet(raw).select(pl.len()).collect().item()
    except pl.exceptions.PolarsError as error:
        raise entry.refuse("is a damaged Parquet file.") from error
    if rows * len(schema) > MOST_CELLS:
        raise entry.refuse(f"has more than {MOST_CELLS:,} cells: no published table does.")
    return tuple(name.strip() for name in schema)


def _numbered(table: pl.DataFrame) -> pl.DataFrame:
    return table.with_columns(pl.Series("line", range(2, table.height + 2), dtype=pl.Int64))
