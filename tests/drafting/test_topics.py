"""Prevention follows the figures: what is out of line first, what is common next, what was just said not again."""

from hypothesis import given
from hypothesis import strategies as st

from engage.crime.figures import TopicFigure
from engage.crime.records import Dataset, ImportedFile
from engage.crime.unusual import Standing
from engage.drafting import TemplateShelf
from engage.drafting.topics import topics_for
from tests.drafting.shelves import SHIPPED

SHELF = TemplateShelf.load(SHIPPED)
KNOWN = sorted(topic for each in SHELF.all() for topic in each.topics)


FILE = ImportedFile(
    sha256="0" * 64,
    file_name="none.csv",
    dataset=Dataset.MPS_BOROUGH,
    publisher="nobody",
    as_of="2026-08-31",
    months=("2026-08",),
    rows_read=1,
    rows_kept=1,
    rejected={},
)


def figure(topic: str, count: int, usual: float, *, unusual: bool = False) -> TopicFigure:
    standing = Standing(usual=usual, low=0, high=0, unusual=unusual, above=unusual and count > usual)
    return TopicFigure(
        borough="Camden",
        topic=topic,
        label=topic,
        month="2026-08",
        month_before="2025-08",
        count_now=count,
        count_before=None,
        longer=1.0,
        change="not comparable",
        change_percent=None,
        rate=None,
        residents=None,
        residents_year=None,
        standing=standing,
        file=FILE,
        file_before=None,
        rows=1,
        rows_before=0,
    )


BIKES = figure("bicycle_theft", 60, 30.0, unusual=True)
CARS = figure("theft_from_vehicle", 300, 290.0)
HOMES = figure("home_burglary", 120, 118.0)


def test_an_unusual_rise_comes_before_what_is_merely_common() -> None:
    chosen = topics_for([HOMES, CARS, BIKES], SHELF)
    assert [each.topic for each in chosen] == ["bicycle_theft", "theft_from_vehicle", "home_burglary"]
    assert chosen[0].reason == "unusually high: 60 recorded, about 30 is usual"
    assert chosen[1].reason == "common here: 300 recorded"


def test_an_unusual_fall_is_no_reason_to_warn_anyone() -> None:
    fewer = figure("bicycle_theft", 5, 30.0, unusual=True)
    assert [each.topic for each in topics_for([fewer, HOMES], SHELF)] == ["home_burglary", "bicycle_theft"]


def test_what_was_posted_recently_is_left_out() -> None:
    chosen = topics_for([BIKES, CARS], SHELF, recently={"bicycle_theft"})
    assert [each.topic for each in chosen] == ["theft_from_vehicle"]


def test_a_topic_without_wording_and_one_without_crime_are_left_out() -> None:
    nothing = figure("home_burglary", 0, 0.0)
    assert topics_for([figure("homicide", 9, 1.0, unusual=True), nothing], SHELF) == ()


def test_one_wording_is_offered_once_though_it_serves_two_topics() -> None:
    stolen = figure("theft_of_vehicle", 200, 190.0)
    assert [each.topic for each in topics_for([CARS, stolen], SHELF)] == ["theft_from_vehicle"]


@given(
    st.lists(
        st.builds(
            figure,
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
    figures: list[TopicFigure], order: object
) -> None:
    shuffled = sorted(figures, key=lambda _: order.random())  # type: ignore[attr-defined]
    assert topics_for(shuffled, SHELF) == topics_for(figures, SHELF)
