"""Where what comes round meets a change of London's clocks, said so that nobody is surprised by it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise

from engage.posts.clock import LONDON
from engage.posts.recurrence import Recurrence

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockChange:
    """A change of the clocks: on which day of London's calendar, and what it means in a sentence."""

    day: date
    words: str


def clock_changes(recurrence: Recurrence) -> Sequence[ClockChange]:
    """Every change of the clocks between the first and the last time it comes round, in order."""
    walls = list(recurrence.walls())
    found: dict[date, ClockChange] = {}
    for before, after in pairwise(walls):
        if _offset(_noon(before)) != _offset(_noon(after)):
            day = _day_of_change(before.date(), after.date())
            found[day] = ClockChange(day=day, words=_stays(day, before, after))
    for wall in walls:
        words = _in_the_odd_hour(wall)
        if words:
            found[wall.date()] = ClockChange(day=wall.date(), words=words)
    return [found[day] for day in sorted(found)]


def _day_of_change(before: date, after: date) -> date:
    """The first day after `before` whose noon has the offset of `after`'s."""
    wanted, day = _offset(datetime.combine(after, time(12))), before
    while _offset(datetime.combine(day, time(12))) != wanted:
        day += _DAY
    return day


def _stays(day: date, before: datetime, after: datetime) -> str:
    way = "forward" if _offset(_noon(after)) > _offset(_noon(before)) else "back"
    return f"The clocks go {way} on {_named(day)}. It stays at {after:%H:%M} by London's clocks."


def _in_the_odd_hour(wall: datetime) -> str:
    """What becomes of a time that the clocks skip or show twice; empty for any other."""
    first, second = (wall.replace(fold=fold) for fold in (0, 1))
    shift = _offset(second) - _offset(first)
    if not shift:
        return ""
    day = _named(wall.date())
    if shift < timedelta():
        return f"The clocks go back on {day}, and {wall:%H:%M} comes twice. It goes out the first time."
    # The offset before the change holds for a skipped time (RFC 5545, 3.3.5): it is so much later by the new clock.
    instead = wall + shift
    return f"The clocks go forward on {day}, and skip {wall:%H:%M}. That day it goes out at {instead:%H:%M}."


def _noon(wall: datetime) -> datetime:
    return datetime.combine(wall.date(), time(12))


def _offset(wall: datetime) -> timedelta:
    offset = wall.replace(tzinfo=LONDON).utcoffset()
    assert offset is not None  # noqa: S101 - London has one at every time
    return offset


def _named(day: date) -> str:
    return f"{day:%A %-d %B %Y}"
