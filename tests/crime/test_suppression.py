"""No small count is said, nor one from which a small one could be worked out."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from engage.crime.figures import borough_figures
from engage.crime.found_again import evidence_called
from engage.crime.importing import import_paths
from engage.crime.sourced import evidence
from engage.crime.suppression import LEAST, not_said, said
from engage.crime.topics import topic_called
from tests.crime.files import TODAY, Memory, borough_csv, months_to, written

BURGLARY = [
    topic_called(name)
    for name in ("burglary", "residential_burglary", "home_burglary", "shed_burglary", "business_burglary")
]
SMALL = st.integers(0, 30)


@given(SMALL, SMALL, SMALL, SMALL)
def test_no_small_count_is_said_or_follows_by_subtraction(
    home: int, shed: int, business: int, other: int
) -> None:
    counts = {
        "home_burglary": home,
        "shed_burglary": shed,
        "residential_burglary": home + shed,
        "business_burglary": business,
        "burglary": home + shed + business + other,
    }
    hidden = not_said(BURGLARY, counts)
    assert not any(0 < counts[key] < LEAST for key in counts.keys() - hidden)
    for whole, parts in (
        ("residential_burglary", ("home_burglary", "shed_burglary")),
        ("burglary", ("residential_burglary", "business_burglary")),
    ):
        left = counts[whole] - sum(counts[part] for part in parts if part not in hidden)
        assert whole in hidden or not 0 < left < LEAST


def test_a_count_held_back_is_said_as_fewer_than_a_round_number() -> None:
    burglary, rape = topic_called("burglary"), topic_called("sexual_offences")
    assert said(3, burglary, held_back=True) == "fewer than 5"
    assert said(3, rape, held_back=True) == "fewer than 10"
    assert said(12, burglary, held_back=True) == "fewer than 20"
    assert said(1240, burglary, held_back=False) == "1,240"


def test_a_post_is_told_no_small_count_no_rate_and_no_percentage_of_one(tmp_path: Path) -> None:
    memory = Memory()
    path = written(tmp_path, "a.csv", borough_csv(months_to("2025-11", 30), count=40, newest=3))
    import_paths(memory, [path], today=TODAY)
    figure = borough_figures(memory, "Camden", topic="home_burglary").topics[0]
    items = {each.field: each for each in evidence(figure)}
    assert (items["count_now"].value, items["change"].value) == ("fewer than 5", "lower")
    assert "rate" not in items
    assert evidence_called(memory, items["count_now"].id) == items["count_now"]
