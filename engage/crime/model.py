"""The forecasting model: London's level, each borough's share of it, a season, and over-dispersed counts.

London's level of a topic is smoothed quickly, because many counts make it sharp; a borough's share of it
slowly, because one borough's counts are mostly noise. The season is London's, bent towards the borough's
own as far as its counts bear it out. Counts vary by more than Poisson allows: their spread is negative
binomial, half of it estimated from the series and half from its topic. March 2020 to June 2021 tells
nothing about season or spread and is left out of both. The constants were tried on 2016 to 2019 and on
the months they are measured on; what was chosen is best or close to it on both.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engage.crime.months import MONTHS_A_YEAR, days, later, number
from engage.crime.series import Counts

VERSION = "share-of-london-3"
LONDON_WEIGHT = 0.5
SHARE_WEIGHTS = ((0.08, 0.6), (0.25, 0.4))
"""How fast a borough's share is followed, slowly and quickly, and how much each view counts."""
PRIOR = 1500.0
"""The count at which a borough's own season weighs as much as London's."""
UNSEEN = 1.1
"""How much larger squared errors are on months the season was not taken from (measured: 80.9 % held without it, 82.8 with it)."""
UNSEEN_WHOLE = 1.5
"""The same for London's sum, which the season follows closely: with five years' weight in it, (1 + 1/5) / (1 - 1/5)."""
YEARLY = 0.8
"""How much less a year counts in the season than the one after it."""
RECENT = 36
PANDEMIC = ("2020-03", "2021-06")
_LARGEST_LOG = 500.0
LEVELS = {80: 0.8, 95: 0.95}
_LEAST_MEAN = 0.05
_LEAST_RATE = 1e-6
_LEAST_SPREAD = 1e-4

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Estimate:
    """Expected counts and their spread: a row for each series, a column for each month ahead.

    The variance of a count is mean + spread * mean squared.
    """

    months: tuple[str, ...]
    mean: Counts
    spread: Counts

    def interval(self, level: float) -> tuple[Counts, Counts]:
        """The central interval that holds a count with probability `level`, in whole counts."""
        tail = (1 - level) / 2
        return _quantile(tail, self.mean, self.spread), _quantile(1 - tail, self.mean, self.spread)

    def holds(self, counts: Counts, level: float) -> Flags:
        """Which counts lie in `interval(level)`, without looking for its ends; False where there is no count."""
        tail = (1 - level) / 2
        at_most, under = (_at_most(each, self.mean, self.spread) for each in (counts, counts - 1))
        return np.asarray((at_most >= tail) & (under < 1 - tail))

    def odds(self, counts: Counts, *, change: float) -> Counts:
        """How many times likelier a count is where the mean is `change` times as large than where it is not."""
        size = 1 / self.spread
        moved = size + self.mean * change
        logarithm = counts * np.log(change) - (counts + size) * np.log(moved / (size + self.mean))
        return np.asarray(np.exp(np.clip(logarithm, -_LARGEST_LOG, _LARGEST_LOG)))


def _at_most(counts: Counts, mean: Counts, spread: Counts) -> Counts:
    """How likely a negative binomial stays at or below a count; 0 below zero."""
    from scipy import special  # type: ignore[import-untyped]  # noqa: PLC0415 - slower to load than all of Engage

    size = 1 / spread
    chance = special.betainc(size, np.maximum(counts, 0) + 1, size / (size + mean))
    return np.asarray(np.where(counts < 0, 0, chance))


def _quantile(level: float, mean: Counts, spread: Counts) -> Counts:
    """The smallest count that a negative binomial stays at or below with probability `level`."""
    from scipy import special  # noqa: PLC0415 - as above

    size = 1 / spread
    about = np.maximum(np.ceil(special.nbdtrik(level, size, size / (size + mean))), 0)
    # The inverse is found by search and may be one too high or too low.
    about = np.where(_at_most(about - 1, mean, spread) >= level, about - 1, about)
    return np.asarray(np.where(_at_most(about, mean, spread) < level, about + 1, about))


def ordinary(months: Sequence[str]) -> Flags:
    """Which months were lived as usual."""
    return np.array([not PANDEMIC[0] <= month <= PANDEMIC[1] for month in months])


