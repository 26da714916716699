"""What comes round again: an iCalendar rule (RFC 5545) on London's clocks, with an end, once a day at most.

A rule may use the parts of `_TAKES` and no others: whoever reads it can tell when it comes round, and no
rule can come round more than once a day or for more than a year.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from itertools import takewhile

from dateutil.rrule import rrule, rrulestr

from engage.posts.clock import LONDON, in_london
from engage.posts.errors import BadInput

LONGEST = timedelta(days=366)
"""From the first day to the last."""

_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_ORDINALS = {"1": "first", "2": "second", "3": "third", "4": "fourth", "5": "fifth", "-1": "last"}
_UNITS = {"DAILY": "day", "WEEKLY": "week", "MONTHLY": "month"}
_DAY = f"({'|'.join(_WEEKDAYS)})"
_NUMBER = "[1-9][0-9]{0,2}"
_TAKES: Mapping[str, Mapping[str, str]] = {
    "DAILY": {"INTERVAL": _NUMBER},
    "WEEKLY": {"INTERVAL": _NUMBER, "BYDAY": f"{_DAY}(,{_DAY})*", "WKST": _DAY},
    "MONTHLY": {
        "INTERVAL": _NUMBER,
        "BYDAY": f"([1-5]|-1){_DAY}(,([1-5]|-1){_DAY})*",
        "BYMONTHDAY": "([1-9]|[12][0-9]|3[01]|-1)(,([1-9]|[12][0-9]|3[01]|-1))*",
    },
}
"""The parts a rule may have beside its end, by how often it comes round, and how each is written."""
_ENDS = {"UNTIL": r"\d{8}(T\d{6}Z?)?", "COUNT": _NUMBER}
_UNTIL = re.compile(r"(\d{8})(?:T(\d{6})(Z?))?", re.ASCII)
_EXAMPLE = "Write it as FREQ=WEEKLY;BYDAY=TU;UNTIL=20270131."


@dataclass(frozen=True, slots=True, kw_only=True)
class Recurrence:
    """A rule and the moment it starts from. Made by `read`, which refuses what could run wild.

    `first` is a naive date and time of London, to the minute; it comes round on that day only if the rule
    names that day. `until` is the last moment it may come round, on the same clock.
    """

    rule: str
    first: datetime
    until: datetime | None = field(compare=False)

    @classmethod
    def read(cls, rule: str, *, first: datetime) -> "Recurrence":
        """From "FREQ=WEEKLY;BYDAY=TU;UNTIL=20270131" and a naive London date and time.

        An UNTIL that is a day counts that day in; one that ends in Z is UTC, as RFC 5545 has it. Raises
        BadInput for any part outside `_TAKES`, a rule with no end or two, or one that never comes round
        or goes on for more than a year.
        """
        if first.tzinfo is not None:
            raise BadInput("the first day and time are London's, without an offset.", where="recurrence")
        parts = _parts(rule)
        made = cls(
            rule=";".join(f"{name}={value}" for name, value in parts.items()),
            first=first.replace(second=0, microsecond=0),
            until=_until(parts["UNTIL"]) if "UNTIL" in parts else None,
        )
        made._must_be_bounded()
        return made

    def walls(self) -> Iterator[datetime]:
        """Each time it comes round, as London's clocks show it (naive), in order."""
        return iter(_expanded(self.rule, self.first, self.until))

    def moments(self) -> Iterator[datetime]:
        """Each time it comes round, in UTC.

        The hour on the wall stays the same all year. A time the clocks skip in March is the moment it
        would have been without the change (01:30 is 02:30 summer time); of one they repeat in October it
        is the first. Both as RFC 5545, section 3.3.5, has it.
        """
        for wall in self.walls():
            yield wall.replace(tzinfo=LONDON, fold=0).astimezone(UTC)

    @property
    def words(self) -> str:
        """The rule as a person says it: "every week on Tuesday at 17:00, until 31 January 2027"."""
        parts = _parts(self.rule)
        if parts.get("COUNT") == "1":
            return f"once, on {next(iter(self.walls())):%A %-d %B %Y at %H:%M}"
        days = _days_in_words(parts, self.first)
        often = " ".join(each for each in (_often(parts), days) if each)
        end = f"until {self.until:%-d %B %Y}" if self.until else f"{parts['COUNT']} times"
        return f"{often} at {self.first:%H:%M}, {end}"

    def _must_be_bounded(self) -> None:
        found = sum(1 for _ in self.walls())
        if not found:
            raise _refused("never comes round.", "Check its days against its first day and its end.")
        wanted = int(_parts(self.rule).get("COUNT", found))
        if wanted > found or (self.until is not None and self.until > self.first + LONGEST):
            raise _refused("goes on for more than a year.", "End it sooner; then look at it again.")


