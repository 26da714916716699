"""How good the forecasts were: made again at past months from what came before, and held against what came.

MASE is the mean error over that of repeating last year's month; below 1 is better than that. WAPE is the
errors' sum over the counts' sum, in per cent. Coverage is how often the count fell inside an interval.
Beside them stands the WAPE of the mean of the last twelve months, which anybody could have said.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from engage.crime.model import LEVELS, Estimate, Flags, estimate, whole
from engage.crime.months import MONTHS_A_YEAR, days, in_words
from engage.crime.series import Counts, Panel
from engage.crime.topics import Topic
from engage.crime.unusual import season_source

ORIGINS = 36
HORIZON = 3
LEAST_HISTORY = 24
_FEWEST_ORIGINS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Accuracy:
    """How a topic's forecasts did, over all boroughs (or for London): the measures, and how many forecasts they rest on."""

    topic: str
    mase: float
    wape: float
    wape_mean: float
    coverage80: float
    coverage95: float
    forecasts: int
    first_origin: str
    last_origin: str

    def to_json(self) -> dict[str, object]:
        """The measures as JSON types; WAPE and coverage in per cent."""
        return {
            "topic": self.topic,
            "mase": round(self.mase, 3),
            "wape": round(self.wape, 2),
            "wape_12_month_mean": round(self.wape_mean, 2),
            "coverage80": round(self.coverage80, 1),
            "coverage95": round(self.coverage95, 1),
            "forecasts": self.forecasts,
            "first_origin": self.first_origin,
            "last_origin": self.last_origin,
        }

    @property
    def words(self) -> str:
        """What it means, for a page."""
        return (
            f"Tried on the past ({self.forecasts:,} forecasts from {in_words(self.first_origin)} to "
            f"{in_words(self.last_origin)}), forecasts missed by {self.wape:.0f}% of the count on average, and the "
            f"count fell inside the 80% range {self.coverage80:.0f}% of the time."
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Trial:
    """The forecasts of one origin beside what came, and beside the day rate of the twelve months before."""

    made: Estimate
    came: Counts
    usual: Counts
    scale: Counts

    def errors(self) -> Counts:
        return np.abs(self.came - self.made.mean)

    def inside(self, level: float) -> Flags:
        return np.asarray(self.made.holds(self.came, level)[~np.isnan(self.came)])


@lru_cache(maxsize=128)
def accuracy(panel: Panel, topic: Topic, *, london: bool = False) -> Accuracy | None:
    """How forecasts of a topic did at the last origins; None where there is too little past to try."""
    known = np.flatnonzero(~np.isnan(panel.counts[topic.key]).any(axis=0))
    if len(known) == 0:
        return None
    first = max(known[0] + LEAST_HISTORY, known[-1] + 1 - ORIGINS)
    origins = range(first, int(known[-1]) + 1)
    if len(origins) < _FEWEST_ORIGINS:
        return None
    trials = [_trial(panel, topic, origin, london=london) for origin in origins]
    said = np.concatenate([trial.came.ravel() for trial in trials])
    held = {name: np.concatenate([trial.inside(level) for trial in trials]) for name, level in LEVELS.items()}
    return Accuracy(
        topic=topic.key,
        mase=float(np.nanmean(np.concatenate([(trial.errors() / trial.scale).ravel() for trial in trials]))),
        wape=_share([trial.errors() for trial in trials], said),
        wape_mean=_share([np.abs(trial.came - trial.usual) for trial in trials], said),
        coverage80=float(held[80].mean() * 100),
        coverage95=float(held[95].mean() * 100),
        forecasts=int((~np.isnan(said)).sum()),
        first_origin=panel.months[origins[0] - 1],
        last_origin=panel.months[origins[-1] - 1],
    )


def _share(errors: Sequence[Counts], said: Counts) -> float:
    """The errors' sum over the counts' sum, in per cent."""
    return float(sum(np.nansum(each) for each in errors) / max(np.nansum(said), 1) * 100)


def _trial(panel: Panel, topic: Topic, origin: int, *, london: bool) -> _Trial:
    counts = panel.counts[topic.key]
    made = (whole if london else estimate)(
        counts[:, :origin],
        panel.months[:origin],
        horizon=HORIZON,
        season_from=season_source(panel, topic, origin),
    )
    line = counts.sum(axis=0, keepdims=True) if london else counts
    past, came = line[:, :origin], line[:, origin : origin + HORIZON]
    missing = np.full((len(line), HORIZON - came.shape[1]), np.nan)
    year = [days(month) for month in panel.months[origin - MONTHS_A_YEAR : origin]]
    rate = past[:, -MONTHS_A_YEAR:].sum(axis=1) / sum(year)
    usual = np.outer(rate, [days(month) for month in made.months])
    return _Trial(made, np.hstack([came, missing]), usual, _naive_error(past))


def _naive_error(past: Counts) -> Counts:
    """The mean error, in the past, of repeating the same month a year before; at least a tenth."""
    moves = np.abs(past[:, MONTHS_A_YEAR:] - past[:, :-MONTHS_A_YEAR])
    return np.asarray(np.maximum(np.nanmean(moves, axis=1, keepdims=True), 0.1))