def season(total: Counts, months: Sequence[str]) -> Counts:
    """Twelve factors, January first, of London's day rate against the year around it; their mean is 1.

    `total` has one count a month. Each factor is the mean over ordinary years, recent ones more.
    """
    rate = total / np.array([days(month) for month in months])
    usual = ordinary(months) & ~np.isnan(rate)
    base = _around(np.where(usual, rate, np.nan))
    calendar = np.array([number(month) % MONTHS_A_YEAR for month in months])
    age = (len(months) - 1 - np.arange(len(months))) / MONTHS_A_YEAR
    known = usual & ~np.isnan(base) & (base > 0)
    ratio = np.where(known, rate / np.where(known, base, 1), 0)
    weight = np.where(known, YEARLY**age, 0)
    top = np.bincount(calendar, weights=ratio * weight, minlength=MONTHS_A_YEAR)
    under = np.bincount(calendar, weights=weight, minlength=MONTHS_A_YEAR)
    factors = np.where(under > 0, top / np.where(under > 0, under, 1), 1.0)
    return np.asarray(np.maximum(factors / factors.mean(), 0.2))


def _around(rate: Counts) -> Counts:
    """The mean of the thirteen months around each month, the outermost two at half weight."""
    weights = np.array([0.5] + [1.0] * 11 + [0.5])
    padded = np.pad(rate, [*[(0, 0)] * (rate.ndim - 1), (6, 6)], constant_values=np.nan)
    windows = np.lib.stride_tricks.sliding_window_view(padded, 13, axis=-1)
    present = ~np.isnan(windows)
    enough = present.sum(axis=-1) >= MONTHS_A_YEAR
    sums = np.where(present, windows, 0) @ weights
    return np.where(enough, sums / np.maximum(present @ weights, 1), np.nan)


@dataclass(frozen=True, eq=False, slots=True)
class _Fit:
    """A topic's series and, for each month and those ahead, their exposure and the rate known after it."""

    counts: Counts
    months: tuple[str, ...]
    ahead: tuple[str, ...]
    lengths: Counts
    rates: Counts

    @property
    def mean(self) -> Counts:
        return np.asarray(np.maximum(self.rates[:, -1:] * self.lengths[:, len(self.months) :], _LEAST_MEAN))

    def said(self, step: int) -> Counts:
        """What was forecast `step` months before for each month but the first `step`."""
        made = self.rates[:, :-step] * self.lengths[:, step : len(self.months)]
        return np.asarray(np.maximum(made, _LEAST_MEAN))


def _fit(counts: Counts, months: Sequence[str], horizon: int, season_from: Counts | None) -> _Fit:
    ahead = tuple(later(months[-1], step) for step in range(1, horizon + 1))
    lengths = exposure([*months, *ahead], seasons(counts if season_from is None else season_from, months))
    rates = followed(counts, lengths[:, : len(months)])
    return _Fit(counts, tuple(months), ahead, lengths, rates)


def estimate(
    counts: Counts, months: Sequence[str], *, horizon: int, season_from: Counts | None = None
) -> Estimate:
    """Forecast every series of one topic `horizon` months past the last of `months`.

    `season_from` gives the counts the season is taken from, when the topic itself is too young.
    """
    made = _fit(counts, months, horizon, season_from)
    spread = np.column_stack(
        [_spread(*_seen(counts, made.said(step), months, step)) for step in range(1, horizon + 1)]
    )
    return Estimate(months=made.ahead, mean=made.mean, spread=spread)


def whole(
    counts: Counts, months: Sequence[str], *, horizon: int, season_from: Counts | None = None
) -> Estimate:
    """Forecast all series of one topic together: their sum, with a spread of its own (one row)."""
    made = _fit(counts, months, horizon, season_from)
    spread = [
        _spread_whole(*_seen(_total(counts)[None, :], _total(made.said(step))[None, :], months, step))
        for step in range(1, horizon + 1)
    ]
    return Estimate(
        months=made.ahead, mean=made.mean.sum(axis=0, keepdims=True), spread=np.array(spread)[None, :]
    )


def _total(counts: Counts) -> Counts:
    missing = np.isnan(counts).all(axis=0)
    return np.where(missing, np.nan, np.nansum(counts, axis=0))


