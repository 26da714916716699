"""The street files of data.police.uk: one line a crime, counted here by borough and crime type.

The borough is in the LSOA name, or follows from the LSOA code. Crime IDs are empty for whole years and
repeat within a month: a repeated ID is dropped, an empty one never is. Places are snapped points and are
not kept. A file is read in blocks, so its size never matters.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise

import polars as pl

from engage.crime.geography import borough_of_lsoa
from engage.crime.months import last_day, later, number
from engage.crime.reading import BadFile, OtherForce, Reading
from engage.crime.records import CountRow, Dataset, ImportedFile
from engage.crime.sources.archive import named
from engage.crime.sources.entry import Entry, Opened, count
from engage.crime.sources.text import Letters, check_text, letters, made_up, ragged, unified
from engage.crime.topics import STREET_TYPES
from engage.posts.places import BOROUGHS, CITY

HEADER = (
    "Crime ID",
    "Month",
    "Reported by",
    "Falls within",
    "Longitude",
    "Latitude",
    "Location",
    "LSOA code",
    "LSOA name",
    "Crime type",
    "Last outcome category",
    "Context",
)
PUBLISHER = "data.police.uk"
FORCE = "Metropolitan Police Service"
NOWHERE = "Unknown"
"""Where crimes without a place are counted: in the force, in no borough."""

REPEATED = "the header again"
SAME_CRIME = "a Crime ID that came before"
OUTSIDE = "outside London"
OTHER_FORCE = "another force"
NO_SUCH_TYPE = "an unknown crime type"
_LONDON = frozenset(each.name for each in (*BOROUGHS, CITY)) | {NOWHERE}
_CODE_LETTERS = 5
"""An LSOA name is a place and " 001A"."""

_PLACE = pl.col("LSOA name").str.head(-_CODE_LETTERS)
_NOWHERE = _PLACE.fill_null("") == ""
_WHERE = pl.when(_NOWHERE).then(pl.col("LSOA code").hash()).otherwise(_PLACE.hash(1))
_READ = (
    pl.when(pl.col("Crime ID").is_not_null()).then(pl.col("Crime ID").hash()).alias("Crime ID"),
    "Month",
    "Falls within",
    pl.when(_NOWHERE).then("LSOA code"),
    "LSOA name",
    "Crime type",
    (pl.col("Month").hash(2) + pl.col("Falls within").hash(3) + _WHERE + pl.col("Crime type").hash(4)).alias(
        "alike"
    ),
)
"""What is read of a line. Lines are `alike` that fare the same, but for a repeated Crime ID.

IDs and lines are compared by hashes of 64 bits: that two of a month's hundred thousand share one by chance happens
once in some billion months.
"""

Cell = tuple[str, str, str]
"""Borough, crime type and month."""


@dataclass(slots=True)
class _Tally:
    """What was counted of a file so far; `first` has the first line of each cell, `examples` one for each reason."""

    entry: Entry
    header: Sequence[str]
    rows: int = 0
    counts: Counter[Cell] = field(default_factory=Counter)
    first: dict[Cell, int] = field(default_factory=dict)
    rejected: Counter[str] = field(default_factory=Counter)
    examples: dict[str, tuple[int, str]] = field(default_factory=dict)
    forces: Counter[str] = field(default_factory=Counter)
    seen: list[pl.Series] = field(default_factory=list)
    synthetic: bool = False

    def keep(self, cell: Cell, many: int, line: int) -> None:
        self.counts[cell] += many
        self.first[cell] = min(line, self.first.get(cell, line))

    def line_of(self, month: str) -> int:
        return min(line for (_, _, of), line in self.first.items() if of == month)

    def reject(self, reason: str, many: int, line: int, said: str) -> None:
        self.rejected[reason] += many
        self.examples[reason] = min((line, said), self.examples.get(reason, (line, said)))


def recognises(header: Sequence[str]) -> bool:
    """Whether a header is that of a street file; the last column may be missing."""
    return tuple(header) in {HEADER, HEADER[:-1]}


def read(opened: Opened, header: Sequence[str], *, today: date) -> Reading:
    """The counts of a street file. Raises BadFile, and OtherForce for one without a crime of the Met's."""
    entry = opened.entry
    tally = _Tally(entry, header)
    line = 1
    for raw in opened.blocks():
        content, has = raw, letters(raw)
        if line == 1 or has.returns:
            content = unified(raw)
            has = has if content is raw else letters(content)
        check_text(entry, content, has, line)
        tally.synthetic = tally.synthetic or made_up(entry, content)
        line += _count(tally, content, has, line)
    if not tally.counts:
        if tally.forces:
            raise OtherForce(f"holds crimes of {', '.join(sorted(tally.forces))} alone.", where=entry.where)
        raise entry.refuse(
            f"has no crime of the Metropolitan Police{_left_out(tally)}.",
            remedy="Import the Met's own street file.",
        )
    return _reading(opened, tally, _months(tally, today))


