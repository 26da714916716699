"""When the press office is open, in London's time."""

from datetime import UTC, datetime

import pytest

from engage.posts.errors import BadInput
from engage.signoff.hours import OfficeHours

WEEK = OfficeHours.read("mon-fri 08:00-18:00")


@pytest.mark.parametrize(
    ("moment", "closed"),
    [
        (datetime(2026, 11, 23, 8, 0, tzinfo=UTC), False),
        (datetime(2026, 11, 23, 7, 59, tzinfo=UTC), True),
        (datetime(2026, 11, 23, 18, 0, tzinfo=UTC), True),
        (datetime(2026, 7, 6, 7, 30, tzinfo=UTC), False),  # British Summer Time: half past eight in London
        (datetime(2026, 11, 22, 12, 0, tzinfo=UTC), True),  # a Sunday
        (datetime(2026, 12, 25, 12, 0, tzinfo=UTC), True),  # a bank holiday on a Friday
    ],
)
def test_the_office_is_open_by_london_clocks_on_working_days(moment: datetime, closed: bool) -> None:
    assert WEEK.closed_at(moment) is closed


def test_an_office_that_is_always_open_is_open_at_christmas() -> None:
    assert not OfficeHours.read("always").closed_at(datetime(2026, 12, 25, 3, 0, tzinfo=UTC))


@pytest.mark.parametrize(
    "text", ["", "weekdays", "fri-mon 08:00-18:00", "mon-fri 18:00-08:00", "mon-fri 25:00-26:00"]
)
def test_hours_that_cannot_be_read_are_refused_by_name(text: str) -> None:
    with pytest.raises(BadInput, match="ENGAGE_OFFICE_HOURS"):
        OfficeHours.read(text)
