"""What a month was like is said beside what is usual, and only where it is known."""

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from engage.crime.circumstances import calendar_words, circumstances, weather_of
from engage.crime.importing import import_paths
from engage.crime.months import later
from engage.crime.series import panel_of
from engage.crime.topics import topic_called
from tests.crime.files import TODAY, Memory, borough_csv, months_to, written


def a_series(month: str, *, warmth: float, rain: float, years: int = 12) -> dict[str, tuple[float, float]]:
    usual = {later(month, -12 * year): (10.0, 2.0) for year in range(1, years + 1)}
    return {month: (warmth, rain), **usual}


@pytest.mark.parametrize(
    ("warmth", "rain", "said"),
    [
        (
            12.1,
            3.0,
            "about two degrees warmer than usual (12.1 °C on average; 10.0 °C is usual over 12 years) and wetter",
        ),
        (
            9.2,
            1.0,
            "about one degree colder than usual (9.2 °C on average; 10.0 °C is usual over 12 years) and drier",
        ),
        (
            10.2,
            2.1,
            "about as warm as usual (10.2 °C on average; 10.0 °C is usual over 12 years) and about as wet as usual",
        ),
    ],
)
def test_a_months_weather_is_said_beside_other_years(warmth: float, rain: float, said: str) -> None:
    weather = weather_of(a_series("2019-06", warmth=warmth, rain=rain), "2019-06")
    assert weather is not None
    assert weather.words.startswith(f"June 2019 was {said}")


def test_a_month_without_weather_or_with_too_few_years_before_it_has_none() -> None:
    assert weather_of({}, "2019-06") is None
    assert weather_of(a_series("2019-06", warmth=12, rain=2, years=9), "2019-06") is None


def test_weekends_and_bank_holidays_are_counted_beside_the_year_before() -> None:
    assert calendar_words("2024-03").startswith(
        "March 2024 had 10 Saturdays and Sundays (two more than March 2023) and one bank holiday "
        "(one more than March 2023)."
    )
    assert calendar_words("2025-12").endswith("and two bank holidays.")


@pytest.mark.parametrize(
    ("month", "many"),
    [
        ("2021-12", "two"),
        ("2022-01", "one"),
        ("2022-12", "two"),
        ("2023-01", "one"),
        ("2026-12", "two"),
        ("2027-12", "two"),
        ("2023-05", "three"),
        ("2022-06", "two"),
        ("2022-09", "one"),
    ],
)
def test_a_bank_holiday_moved_from_a_weekend_is_counted_once_and_one_for_an_occasion_too(
    month: str, many: str
) -> None:
    assert f" and {many} bank holiday" in calendar_words(month)


@pytest.mark.parametrize(
    ("month", "said"),
    [
        ("2024-03", "The clocks went forward on 31 March: that day had 23 hours, and evenings were light"),
        ("2025-03", "The clocks went forward on 30 March: that day had 23 hours, and evenings were light"),
        (
            "2024-10",
            "The clocks went back on 27 October: that day had 25 hours, and it was dark an hour earlier",
        ),
        (
            "2025-10",
            "The clocks went back on 26 October: that day had 25 hours, and it was dark an hour earlier",
        ),
    ],
)
def test_the_day_the_clocks_changed_is_named(month: str, said: str) -> None:
    assert said in calendar_words(month)


def test_no_other_month_speaks_of_clocks() -> None:
    others = [f"2025-{month:02d}" for month in range(1, 13) if month not in {3, 10}]
    assert not [month for month in others if "clocks" in calendar_words(month)]


def test_how_warmth_goes_with_a_topic_is_said_where_it_is_clear(tmp_path: Path) -> None:
    chance = np.random.default_rng(8)
    months = months_to("2019-12", 96)
    warmer = {month: float(chance.normal(0, 2)) for month in months}
    lines = ["date,mean_temp,precipitation"]
    day = date(2000, 1, 1)
    while day <= date(2019, 12, 31):
        lines.append(f"{day:%Y%m%d},{10 + warmer.get(f'{day:%Y-%m}', 0):.1f},2.0")
        day += timedelta(days=1)
    header, *rows = borough_csv(months, count=200).splitlines()
    counts = [str(round(200 * (1 + 0.03 * warmer[month]))) for month in months]
    crimes = [header, *(",".join([*row.split(",")[:3], *counts]) for row in rows)]
    memory = Memory()
    import_paths(
        memory,
        [
            written(tmp_path, "weather.csv", "\n".join(lines) + "\n"),
            written(tmp_path, "crime.csv", "\n".join(crimes) + "\n"),
        ],
        today=TODAY,
    )
    said = circumstances(memory, panel_of(memory), topic_called("burglary"), "2019-12")
    assert len(said) == 3
    assert "more burglary in London. That is no cause and no forecast." in said[1]


def test_the_samples_have_a_warm_month_to_tell_of(synthetic: Memory) -> None:
    said = circumstances(synthetic, panel_of(synthetic), topic_called("robbery"), "2026-09")
    assert "degrees warmer than usual" in said[0] or "degree warmer than usual" in said[0]