def _count(tally: _Tally, content: bytes, has: Letters, line: int) -> int:
    """Add a block's lines to the tally; how many lines it has."""
    entry, header = tally.entry, tally.header
    first = line == 1
    try:
        scanned = pl.scan_csv(content, has_header=first, infer_schema=False, new_columns=list(header))
        table = scanned.select(*_READ).collect(engine="streaming")
    except pl.exceptions.PolarsError as error:
        raise (ragged(entry, content, line, len(header)) or _no_table(entry, line)) from error
    lines = table.height + first
    whole = has.commas == lines * (len(header) - 1) and not has.quotes
    if not whole and (bad := ragged(entry, content, line, len(header))):
        raise bad
    if not whole and lines != count(content, b"\n"):
        raise entry.refuse("has empty lines, or line breaks inside a cell.", line=line)
    tally.rows += table.height
    if table.height:
        _judge(tally, _grouped(tally, table, line + first))
    return lines


def _no_table(entry: Entry, line: int) -> BadFile:
    return entry.refuse("is not a table of comma-separated values.", line=line)


def _grouped(tally: _Tally, table: pl.DataFrame, line: int) -> pl.DataFrame:
    """The first line of each sort of lines, with how many there are."""
    again = _again(tally, table["Crime ID"])
    alike = table["alike"] + again
    lines = table.with_row_index("line", line).with_columns(again.alias("again"))
    return lines.filter(alike.is_first_distinct()).with_columns(alike.unique_counts().alias("many"))


def _again(tally: _Tally, ids: pl.Series) -> pl.Series:
    """Which lines have a Crime ID that came before in the file."""
    again = ids.is_not_null() & ~ids.is_first_distinct()
    for earlier in tally.seen:
        again = again | (ids.is_not_null() & ids.is_in(earlier.implode()))
    tally.seen.append(ids.drop_nulls())
    return again


def _judge(tally: _Tally, groups: pl.DataFrame) -> None:
    columns = ("again", "Month", "Falls within", "LSOA code", "LSOA name", "Crime type", "many", "line")
    for again, month, force, code, name, kind, many, line in groups.select(columns).iter_rows():
        place = (name or "")[:-_CODE_LETTERS]
        borough = (place.strip() if place else borough_of_lsoa(code or "")) or NOWHERE
        said = name or force or ""
        if month == "Month":
            tally.reject(REPEATED, many, line, force)
        elif force != FORCE:
            tally.forces[force or "no force"] += many
            tally.reject(OTHER_FORCE, many, line, said)
        elif again:
            tally.reject(SAME_CRIME, many, line, said)
        elif borough not in _LONDON:
            tally.reject(OUTSIDE, many, line, said)
        elif kind not in STREET_TYPES:
            tally.reject(NO_SUCH_TYPE, many, line, kind or "")
        else:
            if not _is_month(month or ""):
                raise tally.entry.refuse(f"has “{month or ''}” where a month should be.", line=line)
            tally.keep((borough, kind, month), many, line)


