"""Times: kept in UTC, shown in Europe/London, right across both clock changes."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from engage.posts.errors import BadInput

LONDON = ZoneInfo("Europe/London")


def utc_now() -> datetime:
    """The time now, in UTC."""
    return datetime.now(UTC)


def in_london(moment: datetime) -> datetime:
    """An aware moment as London's clocks show it."""
    return moment.astimezone(LONDON)


def show(moment: datetime) -> str:
    """A moment as a person in London reads it: "Mon 23 Nov 2026, 17:05"."""
    return in_london(moment).strftime("%a %-d %b %Y, %H:%M")


def from_london(text: str) -> datetime:
    """The UTC moment of a London wall-clock time ("2026-11-23T17:05"), or of one with an offset.

    A time the clocks skip in March does not exist, and one they repeat in October names two moments:
    both are refused (BadInput) unless an offset says which is meant, because a post is never sent at
    a guessed time.
    """
    try:
        wall = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadInput(f"“{text}” is not a date and time.", remedy="Write it as 2026-11-23T17:05.") from error
    if wall.tzinfo is not None:
        return wall.astimezone(UTC)
    first, second = (wall.replace(tzinfo=LONDON, fold=fold) for fold in (0, 1))
    if first.utcoffset() != second.utcoffset():
        happens_twice = first.astimezone(UTC).astimezone(LONDON).replace(tzinfo=None) == wall
        problem = (
            "happens twice, because the clocks go back"
            if happens_twice
            else "does not exist, because the clocks go forward"
        )
        raise BadInput(f"{wall:%H:%M on %-d %B %Y} {problem}.", remedy="Choose a time outside that hour.")
    return first.astimezone(UTC)
