"""Fair comparison of two counts: the same month a year apart, day for day, and no change claimed that chance explains."""

import math
from dataclasses import dataclass
from fractions import Fraction

SAME = "about the same"
DAY_FOR_DAY = ", day for day"
LEAST_FOR_SHARE = 20
"""Below this, in either count, no percentage is given."""
_FEW = 50
_Z = 1.96
_P = 0.05


@dataclass(frozen=True, slots=True)
class Change:
    """What a comparison shows: clear or not, the percentage where one may be said, and the words."""

    clear: bool
    percent: int | None
    words: str


def is_clear(now: int, before: int) -> bool:
    """Whether two counts differ by more than chance.

    |now - before| > 1.96 * sqrt(now + before); where there are few, by the exact binomial test as well.
    """
    if abs(now - before) <= _Z * math.sqrt(now + before):
        return False
    return now + before >= _FEW or exact_p(now, before) < _P


def exact_p(now: int, before: int) -> float:
    """The exact two-sided binomial test that two counts of equal periods have one rate."""
    both, fewer = now + before, min(now, before)
    return float(min(1.0, 2 * sum(math.comb(both, each) for each in range(fewer + 1)) / 2**both))


def compare(now: int, before: int, *, longer: Fraction = Fraction(1)) -> Change:
    """The change from `before` to `now` in words that read after "that is".

    `longer` is the days of the month now over those of the month before: 29/28 for February of a leap year. A
    change has to be clear in the counts and in the counts a day, and goes by the days. A percentage is rounded to
    the nearest, halves to the even one, from exact fractions.
    """
    expected = before * longer
    clear_by_day = abs(now - expected) > _Z * math.sqrt(now + before * longer**2)
    if not (is_clear(now, before) and clear_by_day):
        return Change(clear=False, percent=None, words=SAME)
    way = ("higher" if now > expected else "lower") + (DAY_FOR_DAY if longer != 1 else "")
    if min(now, before) < LEAST_FOR_SHARE:
        return Change(clear=True, percent=None, words=way)
    percent = round(abs(now - expected) / expected * 100)
    return Change(clear=True, percent=percent, words=f"{percent}% {way}")
