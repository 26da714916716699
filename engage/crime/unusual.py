"""What is out of line: a month's count against what that month was likely to record.

What was likely knows trend, season, how much the count always varies, and how the rest of London did. A
count is unusual when it would be twenty times likelier had the level risen by half than had it not moved.
(For a fall by a third it must be five hundred times likelier: a rise asks for advice, a fall for nothing.)
Weighing one explanation against the other finds more than a fixed chance does: where counts are large, a
clear rise is so clear that no false alarm need be risked for it, and the alarms saved are spent on small
counts. With nothing changed about one series-month in two hundred is named, so of 32 boroughs by 11
categories one or two a month by chance alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from engage.crime.breaks import broken
from engage.crime.model import Estimate, Flags
from engage.crime.months import in_words, later
from engage.crime.nowcast import nowcast
from engage.crime.series import NAMES, Counts, NoFigures, Panel
from engage.crime.topics import Topic, topic_called

RISE = 1.5
RISE_ODDS = 20.0
FALL_ODDS = 500.0
BY_CHANCE = 0.005
"""The share of series-months named where nothing has changed (benchmarks/unusual.py)."""
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
    """How every borough's count of a topic stands in a month; empty where history is too short to say.

    Only months since a change in recording that moved London's level are history, and while counts have not
    settled after one, nothing is out of line: a fall of what is recorded is no fall of crime.
    """
    column = panel.column(month)
    counts = panel.counts[topic.key]
    change, since = broken(counts[:, : column + 1], panel.months[: column + 1])
    if change and not since:
        return {}
    comparable = np.array([each >= since for each in panel.months[:column]], dtype=bool)
    known = ~np.isnan(counts[:, :column].sum(axis=0)) & comparable
    if known[-LEAST_HISTORY:].sum() < LEAST_HISTORY or np.isnan(counts[:, column]).any():
        return {}
    judged = nowcast(
        counts[:, : column + 1], panel.months[: column + 1], season_from=season_source(panel, topic, column)
    )
    came = counts[:, column : column + 1]
    low, high = judged.interval(0.95)
    risen, fallen = named(judged, came)
    return {
        name: _standing(
            month,
            count=int(came[at, 0]),
            usual=float(judged.mean[at, 0]),
            bounds=(int(low[at, 0]), int(high[at, 0])),
            risen=bool(risen[at, 0]),
            fallen=bool(fallen[at, 0]),
        )
        for at, name in enumerate(NAMES)
    }


def named(judged: Estimate, came: Counts) -> tuple[Flags, Flags]:
    """Which counts are unusually high, and which unusually low."""
    risen = (judged.odds(came, change=RISE) >= RISE_ODDS) & (came >= LEAST_COUNT)
    fallen = (judged.odds(came, change=1 / RISE) >= FALL_ODDS) & (judged.mean >= LEAST_COUNT)
    return np.asarray(risen), np.asarray(fallen)


def season_source(panel: Panel, topic: Topic, column: int) -> Counts | None:
    """The counts that a young topic takes its season from, up to a month: those of the widest topic around it."""
    wider = topic_called(topic.season_of) if topic.season_of else None
    if wider is None or wider.key not in panel.counts:
        return None
    widest = season_source(panel, wider, column)
    return panel.counts[wider.key][:, :column] if widest is None else widest


def _standing(
    month: str,
    *,
    count: int,
    usual: float,
    bounds: tuple[int, int],
    risen: bool,
    fallen: bool,
) -> Standing:
    why = ""
    if risen or fallen:
        why = (
            f"{count:,} recorded in {in_words(month)}. After the months before it, for the time of year and "
            f"beside the rest of London, {bounds[0]:,} to {bounds[1]:,} was likely, so this is unusually "
            f"{'high' if risen else 'low'}."
        )
    return Standing(
        usual=usual, low=bounds[0], high=bounds[1], unusual=risen or fallen, above=count > usual, why=why
    )


def a_year_before(panel: Panel, topic: Topic, borough: str, month: str) -> int | None:
    """The count of the same month a year before, where it can be compared."""
    return panel.count(topic, borough, later(month, -12))


def require(panel: Panel, topic: Topic, month: str) -> None:
    """Raise NoFigures where no file has figures on a topic in a month, or no borough counts it any more."""
    if month not in panel.voices.get(topic.key, {}):
        raise NoFigures(
            f"There are no figures about {topic.label} for {month}.",
            where="--month",
            remedy=f"The newest are for {panel.last(topic)}.",
        )
    if not panel.is_counted(topic, month):
        raise NoFigures(
            f"Boroughs no longer count {topic.label}: next to none in the year to {month}.",
            where="--topic",
            remedy=topic.no_forecast or "Choose another topic, or an earlier month.",
        )