def seasons(counts: Counts, months: Sequence[str]) -> Counts:
    """Twelve factors for each series: London's, bent towards its own by how much it counts.

    A series' own bend is what it counted in ordinary Januaries (and so on) over what its share of London
    around them gave; `PRIOR` expected counts stand for no bend.
    """
    pooled = season(_total(counts), months)
    calendar = np.array([number(month) % MONTHS_A_YEAR for month in months])
    share = counts / np.maximum(np.nansum(counts, axis=0), 1)
    around = _around(share)
    usable = ordinary(months) & ~np.isnan(around) & ~np.isnan(counts)
    age = (len(months) - 1 - np.arange(len(months))) / MONTHS_A_YEAR
    weight = np.where(usable, YEARLY**age, 0)
    due = np.where(usable, around, 0) * np.nansum(counts, axis=0) * weight
    came = np.where(usable, counts, 0) * weight
    each = np.eye(MONTHS_A_YEAR)[calendar]
    bend = (came @ each + PRIOR) / (due @ each + PRIOR)
    return np.asarray(pooled * bend)


def exposure(months: Sequence[str], factors: Counts) -> Counts:
    """How much of a series a month holds: its days, times the season of each series."""
    lengths = np.array([days(month) for month in months])
    calendar = [number(month) % MONTHS_A_YEAR for month in months]
    return np.asarray(lengths * factors[:, calendar])


def followed(counts: Counts, lengths: Counts) -> Counts:
    """Each series' rate as it was known after each month: London's smoothed level times its smoothed share."""
    london = np.nansum(counts, axis=0) / np.nanmean(lengths, axis=0)
    london = np.where(np.isnan(counts).all(axis=0), np.nan, london)
    shares = counts / lengths / np.maximum(london, _LEAST_RATE)
    share = sum(part * _smoothed(shares, weight) for weight, part in SHARE_WEIGHTS)
    return np.asarray(_smoothed(london[None, :], LONDON_WEIGHT) * share)


def _smoothed(values: Counts, weight: float) -> Counts:
    """The exponentially weighted mean up to each month; a month without a figure leaves it as it was."""
    known: Flags = np.asarray(~np.isnan(values).any(axis=0))
    first = int(known.argmax())
    if not known[first:].all():
        return _smoothed_over_gaps(values, weight)
    # All months at once: a sum of what each month weighs, grown by its age so that one sum serves them all.
    growth = (1 - weight) ** -np.arange(values.shape[1] - first, dtype=float)
    parts = weight * values[:, first:] * growth
    parts[:, 0] = values[:, first]
    smooth = np.full(values.shape, np.nan)
    smooth[:, first:] = np.cumsum(parts, axis=1) / growth
    return smooth


def _smoothed_over_gaps(values: Counts, weight: float) -> Counts:
    smooth = np.empty_like(values)
    level = np.full(len(values), np.nan)
    for month in range(values.shape[1]):
        value = values[:, month]
        step = np.where(np.isnan(level), value, level + weight * (value - level))
        level = np.where(np.isnan(value), level, step)
        smooth[:, month] = level
    return smooth


def _seen(counts: Counts, said: Counts, months: Sequence[str], step: int) -> tuple[Counts, Counts]:
    """What was forecast `step` months ahead and what came, over the last ordinary months; zero in others."""
    came = counts[:, step:]
    usable = (ordinary(months)[step:] & ~np.isnan(came) & ~np.isnan(said))[:, -RECENT:]
    return np.where(usable, said[:, -RECENT:], 0), np.where(usable, came[:, -RECENT:], 0)


def _spread(said: Counts, came: Counts) -> Counts:
    """The spread of each series, half its own and half its topic's."""
    months = np.maximum((said > 0).sum(axis=1), 1)
    excess = (UNSEEN * (came - said) ** 2 - said).sum(axis=1)
    own = excess / np.maximum((said**2).sum(axis=1), 1e-9)
    topic = together(own, np.maximum(said.sum(axis=1) / months, _LEAST_MEAN))
    return np.asarray(np.maximum((np.maximum(own, 0) + topic) / 2, _LEAST_SPREAD))


def together(own: Counts, means: Counts) -> float:
    """One spread for all series of a topic, each weighed by how sharply its counts can tell it.

    What one series says of it varies by (spread + 1 / mean) squared. A sum over all would be the largest
    borough's own spread.
    """
    common = max(float(own.mean()), _LEAST_SPREAD)
    for _ in range(2):
        weight = (common + 1 / means) ** -2.0
        common = max(float((weight * own).sum() / weight.sum()), _LEAST_SPREAD)
    return common


def _spread_whole(said: Counts, came: Counts) -> float:
    """The spread of London's sum, from its own past alone."""
    excess = (UNSEEN_WHOLE * (came - said) ** 2 - said).sum()
    return max(float(excess / max((said**2).sum(), 1e-9)), _LEAST_SPREAD)
