"""Where what comes round meets a change of the clocks, it is said; where it does not, nothing is."""

from datetime import datetime

import pytest

from engage.posts.clock import in_london
from engage.posts.clock_changes import clock_changes
from engage.posts.recurrence import Recurrence


def recurrence(rule: str, first: str) -> Recurrence:
    return Recurrence.read(rule, first=datetime.fromisoformat(first))


def said(rule: str, first: str) -> list[str]:
    return [each.words for each in clock_changes(recurrence(rule, first))]


def test_both_changes_are_said_and_the_hour_stays() -> None:
    assert said("FREQ=WEEKLY;BYDAY=TU;UNTIL=20271231", "2027-01-05T17:00") == [
        "The clocks go forward on Sunday 28 March 2027. It stays at 17:00 by London's clocks.",
        "The clocks go back on Sunday 31 October 2027. It stays at 17:00 by London's clocks.",
    ]


def test_a_time_that_is_skipped_says_when_it_goes_out_instead_and_that_is_when() -> None:
    rule, first = "FREQ=DAILY;UNTIL=20270329", "2027-03-27T01:30"
    assert said(rule, first) == [
        "The clocks go forward on Sunday 28 March 2027, and skip 01:30. That day it goes out at 02:30."
    ]
    moments = [f"{in_london(each):%d %H:%M}" for each in recurrence(rule, first).moments()]
    assert moments == ["27 01:30", "28 02:30", "29 01:30"]


def test_a_time_that_comes_twice_goes_out_the_first_time() -> None:
    rule, first = "FREQ=DAILY;UNTIL=20271101", "2027-10-30T01:30"
    assert said(rule, first) == [
        "The clocks go back on Sunday 31 October 2027, and 01:30 comes twice. It goes out the first time."
    ]
    moments = [f"{each:%d %H:%M}" for each in recurrence(rule, first).moments()]
    assert moments == ["30 00:30", "31 00:30", "01 01:30"]


@pytest.mark.parametrize(
    ("rule", "first"),
    [
        ("FREQ=DAILY;COUNT=1", "2027-03-28T17:00"),
        ("FREQ=WEEKLY;UNTIL=20270327", "2027-01-02T09:00"),
        ("FREQ=DAILY;UNTIL=20270930", "2027-04-01T01:30"),
    ],
)
def test_where_no_change_is_between_nothing_is_said(rule: str, first: str) -> None:
    assert said(rule, first) == []


def test_the_day_of_the_change_itself_after_it_is_already_the_new_time() -> None:
    assert said("FREQ=DAILY;UNTIL=20270328", "2027-03-27T09:00") == [
        "The clocks go forward on Sunday 28 March 2027. It stays at 09:00 by London's clocks."
    ]
