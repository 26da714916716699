"""Times are right across both clock changes, and a time that is in doubt is never guessed."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engage.posts.clock import LONDON, from_london, in_london, show, utc_now
from engage.posts.errors import BadInput


@pytest.mark.parametrize(
    ("wall", "utc"),
    [
        ("2026-03-29T00:59", "2026-03-29T00:59"),
        ("2026-03-29T02:00", "2026-03-29T01:00"),
        ("2026-07-01T12:00", "2026-07-01T11:00"),
        ("2026-10-25T00:59", "2026-10-24T23:59"),
        ("2026-10-25T02:00", "2026-10-25T02:00"),
        ("2026-10-25T01:30+01:00", "2026-10-25T00:30"),
        ("2026-10-25T01:30+00:00", "2026-10-25T01:30"),
        ("2026-11-23T17:05", "2026-11-23T17:05"),
    ],
)
def test_a_london_time_is_the_right_moment_on_both_sides_of_both_changes(wall: str, utc: str) -> None:
    assert from_london(wall) == datetime.fromisoformat(utc).replace(tzinfo=UTC)


@pytest.mark.parametrize("wall", ["2026-03-29T01:00", "2026-03-29T01:30", "2026-03-29T01:59"])
def test_the_hour_the_clocks_skip_does_not_exist(wall: str) -> None:
    with pytest.raises(BadInput, match="does not exist, because the clocks go forward"):
        from_london(wall)


@pytest.mark.parametrize("wall", ["2026-10-25T01:00", "2026-10-25T01:30", "2026-10-25T01:59"])
def test_the_hour_the_clocks_repeat_is_refused_without_an_offset(wall: str) -> None:
    with pytest.raises(BadInput, match="happens twice, because the clocks go back"):
        from_london(wall)


@pytest.mark.parametrize("text", ["", "soon", "2026-13-01T10:00", "25/10/2026"])
def test_what_is_no_time_is_refused_with_the_way_to_write_one(text: str) -> None:
    with pytest.raises(BadInput, match="Write it as"):
        from_london(text)


@given(st.datetimes(datetime(2000, 1, 1), datetime(2037, 12, 31), timezones=st.just(UTC)))  # noqa: DTZ001 - hypothesis takes naive bounds
def test_a_moment_shown_with_its_offset_reads_back_as_itself(moment: datetime) -> None:
    assert from_london(in_london(moment).isoformat()) == moment


@given(st.datetimes(datetime(2000, 1, 1), datetime(2037, 12, 31)))  # noqa: DTZ001 - hypothesis takes naive bounds
def test_a_wall_clock_time_either_reads_back_as_itself_or_is_refused(wall: datetime) -> None:
    try:
        moment = from_london(wall.isoformat())
    except BadInput:
        assert wall.month in {3, 10}
        assert wall.hour == 1
    else:
        assert in_london(moment).replace(tzinfo=None) == wall


def test_a_moment_is_shown_as_londoners_say_it_and_now_is_in_utc() -> None:
    assert show(datetime(2026, 7, 1, 11, tzinfo=UTC)) == "Wed 1 Jul 2026, 12:00"
    assert utc_now().tzinfo is UTC
    assert LONDON.key == "Europe/London"
