"""A borough that a file does not name has no figure: it is never said to have recorded nothing."""

from pathlib import Path

import numpy as np
import pytest

from engage.crime.figures import borough_figures, london
from engage.crime.forecast import Refusal, forecast_for
from engage.crime.found_again import evidence_called
from engage.crime.importing import Outcome, import_paths
from engage.crime.needs import needs
from engage.crime.reading import BadFile
from engage.crime.series import LONDON, NAMES, NoFigures, panel_of
from engage.crime.sourced import evidence
from engage.crime.sources import read
from engage.crime.suppression import limits
from engage.crime.topics import topic_called
from engage.drafting.figures import CrimeFigures
from tests.crime.files import TODAY, Memory, borough_csv, months_to, street_csv, street_line, written

BURGLARY = topic_called("burglary")
MONTHS = months_to("2025-11", 24)


def without(borough: str, text: str) -> str:
    return "".join(line for line in text.splitlines(keepends=True) if f",{borough}," not in line)


@pytest.fixture
def lacking(tmp_path: Path) -> Memory:
    """Three years with every borough, and the two after them without Camden."""
    memory = Memory()
    before = written(tmp_path, "past.csv", borough_csv(months_to("2023-11", 36)))
    recent = borough_csv(months_to("2025-11", 24), newest=3)
    import_paths(memory, [before, written(tmp_path, "recent.csv", without("Camden", recent))], today=TODAY)
    return memory


def test_a_borough_that_a_file_lacks_has_no_figure_and_the_reason_is_said(lacking: Memory) -> None:
    reason = "The file recent.csv has no rows for Camden: its figures for November 2024 cannot be given"
    for topic in ("burglary", None):
        with pytest.raises(NoFigures, match=reason):
            borough_figures(lacking, "Camden", month="2024-11", topic=topic)
    with pytest.raises(NoFigures, match=reason):
        CrimeFigures(lacking).summary("Camden", topic="burglary", month="2024-11")


def test_the_other_boroughs_of_such_a_file_keep_their_figures(lacking: Memory) -> None:
    (figure,) = borough_figures(lacking, "Barnet", month="2024-11", topic="burglary").topics
    assert (figure.count_now, figure.count_before, figure.unusual) == (40, 40, "")
    count = next(each for each in evidence(figure) if each.field == "count_now")
    assert evidence_called(lacking, count.id) == count


def test_a_month_that_a_file_covers_with_the_borough_is_still_given(lacking: Memory) -> None:
    figures = borough_figures(lacking, "Camden", month="2023-11", topic="burglary")
    assert figures.topics[0].count_now == 40
    assert figures.series("burglary")[-1].month == "2023-11"


def test_london_has_no_sum_where_a_borough_is_missing(lacking: Memory) -> None:
    found = london(lacking, month="2024-11", topic="burglary")
    assert found.total is None
    assert (
        found.no_total
        == "The file recent.csv has no rows for Camden: its figures for November 2024 cannot be given."
    )
    assert {figure.borough for figure in found.boroughs}.isdisjoint({"Camden"})
    assert len(found.boroughs) == 31
    assert london(lacking, month="2023-11", topic="burglary").total == 32 * 40


def test_nothing_is_measured_against_a_london_without_a_borough(lacking: Memory) -> None:
    panel = panel_of(lacking)
    at = panel.column("2024-11")
    assert np.isnan(panel.counts["burglary"][:, at]).all()
    assert np.isnan(panel.partial["burglary"][:, at]).sum() == 1
    for place in ("Camden", "Barnet", LONDON):
        assert isinstance(forecast_for(lacking, place, "burglary"), Refusal)
    assert needs(lacking, [BURGLARY]) == ()


def test_small_counts_beside_a_missing_borough_are_held_back(lacking: Memory) -> None:
    held = limits(panel_of(lacking), "2025-11")
    assert held["Barnet", "burglary"] == 5
    assert ("Camden", "burglary") not in held


def test_a_borough_without_a_crime_in_a_street_file_has_no_figure(tmp_path: Path) -> None:
    text = street_csv(
        street_line(place="Barnet 001A"), *(street_line(month=f"2024-0{month}") for month in (1, 1, 2, 2))
    )
    memory = Memory()
    (report,) = import_paths(memory, [written(tmp_path, "street.csv", text)], today=TODAY)
    assert report.outcome is Outcome.IMPORTED
    assert report.warnings == ("No crimes in 31 of 32 boroughs, Barking and Dagenham for one.",)
    assert borough_figures(memory, "Barnet", month="2024-01").topics[0].count_now == 1
    with pytest.raises(NoFigures, match="has no rows for Barnet: its figures for February 2024"):
        borough_figures(memory, "Barnet", month="2024-02")


TWO = borough_csv(MONTHS) + "".join(
    borough_csv(MONTHS, major="ROBBERY", minor="ROBBERY OF PERSONAL PROPERTY").splitlines(keepends=True)[1:]
)


def dropped(text: str, category: str) -> str:
    """The file without Camden's row of a category."""
    return "".join(line for line in text.splitlines(keepends=True) if f"{category},Camden," not in line)


def cut_off(text: str, many: int = 22) -> str:
    """The file without its last lines."""
    return "".join(text.splitlines(keepends=True)[:-many])


@pytest.mark.parametrize(
    ("text", "borough"), [(dropped(TWO, "ROBBERY OF PERSONAL PROPERTY"), "Camden"), (cut_off(TWO), "Hackney")]
)
def test_a_file_that_lost_rows_of_a_category_is_refused_with_the_category_and_the_borough(
    tmp_path: Path, text: str, borough: str
) -> None:
    with pytest.raises(BadFile, match=f"has no row for robbery of personal property in {borough}, though"):
        read(written(tmp_path, "a.csv", text), today=TODAY)


def test_a_category_that_few_boroughs_record_may_be_missing_in_the_others(tmp_path: Path) -> None:
    rare = "".join(f"NFIB FRAUD,NFIB,{name}{',9' * 24}\n" for name in NAMES[:7])
    assert read(written(tmp_path, "a.csv", TWO + rare), today=TODAY).file.rows_kept == 71


@pytest.mark.real_data
def test_a_real_file_with_a_row_or_its_end_missing_is_refused(tmp_path: Path, real_data: Path) -> None:
    text = (real_data / "mps" / "MPS Borough Level Crime (most recent 24 months).csv").read_text()
    for missing, reason in (
        (dropped(text, "BICYCLE THEFT"), "no row for bicycle theft in Camden"),
        (cut_off(text), "in Westminster, though 3[01] boroughs recorded it often"),
    ):
        with pytest.raises(BadFile, match=reason):
            read(written(tmp_path, "a.csv", missing), today=TODAY)


@pytest.mark.real_data
def test_no_published_file_is_taken_for_one_that_lost_rows_or_has_unknown_categories(real_data: Path) -> None:
    paths = [*real_data.glob("mps/**/*.csv"), *real_data.glob("parquet/*borough*")]
    assert len(paths) == 6
    readings = [read(path, today=TODAY) for path in paths]
    assert all(each.file.whole for each in readings)
    assert {each.warnings for each in readings} == {()}
