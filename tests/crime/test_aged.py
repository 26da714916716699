"""A figure has aged once a newer publication speaks; the reason names the figure and both files."""

from dataclasses import replace

import pytest

from engage.crime.aged import aged, newer
from engage.crime.records import Dataset, ImportedFile
from engage.posts.evidence import Evidence, FileSource, StatedSource


def a_file(last: str, *, first: str = "2025-01", **changes: object) -> ImportedFile:
    year = int(last[:4])
    months = tuple(f"{y}-{m:02}" for y in (year - 1, year) for m in range(1, 13))
    made = ImportedFile(
        sha256=last * 8,
        file_name=f"mps {last}.csv",
        dataset=Dataset.MPS_BOROUGH,
        publisher="Metropolitan Police Service",
        as_of=f"{last}-30",
        months=tuple(each for each in months if first <= each <= last),
        rows_read=1,
        rows_kept=1,
        rejected={},
    )
    return replace(made, **changes)  # type: ignore[arg-type]


OCTOBER, NOVEMBER = a_file("2026-10"), a_file("2026-11")


def count(file: ImportedFile, month: str, *, value: str = "388", synthetic: bool = False) -> Evidence:
    source = FileSource(
        dataset=file.dataset.value,
        publisher=file.publisher,
        file_name=file.file_name,
        file_sha256=file.sha256,
        licence="OGL",
        filter={"borough": "Camden", "topic": "home_burglary"},
        period=month,
        rows=1,
        as_of=file.as_of,
        synthetic=synthetic,
    )
    return Evidence(field="count_now", value=value, number=float(value), source=source, label="home burglary")


def test_the_newest_figures_there_are_have_not_aged() -> None:
    figures = [count(OCTOBER, "2026-10"), count(a_file("2025-10", first="2024-11"), "2025-10")]
    assert aged(figures, [a_file("2025-10", first="2024-11"), OCTOBER]) == ""


def test_a_newer_publication_ages_a_figure_and_the_reason_names_it() -> None:
    assert aged([count(OCTOBER, "2026-10")], [OCTOBER, NOVEMBER]) == (
        "Its figures have aged: “388” (home burglary, October 2026) is from mps 2026-10.csv "
        "as of 30 October 2026, and mps 2026-11.csv as of 30 November 2026 is newer."
    )


def test_a_figure_that_was_published_anew_for_its_own_month_has_aged_too() -> None:
    again = replace(OCTOBER, sha256="a" * 56, file_name="mps 2026-10 revised.csv")
    assert newer(_source(OCTOBER), [OCTOBER, again]) == again


@pytest.mark.parametrize("figures", [[], [Evidence(field="place", value="x", source=StatedSource(stated_by="pc", stated_at=""))]])  # fmt: skip
def test_words_without_figures_do_not_age(figures: list[Evidence]) -> None:
    assert aged(figures, [OCTOBER, NOVEMBER]) == ""


def test_made_up_figures_are_not_aged_by_real_ones_nor_by_another_publication() -> None:
    real_only = replace(_source(OCTOBER), synthetic=True)
    assert newer(real_only, [NOVEMBER]) is None
    street = a_file("2026-11", dataset=Dataset.STREET)
    assert newer(_source(OCTOBER), [OCTOBER, street]) is None


def _source(file: ImportedFile) -> FileSource:
    source = count(file, "2026-10").source
    assert isinstance(source, FileSource)
    return source
