"""What comes round keeps its hour on London's clocks, has an end, and can never run wild."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engage.posts.clock import in_london
from engage.posts.errors import BadInput
from engage.posts.recurrence import LONGEST, Recurrence

START = datetime(2027, 2, 1, 10, 0)  # noqa: DTZ001 - London's wall clock


def moments(rule: str, first: datetime = START) -> list[str]:
    return [f"{each:%Y-%m-%dT%H:%M}" for each in Recurrence.read(rule, first=first).moments()]


def test_a_weekly_message_keeps_its_hour_over_the_clock_change_in_march() -> None:
    found = moments("FREQ=WEEKLY;BYDAY=SA,MO;UNTIL=20270401", datetime(2027, 3, 26, 17, 5))  # noqa: DTZ001
    assert found == ["2027-03-27T17:05", "2027-03-29T16:05"]


def test_a_daily_message_keeps_its_hour_over_the_clock_change_in_october() -> None:
    found = moments("FREQ=DAILY;COUNT=3", datetime(2026, 10, 24, 9, 0))  # noqa: DTZ001
    assert found == ["2026-10-24T08:00", "2026-10-25T09:00", "2026-10-26T09:00"]


def test_the_time_the_clocks_skip_goes_out_at_the_moment_it_would_have_been() -> None:
    found = moments("FREQ=DAILY;COUNT=3", datetime(2027, 3, 27, 1, 30))  # noqa: DTZ001
    assert found == ["2027-03-27T01:30", "2027-03-28T01:30", "2027-03-29T00:30"]
    assert in_london(datetime(2027, 3, 28, 1, 30, tzinfo=UTC)).hour == 2


def test_the_time_the_clocks_repeat_goes_out_once_at_the_first_of_the_two() -> None:
    found = moments("FREQ=DAILY;COUNT=3", datetime(2026, 10, 24, 1, 30))  # noqa: DTZ001
    assert found == ["2026-10-24T00:30", "2026-10-25T00:30", "2026-10-26T01:30"]


def test_the_day_it_ends_on_counts_whether_written_as_a_day_or_as_a_moment_of_utc() -> None:
    to_a_day = moments("FREQ=WEEKLY;BYDAY=TU;UNTIL=20270209")
    assert to_a_day == ["2027-02-02T10:00", "2027-02-09T10:00"]
    assert moments("RRULE:FREQ=WEEKLY;BYDAY=TU;UNTIL=20270209T100000Z") == to_a_day
    assert moments("freq=weekly;byday=tu;until=20270209T095959") == to_a_day[:1]


def test_a_utc_end_in_summer_is_read_on_londons_clock() -> None:
    summer = datetime(2027, 6, 1, 10, 0)  # noqa: DTZ001
    assert moments("FREQ=DAILY;UNTIL=20270602T090000Z", summer) == ["2027-06-01T09:00", "2027-06-02T09:00"]


@pytest.mark.parametrize(
    ("rule", "problem"),
    [
        ("", "no part of a rule"),
        ("every tuesday", "no part of a rule"),
        ("FREQ=DAILY;FREQ=DAILY;COUNT=2", "no part of a rule"),
        ("COUNT=3", "by the day, week or month"),
        ("FREQ=SECONDLY;COUNT=3", "by the day, week or month"),
        ("FREQ=MINUTELY;COUNT=3", "by the day, week or month"),
        ("FREQ=HOURLY;COUNT=3", "by the day, week or month"),
        ("FREQ=YEARLY;COUNT=3", "by the day, week or month"),
        ("FREQ=DAILY;BYHOUR=9,10,11;COUNT=3", "takes no BYHOUR"),
        ("FREQ=DAILY;BYSECOND=1;COUNT=3", "takes no BYSECOND"),
        ("FREQ=DAILY", "needs one end"),
        ("FREQ=DAILY;COUNT=3;UNTIL=20270209", "needs one end"),
        ("FREQ=DAILY;COUNT=0", "no COUNT"),
        ("FREQ=DAILY;COUNT=1000", "no COUNT"),
        ("FREQ=DAILY;INTERVAL=-1;COUNT=2", "no INTERVAL"),
        ("FREQ=WEEKLY;BYDAY=XX;COUNT=2", "no BYDAY"),
        ("FREQ=WEEKLY;BYDAY=1TU;COUNT=2", "no BYDAY"),
        ("FREQ=MONTHLY;BYDAY=TU;COUNT=2", "no BYDAY"),
        ("FREQ=MONTHLY;BYMONTHDAY=99;COUNT=2", "no BYMONTHDAY"),
        ("FREQ=MONTHLY;BYMONTHDAY=31;BYDAY=1MO;COUNT=2", "Keep one of"),
        ("FREQ=DAILY;UNTIL=20271399", "no day to end on"),
        ("FREQ=DAILY;UNTIL=next week", "no UNTIL"),
        ("FREQ=DAILY;COUNT=999", "more than a year"),
        ("FREQ=MONTHLY;COUNT=14", "more than a year"),
        ("FREQ=DAILY;UNTIL=20290101", "more than a year"),
        ("FREQ=DAILY;UNTIL=20270131", "never comes round"),
        ("FREQ=MONTHLY;INTERVAL=12;BYMONTHDAY=30;COUNT=2", "never comes round"),
    ],
)
def test_a_rule_that_could_run_wild_or_says_nothing_is_refused_with_the_reason(
    rule: str, problem: str
) -> None:
    with pytest.raises(BadInput, match=f"recurrence: .*{problem}"):
        Recurrence.read(rule, first=START)


def test_a_first_day_with_an_offset_is_refused() -> None:
    with pytest.raises(BadInput, match="without an offset"):
        Recurrence.read("FREQ=DAILY;COUNT=1", first=START.replace(tzinfo=UTC))


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (
            "FREQ=WEEKLY;BYDAY=TU,TH;UNTIL=20270331",
            "every week on Tuesday and Thursday at 10:00, until 31 March 2027",
        ),
        ("FREQ=WEEKLY;INTERVAL=2;COUNT=3", "every 2 weeks on Monday at 10:00, 3 times"),
        ("FREQ=DAILY;COUNT=1", "once, on " + f"{START:%A %-d %B %Y} at 10:00"),
        ("FREQ=MONTHLY;BYDAY=1MO,-1FR;COUNT=4", "every month on the first Monday and the last Friday at 10:00, 4 times"),
        ("FREQ=MONTHLY;BYMONTHDAY=15,-1;COUNT=4", "every month on day 15 and the last day at 10:00, 4 times"),
        ("FREQ=MONTHLY;COUNT=4", "every month on day 1 at 10:00, 4 times"),
    ],
)  # fmt: skip
def test_a_rule_can_be_read_by_a_person(rule: str, words: str) -> None:
    assert Recurrence.read(rule, first=START).words == words


RULES = st.one_of(
    st.builds("FREQ=DAILY;INTERVAL={}".format, st.integers(1, 40)),
    st.builds(
        "FREQ=WEEKLY;INTERVAL={};BYDAY={}".format,
        st.integers(1, 9),
        st.lists(
            st.sampled_from(["MO", "TU", "WE", "TH", "FR", "SA", "SU"]), min_size=1, max_size=7, unique=True
        ).map(",".join),
    ),
    st.builds("FREQ=MONTHLY;BYMONTHDAY={}".format, st.integers(1, 31)),
    st.builds("FREQ=MONTHLY;BYDAY={}{}".format, st.sampled_from([1, 2, 3, 4, -1]), st.sampled_from(["MO", "SA"])),
)  # fmt: skip


@given(
    RULES,
    st.datetimes(datetime(2026, 1, 1), datetime(2030, 12, 31)),  # noqa: DTZ001 - London's wall clock
    st.integers(40, 366),
)
def test_what_comes_round_keeps_its_hour_at_most_once_a_day_and_ends_in_time(
    rule: str, first: datetime, days: int
) -> None:
    end = first + timedelta(days=days)
    try:
        made = Recurrence.read(f"{rule};UNTIL={end:%Y%m%d}", first=first)
    except BadInput as error:
        assert "never comes round" in str(error) or "more than a year" in str(error)  # noqa: PT017 - which refusal is the point
        return
    found = list(made.moments())
    assert found == sorted(set(found))
    walls = [in_london(each) for each in found]
    assert len({each.date() for each in walls}) == len(walls)
    assert all(each.date() <= end.date() <= (first + LONGEST).date() for each in walls)
    for wall in walls:
        skipped = wall.month == 3 and wall.day > 24 and first.hour == 1
        assert (wall.hour, wall.minute) == (made.first.hour + skipped * (wall.hour == 2), made.first.minute)
