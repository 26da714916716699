"""Suggestions take the greatest needs first, leave places alone that were talked to, and tell whether they are fair."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engage.crime.needs import Need
from engage.drafting import TemplateShelf
from engage.drafting.agenda import agenda
from engage.drafting.balance import Balance, balance
from engage.drafting.suggesting import LATELY, PER_BOROUGH, PER_BOROUGH_AT_ONCE, Posted, suggestions
from engage.posts.places import BOROUGHS
from tests.drafting.imported import imported
from tests.drafting.shelves import SHIPPED

SHELF = TemplateShelf.load(SHIPPED)
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
NAMES = [place.name for place in BOROUGHS]
TOPICS = ["home_burglary", "vehicle_crime", "bicycle_theft", "theft_from_person", "shed_burglary"]


def a_need(
    borough: str = "Camden",
    topic: str = "bicycle_theft",
    *,
    beyond: float = 0,
    above: float = 20,
    recorded: int = 500,
) -> Need:
    return Need(
        borough=borough,
        topic=topic,
        label=topic.replace("_", " "),
        data_to="2026-10",
        recorded=recorded,
        expected=50,
        beyond=beyond,
        season=0,
        above=above,
        reasons=("Above London's rate.",) if beyond + above else (),
    )


def a_post(borough: str = "Camden", topic: str | None = None, *, days_ago: int = 3) -> Posted:
    return Posted(borough=borough, topic=topic, template=None, at=NOW - timedelta(days=days_ago))


def suggested(needs: Sequence[Need], *posted: Posted, most: int = 12) -> list[tuple[str, str]]:
    chosen, _ = suggestions(needs, SHELF, posted=posted, now=NOW, most=most)
    return [(each.need.borough, each.need.topic) for each in chosen]


def test_a_need_with_wording_is_suggested_with_its_template() -> None:
    (chosen,), held = suggestions([a_need()], SHELF, posted=(), now=NOW)
    assert (chosen.template, chosen.need.borough, held) == ("prevention_bicycle_theft", "Camden", ())


def test_a_need_without_a_reason_or_without_wording_is_not_suggested() -> None:
    assert suggested([a_need(above=0), a_need(topic="homicide")]) == []


def test_what_was_just_said_somewhere_is_not_suggested_there_again() -> None:
    chosen, (held,) = suggestions(
        [a_need(), a_need("Brent")], SHELF, posted=[a_post(topic="bicycle_theft")], now=NOW
    )
    assert [each.need.borough for each in chosen] == ["Brent"]
    assert held.why == "it was talked about, or a draft begun, on 20 November"


def test_what_was_said_more_than_four_weeks_ago_may_be_said_again() -> None:
    assert suggested([a_need()], a_post(topic="bicycle_theft", days_ago=29)) == [("Camden", "bicycle_theft")]


def test_a_place_with_three_posts_in_four_weeks_is_left_alone() -> None:
    assert suggested([a_need()], a_post(), a_post(), a_post()) == []
    assert suggested([a_need()], a_post(), a_post()) == [("Camden", "bicycle_theft")]


@given(
    wanted=st.lists(st.tuples(st.sampled_from(NAMES[:6]), st.sampled_from(TOPICS)), unique=True),
    talked=st.lists(st.sampled_from(NAMES[:6]), max_size=8),
    most=st.integers(1, 12),
)
def test_no_place_and_no_topic_is_ever_suggested_too_often(
    wanted: list[tuple[str, str]], talked: list[str], most: int
) -> None:
    chosen = suggested(
        [a_need(borough, topic) for borough, topic in wanted], *(a_post(each) for each in talked), most=most
    )
    places, topics = Counter(place for place, _ in chosen), Counter(topic for _, topic in chosen)
    assert len(chosen) <= most
    assert all(many <= PER_BOROUGH_AT_ONCE for many in places.values())
    assert all(many + talked.count(place) <= PER_BOROUGH for place, many in places.items())
    assert all(many <= -(-most // 3) for many in topics.values())
    assert LATELY.days == 28


def compared(
    where: Sequence[str], *, recorded: dict[str, int] | None = None, lately: Sequence[str] = ()
) -> Balance:
    crime = recorded or dict.fromkeys(NAMES, 100)
    return balance(
        where,
        needs=[a_need(name, recorded=many) for name, many in crime.items()],
        people=dict.fromkeys(NAMES, 250_000),
        lately=lately,
    )


def test_a_list_spread_as_crime_is_follows_need() -> None:
    found = compared(NAMES)
    assert (found.from_crime, found.from_people) == (pytest.approx(0), pytest.approx(0))
    assert found.follows_need
    assert "Suggestions follow need" in found.words[0]


def test_a_list_about_one_place_does_not_follow_need() -> None:
    found = compared(["Camden"] * 12)
    assert not found.follows_need
    assert found.from_crime == pytest.approx(31 / 32)
    assert "do not lie where recorded crime does" in found.words[0]


def test_a_list_that_returns_to_places_talked_about_lately_feeds_on_itself() -> None:
    talked = NAMES[:4]
    assert compared(talked * 3, lately=talked).feeds_itself
    assert not compared(NAMES, lately=talked).feeds_itself
    assert "They feed on themselves" in compared(talked * 3, lately=talked).words[2]


def test_more_suggestions_where_there_is_more_crime_correlate_with_it() -> None:
    crime = {name: 10 * (at + 1) for at, name in enumerate(NAMES)}
    assert compared(NAMES[-6:], recorded=crime).rank > 0.5
    assert compared(NAMES[:6], recorded=crime).rank < -0.5


@pytest.mark.parametrize(
    ("day", "said"), [(14, ""), (15, "The newest figures are of November 2025, 46 days old")]
)
def test_figures_older_than_a_forecast_in_public_may_rest_on_are_said_to_be_old(day: int, said: str) -> None:
    now = datetime(2026, 1, day, 9, tzinfo=UTC)
    aged = agenda(imported(), SHELF, posted=(), now=now, data_age_days=45).aged
    assert aged.partition(":")[0] == said


def test_nothing_suggested_is_nothing_to_compare() -> None:
    assert compared([]).words == ("Nothing is suggested, so there is nothing to compare.",)
