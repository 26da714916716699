"""The Met's monthly counts as the London Datastore publishes them: a column for each month.

Headers and categories changed over the years; every generation is read into today's names. Files by
borough become figures. Files by ward and by LSOA are kept apart, as areas: they leave out what could not
be placed, so they never sum to a borough, and no figure is made of them.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import polars as pl

from engage.crime.categories import is_known
from engage.crime.months import last_day, later, number
from engage.crime.reading import Reading
from engage.crime.records import AreaRow, CountRow, Dataset, ImportedFile
from engage.crime.sources.text import MARK, Text, repeated_header
from engage.crime.topics import newer_name
from engage.posts.places import BOROUGHS, CITY

PUBLISHER = "Metropolitan Police Service, London Datastore"
MAJOR = ("majortext", "majorcategory")
MINOR = ("minortext", "minorcategory")
BOROUGH = ("boroughname", "lookupboroughname", "borough", "boroughcode", "gsscode", "boroughgss")
ELSEWHERE = ("Unknown", "London Heathrow and London City Airports", "Aviation Security (SO18)", CITY.name)
"""Told apart from boroughs: kept, never counted in one."""

_MONTH = re.compile(r"(20\d\d)(0[1-9]|1[0-2])")
_MONTH_LIKE = re.compile(
    r"(\d{1,2}[\W_])?(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*[\W_]*\d{2,4}|20\d\d[\W_]?m?\d{1,2}([\W_]\d{1,2})?|\d{1,2}[\W_](\d{1,2}[\W_])?20\d\d",
    re.IGNORECASE,
)
_TOTAL = re.compile(r"ALL\b.*|.*\bTOTALS?\b.*")
_DIGITS = re.compile(r"\d{6}")
_NAMES: Mapping[str, str] = {
    key.casefold(): name
    for name, keys in [(each.name, (each.name, each.code)) for each in (*BOROUGHS, CITY)]
    + [(name, (name,)) for name in ELSEWHERE]
    for key in (*keys, keys[0].replace(" and ", " & "))
}
OFTEN = 20
"""A borough that counts so many in a file counts the category often."""
_JUDGED, _MOST = 1 / 4, 3 / 4
"""The part of all boroughs, and of those that have a category, that must count it often before a row can be missed."""
_BOROUGHS = frozenset(each.name for each in BOROUGHS)
NOT_A_BOROUGH = "not a London borough"
REPEATED = "the header again"
NO_CATEGORY = "no category"


@dataclass(frozen=True, slots=True)
class Level:
    """A size of area: its dataset, and the columns that hold its code and its name (none for a borough)."""

    dataset: Dataset
    code: tuple[str, ...] = ()
    name: tuple[str, ...] = ()


LEVELS = (
    Level(Dataset.MPS_LSOA, ("lsoacode", "lsoa"), ("lsoaname",)),
    Level(Dataset.MPS_WARD, ("wardcode", "lookupwardcode"), ("wardname", "lookupwardname", "ward")),
    Level(Dataset.MPS_BOROUGH),
)
"""The smallest first: a file by LSOA names wards and boroughs too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Columns:
    """Where a file has what it counts: names of its own columns."""

    level: Level
    major: str
    minor: str
    borough: str
    code: str | None
    name: str | None
    months: Mapping[str, str]
    """Months ("2025-11"), oldest first, to their columns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judged:
    """The rows of a file with the borough of each, and what was left out."""

    table: pl.DataFrame
    rejected: Mapping[str, int]
    examples: Mapping[str, str]


def recognises(header: Sequence[str]) -> bool:
    """Whether a header has areas and months, with or without categories."""
    known = {_plain(name) for name in header}
    areas = {name for level in LEVELS for name in (*level.code, *level.name)} | {*BOROUGH}
    return any(_MONTH.fullmatch(name) for name in header) and bool(areas & known)


def read(text: Text, *, today: date) -> Reading:
    """The counts of a file, whatever its level. Raises BadFile."""
    columns = _columns(text, today)
    table = text.table()
    judged = _judged(columns, table)
    if not judged.table.height:
        raise text.refuse("has no row of a London borough.")
    _refuse_totals(text, columns, judged.table)
    counts = _counts(text, judged.table, list(columns.months.values()))
    if columns.level.dataset is Dataset.MPS_BOROUGH:
        return _boroughs(text, columns, judged, counts)
    return _areas(text, columns, judged, counts)


def _plain(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum())


def _columns(text: Text, today: date) -> _Columns:
    plain = {_plain(name): name for name in text.header}

    def column(names: Sequence[str]) -> str | None:
        return next((plain[name] for name in names if name in plain), None)

    major, minor, borough = column(MAJOR), column(MINOR), column(BOROUGH)
    if major is None or minor is None:
        raise text.refuse(
            "has no category columns (MajorText and MinorText), so its counts cannot be told apart.", line=1
        )
    level = next(each for each in LEVELS if not each.code or column((*each.code, *each.name)))
    code = column(level.code)
    if borough is None:
        raise text.refuse("does not say which borough a row is about.", line=1)
    if level.code and code is None:
        raise text.refuse(
            "names wards or smaller areas without their codes.",
            line=1,
            remedy="Names repeat: codes are needed.",
        )
    return _Columns(
        level=level,
        major=major,
        minor=minor,
        borough=borough,
        code=code,
        name=column(level.name),
        months=_months(text, today),
    )


def _months(text: Text, today: date) -> Mapping[str, str]:
    found = [_MONTH.fullmatch(name) for name in text.header]
    months = {f"{each[1]}-{each[2]}": each[0] for each in found if each}
    if strange := [name for name in text.header if _DIGITS.fullmatch(name) and name not in months.values()]:
        raise text.refuse(f"has a column {strange[0]}, which is no month.", line=1)
    for before, after in pairwise(months):
        if after < before:
            raise text.refuse(f"has {after} after {before}: its months are out of order.", line=1)
    for before, after in pairwise(months):
        if number(after) != number(before) + 1:
            raise text.refuse(f"goes from {before} to {after}: {later(before, 1)} is missing.", line=1)
    others = text.header[text.header.index(next(iter(months.values()))) :]
    if lost := [
        name
        for name in text.header
        if name not in months.values() and (name in others or _MONTH_LIKE.fullmatch(name))
    ]:
        raise text.refuse(f"has a column “{lost[0]}”, which is not named as months are (202511).", line=1)
    newest = list(months)[-1]
    if newest >= f"{today:%Y-%m}":
        raise text.refuse(f"has figures for {newest}, which is not over.", line=1)
    return months


def _judged(columns: _Columns, table: pl.DataFrame) -> _Judged:
    """What is counted and what is left out, line by line."""
    again = repeated_header(table, (columns.major, columns.minor, columns.borough))
    said = pl.col(columns.borough).fill_null("").str.strip_chars()
    judged = table.with_columns(
        said.str.to_lowercase().replace_strict(_NAMES, default=None).alias("place"), again.alias("again")
    )
    blank = pl.any_horizontal(
        pl.col(name).str.strip_chars().fill_null("") == "" for name in (columns.major, columns.minor)
    )
    judged = judged.with_columns(
        pl.when("again")
        .then(pl.lit(REPEATED))
        .when(pl.col("place").is_null())
        .then(pl.lit(NOT_A_BOROUGH))
        .when(blank)
        .then(pl.lit(NO_CATEGORY))
        .alias("why")
    )
    left_out = {reason: judged.filter(why=reason) for reason in (REPEATED, NOT_A_BOROUGH, NO_CATEGORY)}
    return _Judged(
        table=judged.filter(pl.col("why").is_null()),
        rejected={reason: rows.height for reason, rows in left_out.items() if rows.height},
        examples={
            reason: f"line {rows['line'][0]}"
            + ("" if reason == REPEATED else f": {rows[columns.borough][0] or ''}")
            for reason, rows in left_out.items()
            if rows.height
        },
    )


def _boroughs(text: Text, columns: _Columns, judged: _Judged, counts: pl.DataFrame) -> Reading:
    table = judged.table
    _refuse_doubles(text, columns, table, pl.col("place"))
    rows = tuple(
        CountRow(line=line, borough=place, major=newer_name(major), minor=newer_name(minor), counts=values)
        for line, place, major, minor, values in zip(
            table["line"],
            table["place"],
            table[columns.major],
            table[columns.minor],
            counts.iter_rows(),
            strict=True,
        )
    )
    _refuse_lost(text, rows)
    missing = _missing(table)
    return Reading(
        file=_file(text, columns, judged, whole=not missing),
        rows=rows,
        examples=judged.examples,
        warnings=_warnings(missing, rows),
    )


def _areas(text: Text, columns: _Columns, judged: _Judged, counts: pl.DataFrame) -> Reading:
    table, code = judged.table, columns.code or ""
    _refuse_doubles(text, columns, table, pl.col(code))
    _refuse_nameless(text, table, (code, columns.name or code))
    names = table[columns.name or code]
    major, minor = (_newest(table[name]) for name in (columns.major, columns.minor))
    areas = tuple(
        AreaRow(
            line=line,
            code=area,
            name=name,
            borough=place,
            major=major(large),
            minor=minor(small),
            counts=values,
        )
        for line, area, name, place, large, small, values in zip(
            table["line"],
            table[code],
            names,
            table["place"],
            table[columns.major],
            table[columns.minor],
            counts.iter_rows(),
            strict=True,
        )
    )
    missing = _missing(table)
    shared = _shared(table, code, columns.name)
    repeat = [f"Names repeat, {shared[0]} for one: areas are told apart by code."] if shared else []
    return Reading(
        file=_file(text, columns, judged, whole=not missing),
        areas=areas,
        examples=judged.examples,
        warnings=(*_warnings(missing, areas), *repeat),
    )


def _warnings(missing: Sequence[str], rows: Sequence[CountRow | AreaRow]) -> tuple[str, ...]:
    """What a person should know of boroughs without a row, and of categories that no published file had."""
    pairs = {(row.major, row.minor) for row in rows if row.major != MARK.decode()}
    strange = sorted(f"{major}, {minor}" for major, minor in pairs if not is_known(major, minor))
    absent = [f"No rows for {len(missing)} of 32 boroughs, {missing[0]} for one."] if missing else []
    new = f"Not known: {'; '.join(strange)}. No post can be about such a category until somebody maps it."
    return (*absent, *([new] if strange else []))


def _refuse_totals(text: Text, columns: _Columns, table: pl.DataFrame) -> None:
    """Refuse a row that sums others up: counted beside them, it would double them."""
    for name in (columns.major, columns.minor):
        totals = [said for said in table[name].unique() if _TOTAL.fullmatch(newer_name(said))]
        summed = table.filter(pl.col(name).is_in(totals))
        if summed.height:
            raise text.refuse(
                f"has a row for {summed[name][0]}, which sums up others.", line=summed["line"][0]
            )


def _refuse_nameless(text: Text, table: pl.DataFrame, columns: Sequence[str]) -> None:
    """Refuse a count of an area without a code or a name: it is nobody's."""
    for name in columns:
        empty = table.filter(pl.col(name).fill_null("").str.strip_chars() == "")
        if empty.height:
            raise text.refuse(
                f"has nothing in column {name}, where an area should be.", line=empty["line"][0]
            )


