"""A month is named when it is out of line beside its own past and the rest of London, and not otherwise."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from engage.crime.model import Estimate
from engage.crime.nowcast import nowcast
from engage.crime.series import Counts, Panel
from engage.crime.topics import topic_called
from engage.crime.unusual import RISE_ODDS, named, season_source, standings
from tests.crime.files import months_to

MONTHS = tuple(months_to("2026-08", 60))


def a_steady_london(*, level: float = 60.0, seed: int = 3) -> Counts:
    chance = np.random.default_rng(seed)
    size = 1 / 0.01
    return chance.negative_binomial(size, size / (size + level), (32, len(MONTHS))).astype(float)


def named_high(counts: Counts) -> list[int]:
    risen, _ = named(nowcast(counts, MONTHS), counts[:, -1:])
    return [int(each) for each in np.flatnonzero(risen)]


def test_a_doubled_borough_is_named_and_the_others_are_not() -> None:
    counts = a_steady_london()
    counts[4, -1] = 120
    assert named_high(counts) == [4]


def test_a_borough_that_rose_with_all_the_others_is_not_named() -> None:
    chance = np.random.default_rng(4)
    tides = chance.normal(1, 0.12, len(MONTHS))
    counts = np.round(a_steady_london(level=400) * tides)
    counts[:, -1] = np.round(counts[:, -2] / tides[-2] * 1.25)
    assert named_high(counts) == []


def test_a_rise_of_all_london_beyond_what_london_does_is_named() -> None:
    counts = a_steady_london(level=400)
    counts[:, -1] *= 2
    assert len(named_high(counts)) == 32


def test_a_boroughs_own_count_does_not_move_what_is_expected_of_it() -> None:
    counts = a_steady_london()
    lifted = counts.copy()
    lifted[4, -1] *= 3
    before, after = nowcast(counts, MONTHS), nowcast(lifted, MONTHS)
    assert after.mean[4, 0] == before.mean[4, 0]


def test_one_bad_month_does_not_hide_the_next() -> None:
    counts = a_steady_london()
    counts[4, -6] = 400
    counts[4, -1] = 150
    assert 4 in named_high(counts)


def across_the_change(*, after: float) -> Panel:
    """A London of 60 a month in every borough to April 2026, at a new level from March 2024 on."""
    months = tuple(months_to("2026-04", 72))
    chance = np.random.default_rng(3)
    level = np.where(np.array(months) < "2024-03", 60.0, 60.0 * after)
    counts = {"vehicle_crime": chance.poisson(level, (32, len(months))).astype(float)}
    return Panel(months=months, counts=counts, partial=counts, voices={}, stood={})


def standing_in(panel: Panel, month: str) -> int:
    return len(standings(panel, topic_called("vehicle_crime"), month))


@pytest.mark.parametrize("month", ["2024-03", "2024-05", "2025-06", "2026-02"])
def test_no_count_is_out_of_line_after_a_change_in_recording_that_moved_it(month: str) -> None:
    assert standing_in(across_the_change(after=0.6), month) == 0


def test_a_count_stands_again_once_two_years_were_recorded_the_new_way() -> None:
    moved = across_the_change(after=0.6)
    assert (standing_in(moved, "2024-02"), standing_in(moved, "2026-03")) == (32, 32)


def test_after_a_change_in_recording_that_moved_nothing_counts_stand_once_they_settled() -> None:
    went_on = across_the_change(after=1.0)
    stood = [standing_in(went_on, month) for month in ("2024-02", "2024-03", "2024-04", "2024-05", "2024-06")]
    assert stood == [32, 0, 0, 32, 32]


@pytest.mark.parametrize(
    ("topic", "source"),
    [("home_burglary", "burglary"), ("residential_burglary", "burglary"), ("business_burglary", None)],
)
def test_a_young_topic_has_the_season_of_the_widest_one_around_it(topic: str, source: str | None) -> None:
    keys = ("home_burglary", "residential_burglary", "business_burglary", "burglary")
    counts = {key: np.full((32, 3), float(at)) for at, key in enumerate(keys)}
    panel = Panel(months=tuple(months_to("2026-04", 3)), counts=counts, partial=counts, voices={}, stood={})
    found = season_source(panel, topic_called(topic), 3)
    assert found is None if source is None else found is not None and (found == counts[source]).all()


def test_a_small_count_is_never_named() -> None:
    counts = np.zeros((32, len(MONTHS)))
    counts[4, -1] = 4
    assert named_high(counts) == []


def test_a_fall_must_be_clearer_than_a_rise() -> None:
    likely = Estimate(months=("2026-08",), mean=np.full((1, 1), 100.0), spread=np.full((1, 1), 0.01))

    def first_named(counts: range, *, risen: bool) -> int:
        found = (each for each in counts if named(likely, np.full((1, 1), float(each)))[not risen].any())
        return next(found)

    assert 100 - first_named(range(100, -1, -1), risen=False) > first_named(range(100, 300), risen=True) - 100


@given(
    mean=st.floats(0.5, 2_000),
    spread=st.floats(0.001, 0.5),
    count=st.integers(0, 3_000),
    change=st.sampled_from([0.5, 1.5, 2.0]),
)
def test_odds_are_the_ratio_of_two_chances(mean: float, spread: float, count: int, change: float) -> None:
    likely = Estimate(months=("2026-08",), mean=np.full((1, 1), mean), spread=np.full((1, 1), spread))
    size = 1 / spread
    logs = [stats.nbinom.logpmf(count, size, size / (size + each)) for each in (mean * change, mean)]
    wanted = np.exp(np.clip(logs[0] - logs[1], -500, 500))
    assert likely.odds(np.full((1, 1), float(count)), change=change)[0, 0] == pytest.approx(wanted, rel=1e-4)


def test_false_alarms_are_rare_where_nothing_changes() -> None:
    alarms = [len(named_high(a_steady_london(seed=seed))) for seed in range(40)]
    assert sum(alarms) / (40 * 32) < 2 / RISE_ODDS / 4
