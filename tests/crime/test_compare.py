"""No change is claimed that chance explains, and no percentage of too few."""

import math
from fractions import Fraction

from hypothesis import example, given
from hypothesis import strategies as st

from engage.crime.compare import SAME, compare
from engage.policy.checks.changes import is_clear as policy_is_clear

COUNT = st.integers(0, 5000)
LEAP = Fraction(29, 28)


@given(COUNT, COUNT)
def test_a_difference_within_chance_is_about_the_same(now: int, before: int) -> None:
    if abs(now - before) <= 1.96 * math.sqrt(now + before):
        assert compare(now, before).words == SAME


@given(COUNT, COUNT)
def test_a_percentage_needs_twenty_on_both_sides(now: int, before: int) -> None:
    if min(now, before) < 20:
        assert compare(now, before).percent is None
        assert "%" not in compare(now, before).words


@given(COUNT, COUNT)
def test_the_policy_never_calls_a_named_change_noise(now: int, before: int) -> None:
    if compare(now, before).clear:
        assert policy_is_clear(now, before, z=1.96)


@given(COUNT, COUNT)
def test_turning_a_comparison_round_turns_its_words_round(now: int, before: int) -> None:
    there, back = compare(now, before), compare(before, now)
    assert there.clear == back.clear
    assert there.words.endswith("higher") == back.words.endswith("lower")


@given(COUNT, COUNT)
@example(319, 224)
def test_a_month_with_a_day_more_is_compared_day_for_day(now: int, before: int) -> None:
    change = compare(now, before, longer=LEAP)
    assert not change.clear or compare(now, before).clear
    assert change.clear == change.words.endswith(", day for day")
    if change.percent is not None:
        assert change.percent == round(abs(Fraction(now, 29) / Fraction(before, 28) - 1) * 100)


def test_a_day_more_is_no_rise() -> None:
    assert compare(10_360, 10_000).words == "4% higher"
    assert compare(10_360, 10_000, longer=LEAP).words == "about the same"
    assert compare(10_000, 10_360, longer=1 / LEAP).words == "about the same"
    assert compare(1_200, 1_000, longer=LEAP).words == "16% higher, day for day"
    assert compare(30, 8, longer=LEAP).words == "higher, day for day"


def test_the_words_read_after_that_is() -> None:
    assert compare(388, 451).words == "14% lower"
    assert compare(30, 8).words == "higher"
    assert compare(72, 82).words == "about the same"
