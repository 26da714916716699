"""Where a series breaks: changes in how crime is recorded, after which counts may not go on as before."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engage.crime.model import season
from engage.crime.months import MONTHS_A_YEAR, days, in_words, later, number
from engage.crime.series import Counts

SETTLING = 3
"""Months after a change before anyone can tell whether counts go on as before."""
BROKEN_BY = 1.25
"""How many times London's level must move at a change to break a series.

From one quarter to the next, season aside, the larger categories move by 1.1 times once in a hundred, the
most restless by 1.3. In March 2024 none moved so far: shoplifting most, by 1.23."""
_Z = 1.96


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """A change in recording: the first month counted the new way, and what changed, in words."""

    month: str
    what: str

    def __post_init__(self) -> None:
        number(self.month)


BREAKS = (
    Break(month="2024-03", what="The Metropolitan Police changed its recording system on 28 February 2024"),
)
"""Known changes, oldest first."""


def broken(counts: Counts, months: Sequence[str]) -> tuple[str, str]:
    """Why a topic's series cannot be forecast at its end because of a change, and the first month to compare from.

    Both are empty where nothing is broken; the month alone is empty where what came since will not do by
    itself either, because counts have not settled. `counts` has all boroughs of the topic.
    """
    known = np.flatnonzero(~np.isnan(counts).all(axis=0))
    for change in reversed(BREAKS):
        if not known.size or not months[known[0]] < change.month <= months[-1]:
            continue
        if why := _apart(counts, months, change):
            return why, change.month if _settled(change) <= months[-1] else ""
    return "", ""


def between(counts: Counts, months: Sequence[str], before: str, now: str) -> str:
    """Why the count of one month is not set beside an earlier one; empty where it may be.

    `counts` has all boroughs of the topic over `months`, which may go on after `now`: what was known only
    later counts too.
    """
    crossed = (change for change in BREAKS if before < change.month <= now)
    return next((why for change in crossed if (why := _apart(counts, months, change))), "")


def _settled(change: Break) -> str:
    """The last of the months that tell whether counts go on after a change."""
    return later(change.month, SETTLING - 1)


def _apart(counts: Counts, months: Sequence[str], change: Break) -> str:
    """Why counts from before a change do not go with those after it; empty where they do.

    What cannot be told is never taken for unmoved: London's level has to be known in every month of the
    quarter before and of the quarter after, from boroughs known in all of them.
    """
    settled = _settled(change)
    if months[-1] < settled:
        return f"{change.what}; until figures for {in_words(settled)} it cannot be told whether counts go on."
    first = later(change.month, -SETTLING)
    start = number(first) - number(months[0])
    around = slice(start, start + 2 * SETTLING)
    told = ~np.isnan(counts[:, around]).any(axis=1)
    if start < 0 or not told.any():
        return (
            f"{change.what}; without figures for every month from {in_words(first)} to {in_words(settled)} "
            "it cannot be told whether counts go on."
        )
    if _moved(counts[told], months, around):
        return f"{change.what}, and counts did not go on as before."
    return ""


def _moved(counts: Counts, months: Sequence[str], around: slice) -> bool:
    """Whether London's level, season aside, moved by more than `BROKEN_BY` between the two quarters of `around`.

    And by more than chance: the logarithm of the ratio of two counts has a variance of the sum of one over each.
    Half a crime more in each quarter lets one without any be compared too.
    """
    total = np.where(np.isnan(counts).all(axis=0), np.nan, np.nansum(counts, axis=0))
    factors = season(total, months)
    due = np.array([days(each) * factors[number(each) % MONTHS_A_YEAR] for each in months])
    before, after = total[around].reshape(2, SETTLING).sum(axis=1) + 0.5
    lengths = due[around].reshape(2, SETTLING).sum(axis=1)
    moved = abs(np.log(after / lengths[1]) - np.log(before / lengths[0]))
    return bool(moved > max(np.log(BROKEN_BY), _Z * np.sqrt(1 / before + 1 / after)))
