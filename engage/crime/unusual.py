"""What is out of line: a month's count against the forecast that was possible the month before.

The forecast knows trend and season and how much the count always varies. A count is unusual when
three such months in a thousand would come so high, or three in ten thousand so low (a rise asks for advice,
a fall for nothing, so falls must be rarer to be named). Over 32 boroughs and 11 categories that is about
one or two false alarms a month.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from engage.crime.model import estimate
from engage.crime.months import in_words, later
from engage.crime.series import NAMES, Counts, NoFigures, Panel
from engage.crime.topics import Topic, topic_called

RARE_HIGH = 0.003
RARE_LOW = 0.0003
LEAST_HISTORY = 24
LEAST_COUNT = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a count stands to what was likely: `usual` is the middle, `low` to `high` 95 times in 100."""

    usual: float
    low: int
    high: int
    unusual: bool
    above: bool
    why: str = ""


def standings(panel: Panel, topic: Topic, month: str) -> Mapping[str, Standing]:
    """How every borough's count of a topic stands in a month; empty where history is too short to say."""
    column = panel.column(month)
    counts = panel.counts[topic.key]
    history = counts[:, :column]
    known = ~np.isnan(history.sum(axis=0))
    if known[-LEAST_HISTORY:].sum() < LEAST_HISTORY or np.isnan(counts[:, column]).any():
        return {}
    judged = estimate(
        history, panel.months[:column], horizon=1, season_from=season_source(panel, topic, column)
    )
    low, high = judged.interval(0.95)
    came = counts[:, column]
    below, above = (tail[:, 0] for tail in judged.tails(came[:, None]))
    return {
        name: _standing(
            month,
            count=int(came[at]),
            usual=float(judged.mean[at, 0]),
            bounds=(int(low[at, 0]), int(high[at, 0])),
            chances=(float(below[at]), float(above[at])),
        )
        for at, name in enumerate(NAMES)
    }


def season_source(panel: Panel, topic: Topic, column: int) -> Counts | None:
    """The counts that a young topic takes its season from, up to a month."""
    if not topic.season_of or topic_called(topic.season_of).key not in panel.counts:
        return None
    return panel.counts[topic.season_of][:, :column]


def _standing(
    month: str,
    *,
    count: int,
    usual: float,
    bounds: tuple[int, int],
    chances: tuple[float, float],
) -> Standing:
    high = chances[1] < RARE_HIGH and count >= LEAST_COUNT
    low = chances[0] < RARE_LOW and usual >= LEAST_COUNT
    why = ""
    if high or low:
        why = (
            f"{count:,} recorded in {in_words(month)}. After the months before it and for the time of year, "
            f"{bounds[0]:,} to {bounds[1]:,} was likely, so this is unusually {'high' if high else 'low'}."
        )
    return Standing(
        usual=usual, low=bounds[0], high=bounds[1], unusual=high or low, above=count > usual, why=why
    )


def a_year_before(panel: Panel, topic: Topic, borough: str, month: str) -> int | None:
    """The count of the same month a year before, where it can be compared."""
    return panel.count(topic, borough, later(month, -12))


def require(panel: Panel, topic: Topic, month: str) -> None:
    """Raise NoFigures where no file has figures on a topic in a month."""
    if month not in panel.voices.get(topic.key, {}):
        raise NoFigures(
            f"There are no figures about {topic.label} for {month}.",
            where="--month",
            remedy=f"The newest are for {panel.last(topic)}.",
        )
