"""A campaign gives each borough its own minute, every time, and has a table of states."""

from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engage.posts.campaign import (
    CAMPAIGN_MOVES,
    LATE,
    Campaign,
    CampaignState,
    Occurrence,
    occurrences,
)
from engage.posts.errors import BadInput
from engage.posts.kinds import Platform
from engage.posts.places import BOROUGHS, UnknownBorough
from engage.posts.recurrence import Recurrence
from engage.posts.states import IllegalMove

EVERYWHERE = tuple(place.name for place in BOROUGHS)
MONDAYS = Recurrence.read("FREQ=WEEKLY;BYDAY=MO;UNTIL=20270430", first=datetime(2027, 3, 1, 8, 0))  # noqa: DTZ001 - London's wall clock
ALL_TIME = datetime(2027, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC)


def a_campaign(**changes: Any) -> Campaign:
    usual: dict[str, Any] = {
        "id": UUID(int=1),
        "title": "Bikes in spring",
        "recurrence": MONDAYS,
        "template": "prevention_bicycle_theft",
        "boroughs": ("Camden",),
        "platforms": (Platform.X,),
        "created_by": "press.lee",
        "created_at": datetime(2027, 2, 1, tzinfo=UTC),
    }
    return Campaign(**{**usual, **changes})


def test_32_boroughs_do_not_go_out_in_the_same_second_but_each_at_its_own_minute() -> None:
    campaign = a_campaign(boroughs=EVERYWHERE)
    first = list(occurrences(campaign, *ALL_TIME))[:32]
    assert [each.borough for each in first] == sorted(EVERYWHERE)
    assert [each.due for each in first] == [
        datetime(2027, 3, 1, 8, minute, tzinfo=UTC) for minute in range(32)
    ]


def test_a_boroughs_minute_is_the_same_every_week_on_londons_clock() -> None:
    brent = [each.due for each in occurrences(a_campaign(boroughs=EVERYWHERE), *ALL_TIME) if each.borough == "Brent"]  # fmt: skip
    assert [f"{each:%m-%d %H:%M}" for each in brent[3:6]] == ["03-22 08:03", "03-29 07:03", "04-05 07:03"]


def test_an_occurrence_says_when_it_is_too_late() -> None:
    due = datetime(2027, 3, 1, 8, 0, tzinfo=UTC)
    assert Occurrence(borough="Camden", due=due).latest == due + LATE


@given(
    st.lists(st.sampled_from(EVERYWHERE), min_size=1, max_size=32),
    st.datetimes(datetime(2027, 2, 1), datetime(2027, 5, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - hypothesis takes naive bounds
    st.integers(0, 60 * 24 * 40),
)
def test_nothing_before_the_start_or_from_the_end_on_and_nothing_twice(
    boroughs: list[str], start: datetime, minutes: int
) -> None:
    campaign, end = a_campaign(boroughs=tuple(boroughs)), start + timedelta(minutes=minutes)
    found = list(occurrences(campaign, start, end))
    assert found == sorted(found, key=lambda each: each.due)
    assert len(set(found)) == len(found)
    assert len({each.due for each in found}) == len(found)
    assert all(start <= each.due < end for each in found)
    whole = list(occurrences(campaign, *ALL_TIME))
    assert [each for each in whole if start <= each.due < end] == found


def test_a_borough_named_twice_or_by_its_code_is_one_borough() -> None:
    assert a_campaign(boroughs=("Camden", "camden", "E09000007")).boroughs == ("Camden",)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"title": "  "}, "title: "),
        ({"title": "x" * 81}, "title: "),
        ({"boroughs": ()}, "boroughs: choose"),
        ({"platforms": ()}, "platforms: choose"),
    ],
)
def test_what_is_missing_is_named(changes: dict[str, Any], problem: str) -> None:
    with pytest.raises(BadInput, match=problem):
        a_campaign(**changes)


def test_a_borough_of_another_force_is_refused() -> None:
    with pytest.raises(UnknownBorough):
        a_campaign(boroughs=("City of London",))


@pytest.mark.parametrize(("here", "there"), list(product(CampaignState, repeat=2)))
def test_every_move_is_in_the_table_or_refused(here: CampaignState, there: CampaignState) -> None:
    campaign = a_campaign(state=here)
    if there in CAMPAIGN_MOVES[here]:
        assert campaign.moved_to(there).state is there
    else:
        with pytest.raises(IllegalMove):
            campaign.moved_to(there)
