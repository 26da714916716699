"""Two publications of one month: neither is silently believed, and what changed is written down."""

from collections.abc import Sequence
from pathlib import Path

import polars as pl
import pytest

from engage.crime.areas import areas_of
from engage.crime.figures import borough_figures
from engage.crime.importing import FileReport, Outcome, import_paths
from engage.crime.series import NoFigures, panel_of
from engage.crime.vintages import vintages
from tests.crime.files import TODAY, WARDS, Memory, borough_csv, months_to, street_csv, street_line, written

LSOAS = (
    "LSOA Code,Borough,Major Category,Minor Category,202501\n"
    "E01000842,E09000007,BURGLARY,RES BURGLARY OF A HOME,3\n"
)


def imported(memory: Memory, *paths: Path, newer: bool = False) -> FileReport:
    return import_paths(memory, paths, today=TODAY, newer=newer)[-1]


def test_a_file_that_was_changed_under_the_same_name_is_refused_with_both_hashes(tmp_path: Path) -> None:
    memory = Memory()
    path = written(tmp_path, "a.csv", borough_csv(months_to("2025-11", 24)))
    first = imported(memory, path).file
    assert first is not None
    written(tmp_path, "a.csv", borough_csv(months_to("2025-11", 24), newest=4))
    changed = imported(memory, path)
    assert changed.outcome is Outcome.REFUSED
    assert "one of the two was changed" in changed.reason
    assert first.sha256[:12] in changed.reason
    assert borough_figures(memory, "Camden", topic="burglary").topics[0].count_now == 40


def test_a_person_may_vouch_for_the_newer_of_two_publications(tmp_path: Path) -> None:
    memory = Memory()
    imported(memory, written(tmp_path, "a.csv", borough_csv(months_to("2025-11", 24))))
    newer = written(tmp_path, "b.csv", borough_csv(months_to("2025-11", 24), newest=44))
    assert imported(memory, newer, newer=True).outcome is Outcome.IMPORTED
    assert borough_figures(memory, "Camden", topic="burglary").topics[0].count_now == 44


def test_duplicate_files_under_two_names_are_counted_once_and_named(tmp_path: Path) -> None:
    text = borough_csv(months_to("2025-11", 24))
    memory = Memory()
    second = imported(memory, written(tmp_path, "a.csv", text), written(tmp_path, "b.csv", text))
    assert (second.outcome, second.reason) == (Outcome.KNOWN, "the same bytes as a.csv")
    assert borough_figures(memory, "Camden", topic="burglary").topics[0].count_now == 40


def test_importing_again_changes_nothing(tmp_path: Path) -> None:
    memory = Memory()
    path = written(tmp_path, "a.csv", borough_csv(months_to("2025-11", 24)))
    imported(memory, path)
    before = dict(memory.kept)
    assert imported(memory, path).outcome is Outcome.KNOWN
    assert memory.kept == before


def test_what_a_newer_publication_changed_is_recorded_month_by_month(tmp_path: Path) -> None:
    memory = Memory()
    imported(memory, written(tmp_path, "old.csv", borough_csv(months_to("2025-10", 24), count=40, newest=10)))
    imported(memory, written(tmp_path, "new.csv", borough_csv(months_to("2025-11", 24), count=40)))
    found = vintages(memory)
    assert [each.revision.month for each in found] == months_to("2025-10", 23)
    newest = found[-1].revision
    assert (newest.total_other, newest.total, newest.changed, newest.cells) == (320, 1280, 32, 32)
    assert all(each.stands for each in found)
    assert {each.revision.changed for each in found[:-1]} == {0}


def test_an_older_publication_that_comes_later_is_recorded_and_does_not_stand(tmp_path: Path) -> None:
    memory = Memory()
    imported(memory, written(tmp_path, "new.csv", borough_csv(months_to("2025-11", 24))))
    imported(memory, written(tmp_path, "old.csv", borough_csv(months_to("2025-10", 24), newest=10)))
    assert {each.stands for each in vintages(memory)} == {False}
    assert borough_figures(memory, "Camden", month="2025-10", topic="burglary").topics[0].count_now == 40


