"""Opening a CSV: its bytes, its hash, its text and its lines, or one sentence on why it cannot be used."""

import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from engage.crime.reading import BadFile

MARK = b"SYNTHETIC"
"""Stands in every made-up file, in its name and in its text, and in no published one."""
LARGEST = 1 << 30
_AGAIN = "Download it again from where it is published."


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvText:
    """A CSV file in memory: every cell as text, the first data row being line 2."""

    path: Path
    sha256: str
    header: tuple[str, ...]
    content: bytes
    synthetic: bool

    @property
    def name(self) -> str:
        """The file's name."""
        return self.path.name

    def refuse(self, problem: str, *, line: int | None = None, remedy: str = _AGAIN) -> BadFile:
        """The refusal of this file, naming the line."""
        where = str(self.path) if line is None else f"{self.path}, line {line}"
        return BadFile(problem, where=where, remedy=f"{remedy} Nothing of it was imported.")

    def table(self) -> pl.DataFrame:
        """All rows as text, with their `line`. Raises BadFile for a row of the wrong length."""
        if ragged := self._ragged():
            raise ragged
        try:
            table = pl.read_csv(io.BytesIO(self.content), infer_schema=False)
        except pl.exceptions.PolarsError as error:
            raise self.refuse("is not a table of comma-separated values.") from error
        if table.height != self.content.count(b"\n") - 1:
            raise self.refuse("has empty lines, or line breaks inside a cell.")
        return table.with_columns(pl.Series("line", range(2, table.height + 2), dtype=pl.Int64))

    def _ragged(self) -> BadFile | None:
        """The first line with more or fewer cells than the header, where cells hold no commas."""
        wanted = self.content.split(b"\n", 1)[0].count(b",")
        for number, line in enumerate(self.content.splitlines(), start=1):
            if b'"' not in line and line.count(b",") != wanted:
                return self.refuse(
                    f"has {line.count(b',') + 1} cells where the header names {wanted + 1}: it is cut short or damaged.",
                    line=number,
                )
        return None


def open_csv(path: Path) -> CsvText:
    """The file's text. Raises BadFile for one that is empty, too large, cut short or not UTF-8."""
    if path.stat().st_size > LARGEST:
        raise BadFile("is larger than 1 GB.", where=str(path), remedy="Import one month at a time.")
    raw = path.read_bytes()
    content = raw.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n")
    text = CsvText(
        path=path,
        sha256=hashlib.sha256(raw).hexdigest(),
        header=(),
        content=content,
        synthetic=path.name.startswith(MARK.decode()) or MARK in content,
    )
    _check_text(text)
    header = tuple(name.strip().strip('"') for name in content.split(b"\n", 1)[0].decode().split(","))
    if len(set(header)) != len(header):
        raise text.refuse("names a column twice.", line=1)
    return CsvText(path=path, sha256=text.sha256, header=header, content=content, synthetic=text.synthetic)


def _check_text(text: CsvText) -> None:
    if not text.content.strip():
        raise text.refuse("is empty.")
    try:
        text.content.decode()
    except UnicodeDecodeError as error:
        line = text.content.count(b"\n", 0, error.start) + 1
        raise text.refuse(
            "is not UTF-8 text.", line=line, remedy="Save it as UTF-8, or download it again."
        ) from error
    if not text.content.endswith(b"\n"):
        raise text.refuse("ends in the middle of a line.", line=text.content.count(b"\n") + 1)
    if b"\0" in text.content:
        raise text.refuse(
            "holds binary data.", line=text.content.count(b"\n", 0, text.content.index(b"\0")) + 1
        )


def repeated_header(table: pl.DataFrame, columns: Sequence[str]) -> pl.Expr:
    """Which rows only say the names of the columns again."""
    return pl.all_horizontal(pl.col(name) == name for name in columns if name in table.columns)
