"""How often something comes round, as a press officer says it, made into the rule it means."""

from collections.abc import Collection
from datetime import date, datetime
from enum import StrEnum

from engage.posts.errors import BadInput
from engage.posts.recurrence import Recurrence

DAYS = {
    "MO": "Monday",
    "TU": "Tuesday",
    "WE": "Wednesday",
    "TH": "Thursday",
    "FR": "Friday",
    "SA": "Saturday",
    "SU": "Sunday",
}
"""The days of the week as a rule names them, and in words."""
_ALWAYS_THERE = 28
"""The last day of the month, and of the fourth week of it, that every month has."""


class Often(StrEnum):
    """How often it comes round."""

    ONCE = "once"
    DAY = "day"
    WEEK = "week"
    TWO_WEEKS = "two_weeks"
    MONTH = "month"

    @property
    def label(self) -> str:
        """The choice in words."""
        return {"once": "Once", "two_weeks": "Every two weeks"}.get(self.value, f"Every {self.value}")


class InMonth(StrEnum):
    """Which day of each month, told from the first day."""

    DATE = "date"
    WEEKDAY = "weekday"
    LAST_DAY = "last_day"

    @property
    def label(self) -> str:
        """The choice in words."""
        return {
            InMonth.DATE: "The same day of the month as the first day",
            InMonth.WEEKDAY: "The same weekday of the month, such as the second Tuesday",
            InMonth.LAST_DAY: "The last day of the month",
        }[self]


def coming_round(
    often: Often,
    *,
    first: datetime,
    until: date | None,
    days: Collection[str] = (),
    in_month: InMonth = InMonth.DATE,
) -> Recurrence:
    """The recurrence that these answers mean. `first` is a naive London date and time, `until` the last day.

    `days` are of `DAYS`, for what comes round by the week; the first day's own where none is named. Raises
    BadInput naming the answer that cannot be used.
    """
    if often is Often.ONCE:
        return Recurrence.read("FREQ=DAILY;COUNT=1", first=first)
    if until is None:
        raise BadInput("give the last day.", where="until")
    if until < first.date():
        raise BadInput("the last day is before the first.", where="until")
    which = {
        Often.DAY: "FREQ=DAILY",
        Often.WEEK: f"FREQ=WEEKLY;BYDAY={_by_day(days, first)}",
        Often.TWO_WEEKS: f"FREQ=WEEKLY;INTERVAL=2;BYDAY={_by_day(days, first)}",
        Often.MONTH: f"FREQ=MONTHLY;{_by_month(in_month, first)}" if often is Often.MONTH else "",
    }[often]
    return Recurrence.read(f"{which};UNTIL={until:%Y%m%d}", first=first)


def _by_day(days: Collection[str], first: datetime) -> str:
    strange = [each for each in days if each not in DAYS]
    if strange:
        raise BadInput(f"“{strange[0]}” is no day of the week.", where="days")
    chosen = [each for each in DAYS if each in days] or [list(DAYS)[first.weekday()]]
    return ",".join(chosen)


def _by_month(which: InMonth, first: datetime) -> str:
    """A day that every month has: a month without a day 31 would be left out in silence."""
    if which is InMonth.LAST_DAY:
        return "BYMONTHDAY=-1"
    if which is InMonth.WEEKDAY:
        ordinal = (first.day - 1) // 7 + 1 if first.day <= _ALWAYS_THERE else -1
        return f"BYDAY={ordinal}{list(DAYS)[first.weekday()]}"
    if first.day > _ALWAYS_THERE:
        raise BadInput(
            f"not every month has a day {first.day}.",
            where="in_month",
            remedy="Choose the last day of the month, or the weekday.",
        )
    return f"BYMONTHDAY={first.day}"
