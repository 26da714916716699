"""What a month just gone was likely to record: the forecast of it, and how the rest of London did that month.

A warm month lifts violence everywhere, and a borough that rose with all the others is not out of line. So
what the other boroughs recorded beyond their forecasts moves a borough's own, as far as it did in the past,
and never by more than London usually moves. Spread is learned from the past with its own unusual months
weighed down, or one bad month would hide the next (as Farrington and Noufaily do). Half of it comes from
the series and half from its topic.
"""

from collections.abc import Sequence

import numpy as np

from engage.crime.model import UNSEEN, Estimate, exposure, followed, ordinary, seasons, together
from engage.crime.series import Counts

RECENT = 48
"""How many months the spread is learned from."""
FARTHEST = 2.5
"""Beyond so many standard deviations a past month counts as if it were at them."""
_KEPT = 0.9776
"""The part of a normal variance that is left when it is cut off at `FARTHEST`."""
_FIRST_SPREAD = 0.02
_LEAST_MEAN = 0.05
_LEAST_SPREAD = 1e-4
_ROUNDS = 4


def nowcast(counts: Counts, months: Sequence[str], *, season_from: Counts | None = None) -> Estimate:
    """What the last of `months` was likely to record in each borough, given all of London in that month.

    `counts` has a row for each borough and a column for each month, the one in question last; its own
    figure does not move what is expected of it. `season_from` is as in `model.estimate`.
    """
    said = _said_before(counts, months, season_from)
    came = counts[:, 1:]
    past = (ordinary(months)[1:-1] & ~np.isnan(said[:, :-1] + came[:, :-1]).any(axis=0))[-RECENT:]
    others = _others(said, came)
    then, was, around = (each[:, :-1][:, -RECENT:][:, past] for each in (said, came, others))
    follows = _follows(then, was, around)
    usual = np.sqrt((around**2).mean()) if around.size else 0.0
    now = np.clip(others[:, -1:], -FARTHEST * usual, FARTHEST * usual)
    mean = np.maximum(said[:, -1:] * (1 + follows * now), _LEAST_MEAN)
    spread = _spread(np.maximum(then * (1 + follows * around), _LEAST_MEAN), was)
    return Estimate(months=(months[-1],), mean=mean, spread=spread[:, None])


def _said_before(counts: Counts, months: Sequence[str], season_from: Counts | None) -> Counts:
    """What was forecast for every month but the first from the one before it."""
    source = counts[:, :-1] if season_from is None else season_from[:, : len(months) - 1]
    lengths = exposure(months, seasons(source, months[:-1]))
    known = followed(counts[:, :-1], lengths[:, :-1])
    return np.asarray(np.maximum(known * lengths[:, 1:], _LEAST_MEAN))


def _others(said: Counts, came: Counts) -> Counts:
    """By what part all other boroughs together recorded more (or less) than was forecast, month by month."""
    due = np.nansum(said, axis=0) - said
    return np.asarray((np.nansum(came, axis=0) - came) / np.maximum(due, 1) - 1)


def _follows(said: Counts, came: Counts, others: Counts) -> float:
    """How far a borough goes along with the others, from 0 (not at all) to 1, over all boroughs."""
    moved = said * others
    weight = 1 / (said + _FIRST_SPREAD * said**2)
    along = (weight * (came - said) * moved).sum() / max((weight * moved**2).sum(), 1e-9)
    return float(min(max(along, 0.0), 1.0))


def _spread(said: Counts, came: Counts) -> Counts:
    """How much each series varies beyond Poisson, half its own and half its topic's.

    Found by weighing each month by how much it can tell, with months far out cut off.
    """
    months = said.shape[1]
    if months == 0:
        return np.full(len(said), _FIRST_SPREAD)
    squares = UNSEEN * (came - said) ** 2
    spread = np.full(len(said), _FIRST_SPREAD)
    for _ in range(_ROUNDS):
        variance = said + spread[:, None] * said**2
        seen = np.minimum(squares, FARTHEST**2 * variance) / _KEPT
        weight = said**2 / variance**2
        own = (weight * (seen - said)).sum(axis=1) / (weight * said**2).sum(axis=1)
        topic = together(own, said.mean(axis=1))
        spread = np.maximum((own + topic) / 2, _LEAST_SPREAD)
    return spread
