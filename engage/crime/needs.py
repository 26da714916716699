"""What a borough needs to hear about now, from the figures alone, counted in offences.

Three things make a need: last month was out of line, next month is expected to be worse than the year was
(the season), and the borough has more than its people would have at London's rate. Each is a number of
offences a month, so that needs of different topics and boroughs can be laid side by side.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from engage.crime.forecast import why_not
from engage.crime.model import estimate
from engage.crime.months import MONTHS_A_YEAR, days, in_words, later
from engage.crime.records import CrimeReader
from engage.crime.series import LONDON, NAMES, Counts, Panel, panel_of
from engage.crime.topics import Topic
from engage.crime.unusual import Standing, season_source, standings

LEAST_OFFENCES = 3.0
"""A reason for fewer offences a month than this is not given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """A borough's need of one topic, in offences a month.

    `beyond` is by how much last month was out of line, `season` by how much next month is expected above the
    year's mean, `above` by how much above London's rate; `expected` is next month's forecast and `recorded`
    the count of the last twelve months.
    """

    borough: str
    topic: str
    label: str
    data_to: str
    recorded: int
    expected: float
    beyond: float
    season: float
    above: float
    reasons: tuple[str, ...]

    @property
    def offences(self) -> float:
        """All three together."""
        return self.beyond + self.season + self.above

    @property
    def urgent(self) -> bool:
        """Whether last month was out of line."""
        return self.beyond > 0


def needs(reader: CrimeReader, topics: Sequence[Topic]) -> tuple[Need, ...]:
    """Every need of these topics, those out of line first, then by how many offences they are about.

    Topics without borough figures, or that may not be forecast, make none. Raises NoFigures.
    """
    panel = panel_of(reader)
    people = {each.borough: each.people for each in sorted(reader.population(), key=lambda each: each.year)}
    found = [
        need for topic in topics if not why_not(panel, topic, LONDON) for need in _of(panel, topic, people)
    ]
    return tuple(sorted(found, key=lambda need: (not need.urgent, -need.offences, need.borough, need.topic)))


def _of(panel: Panel, topic: Topic, people: Mapping[str, int]) -> Sequence[Need]:
    month = panel.last(topic)
    end = panel.column(month) + 1
    counts, months = panel.counts[topic.key][:, :end], panel.months[:end]
    made = estimate(counts, months, horizon=1, season_from=season_source(panel, topic, end))
    expected = made.mean[:, 0]
    year = counts[:, -MONTHS_A_YEAR:].sum(axis=1)
    usual = year / sum(days(each) for each in months[-MONTHS_A_YEAR:]) * days(made.months[0])
    fair = _at_londons_rate(expected, people)
    stand = standings(panel, topic, month)
    return [
        _need(
            topic,
            month,
            name,
            last=(int(counts[at, -1]), stand.get(name)),
            year=int(year[at]),
            expected=float(expected[at]),
            usual=float(usual[at]),
            fair=None if fair is None else float(fair[at]),
        )
        for at, name in enumerate(NAMES)
        if not why_not(panel, topic, name)
    ]


def _at_londons_rate(expected: Counts, people: Mapping[str, int]) -> Counts | None:
    """What each borough would have if London's offences fell on its people evenly; None where people are not known."""
    residents = np.array([people.get(name, 0) for name in NAMES], dtype=float)
    return None if not residents.all() else expected.sum() * residents / residents.sum()


def _need(
    topic: Topic,
    month: str,
    borough: str,
    *,
    last: tuple[int, Standing | None],
    year: int,
    expected: float,
    usual: float,
    fair: float | None,
) -> Need:
    count, stand = last
    high = stand is not None and stand.unusual and stand.above
    beyond = max(count - stand.usual, 0.0) if high and stand else 0.0
    season, above = max(expected - usual, 0.0), max(expected - fair, 0.0) if fair is not None else 0.0
    ahead = in_words(later(month, 1))
    said = (
        (
            beyond,
            f"Unusually high: {count:,} recorded in {in_words(month)}, about {count - beyond:,.0f} was likely.",
        ),
        (
            season,
            f"The season: about {expected:,.0f} expected in {ahead}; the year's mean is {usual:,.0f} a month.",
        ),
        (
            above,
            f"Above London's rate: about {expected:,.0f} expected; its residents' part would be {expected - above:,.0f}.",
        ),
    )
    return Need(
        borough=borough,
        topic=topic.key,
        label=topic.label,
        data_to=month,
        recorded=year,
        expected=expected,
        beyond=beyond,
        season=season,
        above=above,
        reasons=tuple(words for offences, words in said if offences >= LEAST_OFFENCES),
    )