def _parts(rule: str) -> dict[str, str]:
    """The rule's parts by name, in the order written. Raises BadInput for the first that it may not have."""
    parts: dict[str, str] = {}
    for written in rule.strip().upper().removeprefix("RRULE:").strip(";").split(";"):
        name, equals, value = written.partition("=")
        if not equals or not value or name in parts:
            raise _refused(f"“{written}” is no part of a rule.", _EXAMPLE)
        parts[name] = value
    takes = _TAKES.get(parts.get("FREQ", ""))
    if takes is None:
        raise _refused(
            "must come round by the day, week or month.", f"Its FREQ is one of {', '.join(_TAKES)}."
        )
    _must_be_written(parts, {"FREQ": parts["FREQ"], **takes, **_ENDS})
    return parts


def _must_be_written(parts: Mapping[str, str], forms: Mapping[str, str]) -> None:
    for name, value in parts.items():
        if name not in forms:
            raise _refused(f"{parts['FREQ']} takes no {name}.", f"It takes: {', '.join(sorted(forms))}.")
        if not re.fullmatch(forms[name], value, re.ASCII):
            raise _refused(f"“{value}” is no {name} for {parts['FREQ']}.", _EXAMPLE)
    if ("UNTIL" in parts) == ("COUNT" in parts):
        raise _refused("needs one end.", "Add UNTIL=20270131, or COUNT=10, and not both.")
    if {"BYDAY", "BYMONTHDAY"} <= parts.keys():
        raise _refused("names weekdays and days of the month.", "Keep one of BYDAY and BYMONTHDAY.")


def _until(written: str) -> datetime:
    form = _UNTIL.fullmatch(written)
    assert form is not None  # noqa: S101 - `_parts` read it by the same form
    try:
        day = datetime.strptime(form[1], "%Y%m%d").date()  # noqa: DTZ007 - a day of London's calendar
        clock = datetime.strptime(form[2], "%H%M%S").time() if form[2] else time.max  # noqa: DTZ007 - as above
    except ValueError:
        raise _refused(f"“{written}” is no day to end on.", "Write it as UNTIL=20270131.") from None
    wall = datetime.combine(day, clock)
    return in_london(wall.replace(tzinfo=UTC)).replace(tzinfo=None) if form[3] else wall


def _expanded(rule: str, first: datetime, until: datetime | None) -> Iterator[datetime]:
    """What the library makes of the rule, never further than a year."""
    bare = ";".join(part for part in rule.split(";") if not part.startswith("UNTIL="))
    made = rrulestr(bare, dtstart=first)
    assert isinstance(made, rrule)  # noqa: S101 - one RRULE line makes one rule
    end = first + LONGEST
    bound = end if until is None else min(until, end)
    return takewhile(lambda wall: wall <= bound, made)


def _often(parts: Mapping[str, str]) -> str:
    unit, interval = _UNITS[parts["FREQ"]], int(parts.get("INTERVAL", "1"))
    return f"every {unit}" if interval == 1 else f"every {interval} {unit}s"


def _days_in_words(parts: Mapping[str, str], first: datetime) -> str:
    if "BYDAY" in parts:
        return f"on {_listed([_day(each) for each in parts['BYDAY'].split(',')])}"
    if parts["FREQ"] == "WEEKLY":
        return f"on {_DAY_NAMES[first.weekday()]}"
    if parts["FREQ"] == "MONTHLY":
        days = parts.get("BYMONTHDAY", str(first.day)).split(",")
        return f"on {_listed(['the last day' if each == '-1' else f'day {each}' for each in days])}"
    return ""


def _day(written: str) -> str:
    name = _DAY_NAMES[_WEEKDAYS.index(written[-2:])]
    return f"the {_ORDINALS[written[:-2]]} {name}" if written[:-2] else name


def _listed(words: Sequence[str]) -> str:
    *before, last = words
    return f"{', '.join(before)} and {last}" if before else last


def _refused(problem: str, remedy: str) -> BadInput:
    return BadInput(problem, where="recurrence", remedy=remedy)
