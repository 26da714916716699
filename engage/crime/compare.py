"""Fair comparison of two counts: the same month a year apart, and no change claimed that chance explains."""

import math
from dataclasses import dataclass

SAME = "about the same"
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


def compare(now: int, before: int) -> Change:
    """The change from `before` to `now` in words that read after "that is"."""
    if not is_clear(now, before):
        return Change(clear=False, percent=None, words=SAME)
    way = "higher" if now > before else "lower"
    if min(now, before) < LEAST_FOR_SHARE:
        return Change(clear=True, percent=None, words=way)
    percent = round(abs(now - before) / before * 100)
    return Change(clear=True, percent=percent, words=f"{percent}% {way}")