def test_a_file_of_past_years_is_as_new_as_the_recent_file_it_was_published_with(tmp_path: Path) -> None:
    memory = Memory()
    imported(
        memory,
        written(tmp_path, "recent one.csv", borough_csv(months_to("2025-06", 24), count=10)),
        written(tmp_path, "past two.csv", borough_csv(months_to("2023-08", 30), count=20)),
        written(tmp_path, "recent two.csv", borough_csv(months_to("2025-08", 24), count=30)),
    )
    voices = panel_of(memory).voices["burglary"]
    assert [voices[month].file_name for month in ("2023-07", "2023-08", "2023-09", "2025-06")] == [
        "past two.csv",
        "past two.csv",
        "recent two.csv",
        "recent two.csv",
    ]


def test_a_month_without_a_file_is_named(tmp_path: Path) -> None:
    def a_month(month: str) -> Path:
        return written(tmp_path, f"{month}-metropolitan-street.csv", street_csv(street_line(month=month)))

    report = imported(Memory(), a_month("2024-01"), a_month("2024-02"), a_month("2024-04"))
    assert "No file has 2024-03: the series is broken there." in report.warnings


def test_wards_are_told_apart_by_code_and_are_in_no_figure(tmp_path: Path) -> None:
    memory = Memory()
    report = imported(memory, written(tmp_path, "ward.csv", WARDS))
    assert "Names repeat, Kilburn for one: areas are told apart by code." in report.warnings
    found = areas_of(memory, "Camden", "home_burglary", level="ward", month="2025-01")
    assert [(each.code, each.count) for each in found] == [("E05000003", 9), ("E05000001", 4)]
    with pytest.raises(NoFigures):
        panel_of(memory)


def test_lsoas_are_read_in_their_own_headers_and_a_missing_level_is_said(tmp_path: Path) -> None:
    memory = Memory()
    imported(memory, written(tmp_path, "lsoa.csv", LSOAS))
    (area,) = areas_of(memory, "Camden", "burglary", level="lsoa")
    assert (area.code, area.count) == ("E01000842", 3)
    with pytest.raises(NoFigures, match="No file by ward"):
        areas_of(memory, "Camden", "burglary", level="ward")


def test_a_topic_that_a_publication_leaves_out_is_refused_and_one_that_did_not_happen_is_nought(
    tmp_path: Path,
) -> None:
    memory = Memory()
    imported(memory, written(tmp_path, "ward.csv", WARDS), written(tmp_path, "lsoa.csv", LSOAS))
    with pytest.raises(NoFigures, match=r"lsoa\.csv leaves sexual offences out: .* no count of it by lsoa"):
        areas_of(memory, "Camden", "sexual_offences", level="lsoa")
    with pytest.raises(NoFigures, match=r"ward\.csv leaves anti-social behaviour out"):
        areas_of(memory, "Camden", "anti_social_behaviour", level="ward")
    assert [each.count for each in areas_of(memory, "Brent", "sexual_offences", level="ward")] == [0]


def counted(memory: Memory) -> Sequence[int]:
    return [each.count_now for each in borough_figures(memory, "Camden", month="2025-11").topics]


def test_parquet_says_what_the_same_table_says_as_csv(tmp_path: Path) -> None:
    text = borough_csv(months_to("2025-11", 24))
    plain, packed = Memory(), Memory()
    imported(plain, written(tmp_path, "a.csv", text))
    pl.read_csv(text.encode()).write_parquet(tmp_path / "a.parquet")
    assert imported(packed, tmp_path / "a.parquet").outcome is Outcome.IMPORTED
    assert counted(packed) == counted(plain)


def test_a_parquet_file_with_a_fraction_or_cut_short_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    table = pl.read_csv(borough_csv(months_to("2025-11", 24)).encode())
    table.with_columns(pl.col("202511") + 0.5).write_parquet(path)
    assert "has “40.5” in column 202511" in imported(Memory(), path).reason
    path.write_bytes(path.read_bytes()[:-100])
    assert "is a damaged Parquet file" in imported(Memory(), path).reason
