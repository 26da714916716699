"""Forecasts add up, say how sure they are, and are refused where they would mean nothing."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from engage.crime.backtest import accuracy
from engage.crime.breaks import between, broken
from engage.crime.forecast import LONDON, Forecast, Refusal, forecast_for
from engage.crime.importing import import_paths
from engage.crime.model import Estimate, estimate, followed, whole
from engage.crime.months import in_words
from engage.crime.series import Counts, panel_of
from engage.crime.topics import topic_called
from engage.posts.places import BOROUGHS
from tests.crime.files import TODAY, Memory, borough_csv, months_to, written


def a_forecast(reader: Memory, place: str, topic: str) -> Forecast:
    made = forecast_for(reader, place, topic)
    assert isinstance(made, Forecast)
    return made


def test_the_forecasts_of_the_boroughs_sum_to_londons(synthetic: Memory) -> None:
    london = a_forecast(synthetic, "london", "robbery")
    boroughs = [a_forecast(synthetic, place.name, "robbery") for place in BOROUGHS]
    assert london.borough == LONDON
    for step, ahead in enumerate(london.months):
        assert ahead.point == pytest.approx(sum(each.months[step].point for each in boroughs))
        assert ahead.same_month_last_year == sum(
            each.months[step].same_month_last_year or 0 for each in boroughs
        )


def test_londons_range_is_narrower_than_the_boroughs_ranges_added_up(synthetic: Memory) -> None:
    ahead = a_forecast(synthetic, LONDON, "robbery").months[0]
    boroughs = [a_forecast(synthetic, place.name, "robbery").months[0] for place in BOROUGHS]
    assert ahead.low80 < ahead.point < ahead.high80
    assert ahead.high80 - ahead.low80 < sum(each.high80 - each.low80 for each in boroughs)


def test_londons_range_is_wider_than_independent_boroughs_would_make_it_where_all_move_together() -> None:
    chance = np.random.default_rng(5)
    tides = chance.normal(1, 0.1, 60)
    counts = np.round(chance.poisson(300, (32, 60)) * tides)
    months = months_to("2026-08", 60)
    alone = estimate(counts, months, horizon=1)
    together = whole(counts, months, horizon=1)
    variance = (alone.mean + alone.spread * alone.mean**2).sum()
    assert together.mean[0, 0] + together.spread[0, 0] * together.mean[0, 0] ** 2 > 4 * variance


def test_accuracy_names_its_months_as_people_do(synthetic: Memory) -> None:
    told = accuracy(panel_of(synthetic), topic_called("burglary"))
    assert told is not None
    assert f"from {in_words(told.first_origin)} to {in_words(told.last_origin)})" in told.words


def test_accuracy_is_told_for_london_by_itself(synthetic: Memory) -> None:
    panel, topic = panel_of(synthetic), topic_called("robbery")
    boroughs, london = accuracy(panel, topic), accuracy(panel, topic, london=True)
    assert boroughs is not None
    assert london is not None
    assert london.forecasts * 32 == boroughs.forecasts
    assert london.wape < boroughs.wape < boroughs.wape_mean


@pytest.mark.parametrize("place", ["Camden", LONDON])
def test_no_forecast_is_made_while_a_new_recording_system_settles(tmp_path: Path, place: str) -> None:
    memory = Memory()
    import_paths(memory, [written(tmp_path, "a.csv", borough_csv(months_to("2024-04", 60)))], today=TODAY)
    made = forecast_for(memory, place, "burglary")
    assert isinstance(made, Refusal)
    assert "recording system on 28 February 2024; until figures for May 2024" in made.reason


def test_counts_that_went_on_as_before_are_forecast_again_once_that_is_seen() -> None:
    counts = np.full((32, 60), 50.0)
    settled = months_to("2024-05", 60)
    assert broken(counts, settled) == ("", "")
    assert broken(counts[:, :58], settled[:58])[0].endswith("whether counts go on.")


def test_after_a_break_only_what_came_since_counts() -> None:
    months = months_to("2024-12", 60)
    counts = np.full((32, 60), 50.0)
    counts[:, months.index("2024-03") :] = 80
    reason, since = broken(counts, months)
    assert "did not go on as before" in reason
    assert since == "2024-03"


@pytest.mark.parametrize("unknown", ["2023-12", "2024-02", "2024-03", "2024-05"])
def test_where_a_month_around_a_change_is_missing_only_what_came_since_counts(unknown: str) -> None:
    months = months_to("2025-12", 60)
    counts = np.full((32, 60), 50.0)
    counts[:, months.index(unknown)] = np.nan
    reason, since = broken(counts, months)
    assert "it cannot be told whether counts go on" in reason
    assert since == "2024-03"
    assert between(counts, months, "2023-06", "2024-06") == reason


def test_a_borough_that_is_not_known_throughout_moves_nothing() -> None:
    months = months_to("2025-12", 60)
    counts = np.full((32, 60), 50.0)
    counts[:16, months.index("2024-03") :] = np.nan
    assert broken(counts, months) == ("", "")


def test_a_series_that_begins_after_a_change_has_nothing_to_break() -> None:
    months = months_to("2025-12", 60)
    counts = np.full((32, 60), np.nan)
    counts[:, months.index("2024-03") :] = 50
    assert broken(counts, months) == ("", "")


@pytest.mark.parametrize(("before", "after"), [(0, 50), (50, 0)])
def test_a_series_that_a_change_began_or_ended_is_broken(before: int, after: int) -> None:
    months = months_to("2025-12", 60)
    counts = np.full((32, 60), float(before))
    counts[:, months.index("2024-03") :] = after
    assert "did not go on as before" in broken(counts, months)[0]


def test_a_move_of_few_counts_that_chance_explains_is_no_break() -> None:
    months = months_to("2024-12", 60)
    counts = np.zeros((32, 60))
    counts[0] = 8
    counts[0, months.index("2024-03") :] = 11
    assert broken(counts, months) == ("", "")


def test_a_series_that_fell_silent_is_refused(tmp_path: Path) -> None:
    lines = borough_csv(months_to("2026-05", 40)).splitlines()
    camden = next(at for at, line in enumerate(lines) if ",Camden," in line)
    lines[camden] = ",".join([*lines[camden].split(",")[:-3], "0", "0", "0"])
    memory = Memory()
    import_paths(memory, [written(tmp_path, "a.csv", "\n".join(lines) + "\n")], today=TODAY)
    made = forecast_for(memory, "Camden", "burglary")
    assert isinstance(made, Refusal)
    assert "Nothing was recorded in the last 3 months" in made.reason


@given(
    mean=st.floats(0.05, 20_000),
    spread=st.floats(1e-4, 1.0),
    level=st.sampled_from([0.8, 0.95]),
)
def test_an_interval_is_the_exact_one_of_the_negative_binomial(
    mean: float, spread: float, level: float
) -> None:
    made = Estimate(months=("2026-09",), mean=np.full((1, 1), mean), spread=np.full((1, 1), spread))
    size = 1 / spread
    tail = (1 - level) / 2
    wanted = stats.nbinom.ppf([tail, 1 - tail], size, size / (size + mean))
    low, high = made.interval(level)
    assert (low[0, 0], high[0, 0]) == tuple(wanted)
    for count in (low - 1, low, high, high + 1):
        assert made.holds(count, level) == ((low <= count) & (count <= high))


def test_one_restless_borough_does_not_widen_the_ranges_of_all_the_others() -> None:
    chance = np.random.default_rng(6)
    counts = chance.poisson(200, (32, 60)).astype(float)
    months = months_to("2026-08", 60)
    calm = estimate(counts, months, horizon=1).spread
    counts[0] = np.round(chance.poisson(3_000, 60) * chance.normal(1, 0.3, 60).clip(0.2))
    restless = estimate(counts, months, horizon=1).spread
    assert np.median(restless[1:]) < np.median(calm) + 0.01
    assert restless[0, 0] > 0.03


@given(
    values=arrays(float, 12, elements=st.integers(1, 99).map(float)),
    young=st.integers(0, 5),
    gap=st.one_of(st.none(), st.integers(6, 11)),
)
def test_a_level_is_followed_month_by_month_and_stays_where_a_month_is_missing(
    values: Counts, young: int, gap: int | None
) -> None:
    values[:young] = np.nan
    if gap is not None:
        values[gap] = np.nan
    level, by_hand = np.nan, []
    for value in values:
        if not np.isnan(value):
            level = value if np.isnan(level) else (level + value) / 2
        by_hand.append(level)
    assert followed(values[None, :], np.ones((1, 12)))[0] == pytest.approx(by_hand, nan_ok=True)