def _is_month(month: str) -> bool:
    year, _, part = month.partition("-")
    return len(month) == len("2024-01") and year.isdecimal() and year >= "2000" and "01" <= part <= "12"


def _months(tally: _Tally, today: date) -> tuple[str, ...]:
    entry = tally.entry
    months = tuple(sorted({month for _, _, month in tally.counts}))
    if months[-1] >= f"{today:%Y-%m}":
        raise entry.refuse(f"has crimes of {months[-1]}, which is not over.", line=tally.line_of(months[-1]))
    said = named(entry.name).month
    if said and (other := next((each for each in months if each != said), "")):
        raise entry.refuse(f"is named for {said} but has crimes of {other}.", line=tally.line_of(other))
    for before, after in pairwise(months):
        if number(after) != number(before) + 1:
            raise entry.refuse(
                f"goes from {before} to {after}: {later(before, 1)} is missing.", line=tally.line_of(after)
            )
    return months


def _left_out(tally: _Tally) -> str:
    """Why nothing was kept, where lines were read at all."""
    said = _examples(tally.examples)
    return "".join(f": {many:,} times {reason} ({said[reason]})" for reason, many in tally.rejected.items())


def _reading(opened: Opened, tally: _Tally, months: tuple[str, ...]) -> Reading:
    entry = opened.entry
    rows = _rows(tally, months)
    present = {(borough, month) for borough, _, month in tally.counts}
    missing = [each.name for each in BOROUGHS if any((each.name, month) not in present for month in months)]
    _refuse_cut(tally, {row.borough for row in rows})
    return Reading(
        file=ImportedFile(
            sha256=opened.sha256,
            file_name=entry.name,
            dataset=Dataset.STREET,
            publisher=PUBLISHER,
            as_of=entry.vintage or last_day(months[-1]),
            months=months,
            rows_read=tally.rows,
            rows_kept=tally.counts.total(),
            rejected=dict(sorted(tally.rejected.items())),
            whole=not missing,
            synthetic=tally.synthetic,
        ),
        rows=rows,
        examples=_examples(tally.examples),
        warnings=(f"No crimes in {len(missing)} of 32 boroughs, {missing[0]} for one.",) if missing else (),
    )


def _refuse_cut(tally: _Tally, present: AbstractSet[str]) -> None:
    """Refuse a file that goes through some boroughs and then stops: published ones are in order of their LSOAs' names.

    One borough alone may be somebody's extract.
    """
    names = [each.name for each in BOROUGHS]
    there = [name for name in names if name in present]
    if 1 < len(there) < len(names) and there == names[: len(there)]:
        raise tally.entry.refuse(
            f"ends in {there[-1]}, with no crime in {names[len(there)]} or any borough after it: it is cut short.",
            line=tally.rows + 1,
        )


def _rows(tally: _Tally, months: Sequence[str]) -> tuple[CountRow, ...]:
    cells: defaultdict[tuple[str, str], list[int]] = defaultdict(lambda: [0] * len(months))
    first: dict[tuple[str, str], int] = {}
    for (borough, kind, month), many in tally.counts.items():
        cells[borough, kind][months.index(month)] = many
        line = tally.first[borough, kind, month]
        first[borough, kind] = min(line, first.get((borough, kind), line))
    return tuple(
        CountRow(line=line, borough=borough, major=kind, minor="", counts=tuple(counts), rows=sum(counts))
        for line, (borough, kind) in sorted((line, key) for key, line in first.items())
        for counts in (cells[borough, kind],)
    )


def _examples(examples: Mapping[str, tuple[int, str]]) -> Mapping[str, str]:
    return {reason: f"line {line}: {said}" for reason, (line, said) in examples.items()}
