"""The real files: what was measured on them by hand is what the figures say."""

from pathlib import Path

import pytest

from engage.crime.backtest import accuracy
from engage.crime.figures import borough_figures, london
from engage.crime.forecast import Forecast, forecast_for
from engage.crime.importing import Outcome, import_paths
from engage.crime.series import NoFigures, panel_of
from engage.crime.topics import topic_called
from tests.crime.files import TODAY, Memory

pytestmark = pytest.mark.real_data


def test_the_figures_are_those_of_the_newest_file(real: Memory) -> None:
    figure = borough_figures(real, "Camden", topic="home_burglary").topics[0]
    assert (figure.month, figure.count_now, figure.count_before, figure.synthetic) == (
        "2025-11",
        72,
        82,
        False,
    )
    assert figure.rate == 0.27


def test_london_is_its_boroughs_without_airports_and_unknown_places(real: Memory) -> None:
    assert london(real, topic="home_burglary").total == pytest.approx(2262, abs=25)


def test_older_publications_stand_only_where_no_newer_one_speaks(real: Memory) -> None:
    voices = panel_of(real).voices["burglary"]
    assert {file.as_of for file in voices.values()} == {"2023-11-30", "2025-11-30"}


def test_what_boroughs_no_longer_count_is_left_out_and_never_said_to_be_nought(real: Memory) -> None:
    listed = {figure.topic for figure in borough_figures(real, "Camden").topics}
    assert "fraud" not in listed
    assert {"homicide", "burglary"} <= listed
    with pytest.raises(NoFigures, match="reported to a national centre"):
        borough_figures(real, "Camden", topic="fraud")


def test_months_from_before_burglary_was_redrawn_are_not_in_home_burglary(real: Memory) -> None:
    figures = borough_figures(real, "Camden")
    assert figures.series("home_burglary")[0].month == "2023-06"
    assert figures.series("residential_burglary")[0].month == "2017-04"
    assert figures.series("business_burglary")[0].month == "2017-04"
    assert figures.series("burglary")[0].month == "2010-04"


def test_what_was_recorded_without_a_borough_in_october_2023_makes_no_rise_a_year_later(real: Memory) -> None:
    (figure,) = borough_figures(real, "Camden", month="2024-10", topic="violence").topics
    assert figure.change == "not comparable"
    assert figure.not_compared.startswith("In October 2023 9.6% of them were recorded without a borough")
    (now,) = borough_figures(real, "Camden", month="2025-10", topic="violence").topics
    assert now.not_compared == ""


def test_the_malformed_file_is_refused_other_forces_told_apart_and_the_rest_kept(real_data: Path) -> None:
    reports = import_paths(Memory(), [real_data / "fixtures"], today=TODAY)
    reasons = {each.path.name: (each.outcome, each.reason) for each in reports}
    outcome, reason = reasons["mps_historical_malformed_no_categories.csv"]
    assert outcome is Outcome.REFUSED
    assert "has no category columns" in reason
    left_out = {name: reason for name, (outcome, reason) in reasons.items() if outcome is Outcome.LEFT_OUT}
    assert set(left_out) == {"2024-01-btp-street.head40.csv", "2024-01-city-of-london-street.csv"}
    assert "another force" in left_out["2024-01-city-of-london-street.csv"]
    assert "British Transport Police" in left_out["2024-01-btp-street.head40.csv"]


def test_street_burglary_is_within_eight_percent_of_the_borough_files(real_data: Path) -> None:
    street, boroughs = Memory(), Memory()
    import_paths(street, [real_data / "street"], today=TODAY)
    import_paths(boroughs, [real_data / "mps"], today=TODAY)
    for month in ("2016-09", "2024-07", "2024-12", "2025-02"):
        ratio = london(street, month=month).total / london(boroughs, month=month).total
        assert 0.92 <= ratio <= 1.08


def test_accuracy_is_measured_over_all_boroughs_and_three_years(real: Memory) -> None:
    panel = panel_of(real)
    burglary = accuracy(panel, topic_called("burglary"))
    assert burglary is not None
    assert burglary.forecasts == 32 * (36 * 3 - 3)
    assert burglary.mase < 0.792


def test_a_forecast_holds_its_estimate_and_widens(real: Memory) -> None:
    made = forecast_for(real, "Camden", "burglary")
    assert isinstance(made, Forecast)
    for ahead in made.months:
        assert ahead.low95 <= ahead.low80 <= ahead.point <= ahead.high80 <= ahead.high95
    assert made.accuracy is not None
