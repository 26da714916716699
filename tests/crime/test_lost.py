"""A file that lost rows is refused where the months next to it show that it did."""

from collections.abc import Sequence
from itertools import permutations
from pathlib import Path

import pytest

from engage.crime.importing import FileReport, Outcome, import_paths
from engage.crime.reading import BadFile
from engage.crime.sources import read
from engage.posts.places import BOROUGHS
from tests.crime.files import TODAY, Memory, borough_csv, months_to, street_csv, street_line, written

NAMES = [each.name for each in BOROUGHS]


def street(month: str, names: Sequence[str] = NAMES, *, many: int = 100, last: int | None = None) -> str:
    """A month with as many burglaries in every borough, but for the last."""
    counts = dict.fromkeys(names, many)
    counts[names[-1]] = many if last is None else last
    return street_csv(
        *(
            street_line(month=month, place=f"{name} 001A")
            for name, count in counts.items()
            for _ in range(count)
        )
    )


def second(folder: Path, first: str, other: str, *, newer: bool = False) -> FileReport:
    paths = [written(folder, "a.csv", first), written(folder, "b.csv", other)]
    return import_paths(Memory(), paths, today=TODAY, newer=newer)[1]


def test_a_street_file_that_stops_between_boroughs_is_refused_by_itself(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="line 2001: ends in Kingston upon Thames, with no crime in Lambeth"):
        read(written(tmp_path, "a.csv", street("2024-01", NAMES[:20])), today=TODAY)


def test_a_street_file_of_one_borough_is_an_extract(tmp_path: Path) -> None:
    assert not read(written(tmp_path, "a.csv", street("2024-01", NAMES[:1])), today=TODAY).file.whole


@pytest.mark.parametrize("months", [("2024-01", "2024-02"), ("2024-02", "2024-01")])
@pytest.mark.parametrize(
    ("other", "reason"),
    [
        ({"names": NAMES[1:]}, "has 0 crimes in Barking and Dagenham, and a.csv has 100: rows are missing"),
        ({"last": 19}, "has 19 crimes in Westminster, and a.csv has 100: rows are missing"),
    ],
)
def test_a_street_file_without_the_crimes_of_a_borough_that_the_next_month_has_is_refused(
    tmp_path: Path, months: tuple[str, str], other: dict[str, object], reason: str
) -> None:
    report = second(tmp_path, street(months[0]), street(months[1], **other))  # type: ignore[arg-type]
    assert report.outcome is Outcome.REFUSED
    assert reason in report.reason
    assert "import it with --newer" in report.reason


def test_a_month_with_fewer_crimes_everywhere_is_no_file_that_lost_rows(tmp_path: Path) -> None:
    assert second(tmp_path, street("2024-01"), street("2024-02", many=21)).outcome is Outcome.IMPORTED


def test_a_street_file_of_one_type_is_held_against_that_type_alone(tmp_path: Path) -> None:
    both = street("2024-01") + street("2024-01", many=900).replace("Burglary", "Robbery").partition("\n")[2]
    assert second(tmp_path, both, street("2024-02")).outcome is Outcome.IMPORTED


def theft(last: str, *minors: str) -> str:
    header, *_ = borough_csv(months_to(last, 24)).splitlines(keepends=True)
    files = [borough_csv(months_to(last, 24), major="THEFT", minor=minor) for minor in minors]
    return header + "".join(each.partition("\n")[2] for each in files)


BEFORE = theft("2023-11", "SHOPLIFTING", "BICYCLE THEFT")


@pytest.mark.parametrize("minors", [("SHOPLIFTING",), ("SHOPLIFTING", "BICYCEL THEFT")])
def test_a_category_that_vanished_or_was_misspelt_is_refused(tmp_path: Path, minors: Sequence[str]) -> None:
    report = second(tmp_path, BEFORE, theft("2025-11", *minors))
    assert report.outcome is Outcome.REFUSED
    assert "has no row for bicycle theft in Barking and Dagenham, where a.csv has 120" in report.reason


def test_a_person_may_vouch_for_a_file_without_a_category(tmp_path: Path) -> None:
    report = second(tmp_path, BEFORE, theft("2025-11", "SHOPLIFTING"), newer=True)
    assert report.outcome is Outcome.IMPORTED


def test_a_group_that_was_redrawn_under_known_names_is_not_lost(tmp_path: Path) -> None:
    report = second(tmp_path, BEFORE, theft("2025-11", "SHOPLIFTING", "OTHER THEFT"))
    assert report.outcome is Outcome.IMPORTED


def test_a_file_of_another_group_alone_has_lost_nothing(tmp_path: Path) -> None:
    assert second(tmp_path, BEFORE, borough_csv(months_to("2025-11", 24))).outcome is Outcome.IMPORTED


@pytest.mark.real_data
def test_no_real_file_is_taken_for_one_that_lost_rows_in_whatever_order(real_data: Path) -> None:
    boroughs = [*real_data.glob("mps/**/*.csv"), *real_data.glob("parquet/*borough*")]
    streets = sorted(real_data.glob("street/*.csv"))
    for order in (*permutations(boroughs, 2), streets, streets[::-1]):
        reports = import_paths(Memory(), order, today=TODAY)
        assert {each.outcome for each in reports} == {Outcome.IMPORTED}


@pytest.mark.real_data
def test_a_real_street_file_cut_off_at_the_end_of_a_line_is_refused(tmp_path: Path, real_data: Path) -> None:
    lines = (real_data / "street" / "2024-07-metropolitan-street.csv").read_text().splitlines(keepends=True)
    cut = written(tmp_path, "2024-07-metropolitan-street.csv", "".join(lines[:2500]))
    with pytest.raises(BadFile, match="it is cut short"):
        read(cut, today=TODAY)
    almost = written(tmp_path, "2024-07-metropolitan-street.csv", "".join(lines[:-280]))
    reports = import_paths(
        Memory(), [real_data / "street" / "2024-08-metropolitan-street.csv", almost], today=TODAY
    )
    assert "crimes in Westminster, and 2024-08-metropolitan-street.csv has 245" in reports[1].reason