def _newest(column: pl.Series) -> Callable[[str | None], str]:
    """Today's name of each category of a column, looked up once for each."""
    names = {said: newer_name(said or "") for said in column.unique()}
    return names.__getitem__


def _shared(table: pl.DataFrame, code: str, name: str | None) -> list[str]:
    """Names that more than one area has."""
    if name is None:
        return []
    areas = table.select(code, name).unique()
    return sorted(areas.group_by(name).len().filter(pl.col("len") > 1)[name].drop_nulls())


def _missing(table: pl.DataFrame) -> list[str]:
    present = set(table["place"])
    return [each.name for each in BOROUGHS if each.name not in present]


def _file(text: Text, columns: _Columns, judged: _Judged, *, whole: bool) -> ImportedFile:
    months = tuple(columns.months)
    return ImportedFile(
        sha256=text.sha256,
        file_name=text.name,
        dataset=columns.level.dataset,
        publisher=PUBLISHER,
        as_of=last_day(months[-1]),
        months=months,
        rows_read=judged.table.height + sum(judged.rejected.values()),
        rows_kept=judged.table.height,
        rejected=judged.rejected,
        whole=whole,
        synthetic=text.synthetic,
    )


def _counts(text: Text, table: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    """The counts as whole numbers. Raises BadFile at the first cell that is none."""
    cells = table.select(pl.col(names).str.strip_chars())
    counts = cells.select(pl.all().cast(pl.Int64, strict=False))
    bad = counts.select(
        pl.any_horizontal((pl.all().is_null()) | (pl.all() < 0) | (pl.all() >= 1 << 31))
    ).to_series()
    if bad.any():
        at = bad.arg_true()[0]
        name = next(each for each in names if (v := counts[each][at]) is None or not 0 <= v < 1 << 31)
        raise text.refuse(
            f"has “{cells[name][at] or ''}” in column {name}, where a whole count should be.",
            line=table["line"][at],
        )
    return counts


def _refuse_lost(text: Text, rows: Sequence[CountRow]) -> None:
    """Refuse a file that has no row for a category of a borough where most others record it often.

    The row was lost, or the file was cut off at the end of a line: taken for nought, it would make the borough look
    safe. Published files lack only what is rare: of the boroughs that have it, two in five record it often at most.
    """
    totals: defaultdict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    for row in rows:
        if row.borough in _BOROUGHS:
            totals[row.major, row.minor][row.borough] = sum(row.counts)
    boroughs = {borough for total in totals.values() for borough in total}
    for (_, minor), total in sorted(totals.items()):
        often = sum(count >= OFTEN for count in total.values())
        if often >= _JUDGED * len(BOROUGHS) and often >= _MOST * len(total) and boroughs > total.keys():
            lost = min(boroughs - total.keys())
            raise text.refuse(
                f"has no row for {minor.lower()} in {lost}, though {often} boroughs recorded it often: rows are missing."
            )


def _refuse_doubles(text: Text, columns: _Columns, table: pl.DataFrame, area: pl.Expr) -> None:
    """Refuse a category that is counted twice in one area, under today's names."""
    keys = table.select(
        "line",
        area.alias("area"),
        *(
            pl.col(name).replace_strict({said: newer_name(said) for said in table[name].unique()}).alias(kind)
            for kind, name in (("major", columns.major), ("minor", columns.minor))
        ),
    )
    again = keys.filter(~pl.struct("area", "major", "minor").is_first_distinct())
    if again.height:
        line, place, major, minor = again.row(0)
        first = keys.filter(area=place, major=major, minor=minor)["line"][0]
        raise text.refuse(f"counts {minor.lower()} in {place} twice, on lines {first} and {line}.", line=line)
