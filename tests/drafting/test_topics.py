"""Prevention follows the figures: what is out of line first, what is common next, what was just said not again."""

from hypothesis import given
from hypothesis import strategies as st

from engage.drafting import TemplateShelf
from engage.drafting.topics import Standing, topics_for
from tests.drafting.shelves import SHIPPED

SHELF = TemplateShelf.load(SHIPPED)
KNOWN = sorted(topic for each in SHELF.all() for topic in each.topics)


def standing(topic: str, count: int, usual: float, *, unusual: bool = False) -> Standing:
    return Standing(topic=topic, count=count, usual=usual, unusual=unusual)


BIKES = standing("bicycle_theft", 60, 30.0, unusual=True)
CARS = standing("theft_from_vehicle", 300, 290.0)
HOMES = standing("home_burglary", 120, 118.0)


def test_an_unusual_rise_comes_before_what_is_merely_common() -> None:
    chosen = topics_for([HOMES, CARS, BIKES], SHELF)
    assert [each.topic for each in chosen] == ["bicycle_theft", "theft_from_vehicle", "home_burglary"]
    assert chosen[0].reason == "unusually high: 60 recorded, about 30 is usual"
    assert chosen[1].reason == "common here: 300 recorded"


def test_an_unusual_fall_is_no_reason_to_warn_anyone() -> None:
    fewer = standing("bicycle_theft", 5, 30.0, unusual=True)
    assert [each.topic for each in topics_for([fewer, HOMES], SHELF)] == ["home_burglary", "bicycle_theft"]


def test_what_was_posted_recently_is_left_out() -> None:
    chosen = topics_for([BIKES, CARS], SHELF, recently={"bicycle_theft"})
    assert [each.topic for each in chosen] == ["theft_from_vehicle"]


def test_a_topic_without_wording_and_one_without_crime_are_left_out() -> None:
    nothing = standing("home_burglary", 0, 0.0)
    assert topics_for([standing("homicide", 9, 1.0, unusual=True), nothing], SHELF) == ()


def test_one_wording_is_offered_once_though_it_serves_two_topics() -> None:
    stolen = standing("theft_of_vehicle", 200, 190.0)
    assert [each.topic for each in topics_for([CARS, stolen], SHELF)] == ["theft_from_vehicle"]


@given(
    st.lists(
        st.builds(
            Standing,
            topic=st.sampled_from(KNOWN),
            count=st.integers(0, 999),
            usual=st.floats(0, 999),
            unusual=st.booleans(),
        ),
        max_size=12,
        unique_by=lambda each: each.topic,
    ),
    st.randoms(use_true_random=False),
)
def test_the_choice_does_not_depend_on_the_order_of_the_figures(
    standings: list[Standing], order: object
) -> None:
    shuffled = sorted(standings, key=lambda _: order.random())  # type: ignore[attr-defined]
    assert topics_for(shuffled, SHELF) == topics_for(standings, SHELF)
