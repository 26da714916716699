"""Where a series breaks: changes in how crime is recorded, after which counts may not go on as before."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engage.crime.model import season
from engage.crime.months import days, in_words, later, number
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

    Both are empty where nothing is broken; the reason alone is empty where it is, but what came since will
    do by itself. `counts` has all boroughs of the topic.
    """
    for change in reversed(BREAKS):
        if not months[0] < change.month <= months[-1]:
            continue
        if months[-1] < later(change.month, SETTLING - 1):
            told = in_words(later(change.month, SETTLING - 1))
            return f"{change.what}; until figures for {told} it cannot be told whether counts go on.", ""
        if _moved(counts, months, change.month):
            return f"{change.what}, and counts did not go on as before.", change.month
    return "", ""


def between(counts: Counts, months: Sequence[str], before: str, now: str) -> str:
    """Why the count of one month is not set beside an earlier one; empty where it may be.

    `counts` has all boroughs of the topic over `months`, which may go on after `now`: what was known only
    later counts too.
    """
    for change in BREAKS:
        if not before < change.month <= now:
            continue
        settled = later(change.month, SETTLING - 1)
        if months[-1] < settled:
            return f"{change.what}; until figures for {in_words(settled)} it cannot be told whether counts go on."
        if _moved(counts, months, change.month):
            return f"{change.what}, and counts did not go on as before."
    return ""


def _moved(counts: Counts, months: Sequence[str], month: str) -> bool:
    """Whether London's level, season aside, moved by more than `BROKEN_BY` between the quarters around a month.

    And by more than chance: the logarithm of the ratio of two counts has a variance of the sum of one over each.
    """
    total = np.where(np.isnan(counts).all(axis=0), np.nan, np.nansum(counts, axis=0))
    factors = season(total, months)
    level = total / [days(each) * factors[number(each) % 12] for each in months]
    at = number(month) - number(months[0])
    before, after = level[max(0, at - SETTLING) : at], level[at : at + SETTLING]
    if np.isnan(before).any() or np.isnan(after).any() or before.mean() <= 0 or after.mean() <= 0:
        return False
    moved = abs(np.log(after.mean() / before.mean()))
    chance = _Z * np.sqrt(
        sum(1 / total[part].sum() for part in (slice(at - SETTLING, at), slice(at, at + SETTLING)))
    )
    return bool(moved > max(np.log(BROKEN_BY), chance))
