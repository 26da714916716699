"""Rows that a file has lost: what the months next to it have, and a file cut off at the end of a line has not.

Nothing in such a file is wrong by itself, so it is held against the nearest whole one that was imported. Crime does
not vanish from a borough, or a category from London, from one month to the next; files do lose their ends.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from engage.crime.categories import is_known
from engage.crime.months import number
from engage.crime.records import CountRow, Dataset, ImportedFile
from engage.crime.series import NAMES

Rows = Sequence[CountRow]
LEAST = 20
"""So many in the months nearest to a file do not become none by chance."""
MANY = 100
FELL_BY = 5
"""A file cut off in its last borough has few crimes there: from `MANY`, to a fifth. None fell so far in the spring of 2020."""
NEWEST = 3
"""How many months of a borough file must still count a category for the next file to have it."""


def lost(
    known: Iterable[ImportedFile], rows_of: Callable[[str], Rows], file: ImportedFile, rows: Rows
) -> str:
    """What a file has lost beside the nearest whole one, in words; empty where nothing is."""
    if not file.dataset.counts_crime:
        return ""
    whole = [
        each
        for each in known
        if (each.dataset, each.synthetic, each.whole) == (file.dataset, file.synthetic, True)
    ]
    if file.dataset is Dataset.STREET:
        near = min(whole, key=lambda each: _apart(each, file), default=None)
        return _crimes(near, rows_of(near.sha256), file, rows) if near else ""
    before = [each for each in whole if each.as_of <= file.as_of and each.months[-1] <= file.months[-1]]
    near = max(before, key=lambda each: each.months[-1], default=None)
    return _categories(near, rows_of(near.sha256), rows) if near else ""


def _apart(one: ImportedFile, other: ImportedFile) -> int:
    """How many months lie between two files."""
    return max(
        number(other.months[0]) - number(one.months[-1]), number(one.months[0]) - number(other.months[-1]), 0
    )


def _crimes(near: ImportedFile, before: Rows, file: ImportedFile, rows: Rows) -> str:
    """Of the crime types that both street files have, so that a file of a single type is held to that one."""
    kinds = {row.major for row in before} & {row.major for row in rows}
    was, now = (_a_month(each, kinds, len(of.months)) for each, of in ((before, near), (rows, file)))
    for name in NAMES:
        cut = name == NAMES[-1] and was[name] >= MANY and now[name] * FELL_BY < was[name]
        if cut or (was[name] >= LEAST and not now[name]):
            return f"has {now[name]:,.0f} crimes in {name}, and {near.file_name} has {was[name]:,.0f}"
    return ""


def _a_month(rows: Rows, kinds: Iterable[str], months: int) -> Counter[str]:
    counts = Counter[str]()
    for row in rows:
        if row.major in kinds:
            counts[row.borough] += sum(row.counts)
    return Counter({name: round(count / months) for name, count in counts.items()})


def _categories(near: ImportedFile, before: Rows, rows: Rows) -> str:
    """A category that was still counted, unless its group was redrawn: then a name that is known takes its place.

    A group that is missing altogether has no figures from the file, and makes none wrong.
    """
    has = {(row.major, row.minor) for row in rows}
    redrawn = {
        major for major, minor in has - {(row.major, row.minor) for row in before} if is_known(major, minor)
    }
    cells = {(row.borough, row.major, row.minor) for row in rows}
    named = {row.borough for row in rows} & {*NAMES}
    held = {row.major for row in rows} - redrawn
    for row in before:
        recent = sum(row.counts[-NEWEST:])
        gone = (row.borough, row.major, row.minor) not in cells
        if gone and recent >= LEAST and row.borough in named and row.major in held:
            return (
                f"has no row for {row.minor.lower()} in {row.borough}, where {near.file_name} has {recent:,} in its "
                f"last {NEWEST} months"
            )
    return ""
