"""The calendar of the press office: what goes out when, by week, month or as a list; campaigns as one entry a day."""

import calendar
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from flask import Blueprint, render_template, request, url_for

from engage.posts.clock import LONDON, in_london, utc_now
from engage.posts.errors import BadInput
from engage.store.calendar import GoesOut, going_out
from engage.web import access
from engage.web.current import current_engage
from engage.web.standing import STATE_COLOURS

blueprint = Blueprint("calendar", __name__)

_DAY = timedelta(days=1)
_WEEK = timedelta(days=7)
LISTED = timedelta(days=31)


class View(StrEnum):
    """How the calendar is looked at."""

    WEEK = "week"
    MONTH = "month"
    LIST = "list"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of a day: a post, or all that a campaign has that day. `state` is one state in words, with its colour."""

    begins: datetime
    ends: datetime
    title: str
    text: str
    platforms: str
    address: str
    states: tuple[tuple[str, str], ...]
    posts: int
    latest: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One day of London's calendar and what it holds. `within` is false for a day beside the month shown."""

    day: date
    entries: tuple[Entry, ...]
    within: bool = True

    @property
    def posts(self) -> int:
        """How many posts."""
        return sum(each.posts for each in self.entries)


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """The days a view shows, and where the periods before and after it begin."""

    first: date
    after: date
    earlier: date
    later: date
    title: str


@blueprint.get("/scheduled")
@access.only(access.reads_queue)
def scheduled() -> str:
    """What goes out when: signed off, still to be signed, come back, and what is out already."""
    today = in_london(utc_now()).date()
    view = _view(request.args.get("view", View.WEEK.value))
    asked = _day(request.args.get("from", ""), today)
    period = _period(view, asked)
    with current_engage().transaction() as unit:
        found = going_out(unit.session, _midnight(period.first), _midnight(period.after))
    days = _days(found, period, asked.month if view is View.MONTH else None)
    return render_template(
        "scheduled.html",
        view=view.value,
        views=list(View),
        period=period,
        days=days,
        weeks=[days[start : start + 7] for start in range(0, len(days), 7)],
        posts=sum(each.posts for each in days if each.within),
        asked=asked,
        today=today,
    )


def _period(view: View, asked: date) -> Period:
    match view:
        case View.WEEK:
            first = asked - timedelta(days=asked.weekday())
            title = f"{first:%-d %B} to {first + 6 * _DAY:%-d %B %Y}"
            return Period(
                first=first, after=first + _WEEK, earlier=first - _WEEK, later=first + _WEEK, title=title
            )
        case View.MONTH:
            month, length = asked.replace(day=1), calendar.monthrange(asked.year, asked.month)[1]
            last = month + (length - 1) * _DAY
            return Period(
                first=month - timedelta(days=month.weekday()),
                after=last + timedelta(days=7 - last.weekday()),
                earlier=(month - _DAY).replace(day=1),
                later=last + _DAY,
                title=f"{month:%B %Y}",
            )
        case View.LIST:
            after = asked + LISTED
            title = f"{asked:%-d %B} to {after - _DAY:%-d %B %Y}"
            return Period(first=asked, after=after, earlier=asked - LISTED, later=after, title=title)


def _days(found: Sequence[GoesOut], period: Period, month: int | None) -> list[Day]:
    by_day: dict[date, list[GoesOut]] = defaultdict(list)
    for each in found:
        by_day[in_london(each.at).date()].append(each)
    count = (period.after - period.first).days
    every = [period.first + number * _DAY for number in range(count)]
    return [
        Day(day=day, entries=tuple(_entries(by_day[day])), within=month is None or day.month == month)
        for day in every
    ]


def _entries(posts: Sequence[GoesOut]) -> list[Entry]:
    """A day's posts in order, those of one campaign together at the time of its first."""
    together: dict[object, list[GoesOut]] = {}
    for each in posts:
        together.setdefault(each.campaign or each.post_id, []).append(each)
    return [_entry(members) for members in together.values()]


def _entry(members: Sequence[GoesOut]) -> Entry:
    first, last = members[0], members[-1]
    single = first.campaign is None
    states = Counter(_state(each) for each in members)
    return Entry(
        begins=first.at,
        ends=last.at,
        title=f"{first.kind.label}, {first.borough}" if single else first.campaign_title,
        text=" ".join(first.text.split()) if single else _boroughs(members),
        platforms=", ".join(each.label for each in first.platforms),
        address=url_for("posts.post", post_id=first.post_id)
        if single
        else url_for("campaigns.campaign", campaign_id=first.campaign),
        states=tuple(
            (label if len(states) == 1 else f"{label} {count}", colour)
            for (label, colour), count in states.items()
        ),
        posts=len(members),
        latest=first.latest if single else None,
    )


def _state(each: GoesOut) -> tuple[str, str]:
    if each.published:
        return "Published", "green"
    return each.state.label, STATE_COLOURS[each.state]


def _boroughs(members: Sequence[GoesOut]) -> str:
    names = sorted({each.borough for each in members})
    return names[0] if len(names) == 1 else f"{len(names)} boroughs"


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=LONDON)


def _view(name: str) -> View:
    try:
        return View(name)
    except ValueError:
        raise BadInput(f"“{name}” is no view.", where="view", remedy="Use week, month or list.") from None


def _day(value: str, today: date) -> date:
    try:
        day = date.fromisoformat(value) if value else today
    except ValueError:
        raise BadInput(f"“{value}” is no day.", where="from", remedy="Write it as 2027-03-01.") from None
    if abs((day - today).days) > 3660:  # noqa: PLR2004 - ten years: beyond them no calendar is kept
        raise BadInput("that day is more than ten years away.", where="from")
    return day
