"""What a press officer says of how often is made into the rule it means, and only ever into one that can be read."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engage.posts.errors import BadInput
from engage.posts.how_often import DAYS, InMonth, Often, coming_round

TUESDAY = datetime(2027, 1, 5, 17, 0)  # noqa: DTZ001 - London's wall clock
UNTIL = date(2027, 3, 31)


def walls(
    often: Often, *, first: datetime = TUESDAY, until: date | None = UNTIL, **answers: object
) -> list[str]:
    found = coming_round(often, first=first, until=until, **answers)  # type: ignore[arg-type]
    return [f"{each:%m-%d %H:%M}" for each in found.walls()]


def test_each_answer_comes_round_when_it_says() -> None:
    assert walls(Often.ONCE, until=None) == ["01-05 17:00"]
    assert walls(Often.DAY, until=date(2027, 1, 7)) == ["01-05 17:00", "01-06 17:00", "01-07 17:00"]
    assert walls(Often.WEEK, until=date(2027, 1, 19)) == ["01-05 17:00", "01-12 17:00", "01-19 17:00"]
    assert walls(Often.TWO_WEEKS, until=date(2027, 1, 20)) == ["01-05 17:00", "01-19 17:00"]
    assert walls(Often.MONTH) == ["01-05 17:00", "02-05 17:00", "03-05 17:00"]


def test_days_are_those_chosen_in_the_order_of_the_week_from_the_first_day_on() -> None:
    assert walls(Often.WEEK, days=["FR", "MO"], until=date(2027, 1, 15)) == [
        "01-08 17:00", "01-11 17:00", "01-15 17:00",
    ]  # fmt: skip


def test_a_day_of_the_month_is_one_that_every_month_has() -> None:
    assert walls(Often.MONTH, in_month=InMonth.WEEKDAY) == ["01-05 17:00", "02-02 17:00", "03-02 17:00"]
    assert walls(Often.MONTH, in_month=InMonth.LAST_DAY) == ["01-31 17:00", "02-28 17:00", "03-31 17:00"]
    late = datetime(2027, 1, 29, 17, 0)  # noqa: DTZ001 - as above
    assert walls(Often.MONTH, first=late, in_month=InMonth.WEEKDAY) == [
        "01-29 17:00",
        "02-26 17:00",
        "03-26 17:00",
    ]
    with pytest.raises(BadInput, match="not every month has a day 29"):
        walls(Often.MONTH, first=late)


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({"until": None}, "until: give the last day"),
        ({"until": date(2027, 1, 4)}, "until: the last day is before the first"),
        ({"days": ["TU", "XX"]}, "days: “XX” is no day of the week"),
        ({"until": date(2029, 1, 1)}, "goes on for more than a year"),
    ],
)
def test_what_cannot_be_is_named(answers: dict[str, object], said: str) -> None:
    with pytest.raises(BadInput, match=said):
        walls(Often.WEEK, **answers)  # type: ignore[arg-type]


@given(
    st.sampled_from([each for each in Often if each is not Often.ONCE]),
    st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1)),  # noqa: DTZ001 - as above
    st.integers(0, 365),
    st.sets(st.sampled_from(sorted(DAYS))),
    st.sampled_from(InMonth),
)
def test_whatever_is_answered_it_stays_between_the_first_day_and_the_last_at_its_time(
    often: Often, first: datetime, length: int, days: set[str], in_month: InMonth
) -> None:
    until = first.date() + timedelta(days=length)
    try:
        found = list(coming_round(often, first=first, until=until, days=days, in_month=in_month).walls())
    except BadInput:
        return
    assert found
    assert all(first.date() <= each.date() <= until for each in found)
    assert {each.time() for each in found} == {first.replace(second=0, microsecond=0).time()}
    if often in {Often.WEEK, Often.TWO_WEEKS} and days:
        assert {list(DAYS)[each.weekday()] for each in found} <= days
