"""The commands as an operator types them."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine

from engage.cli import engage
from engage.crime.records import ATTRIBUTION
from engage.wiring import open_engage
from tests.crime.files import WARDS, borough_csv, months_to, street_csv, street_line, written


class Typing:
    """A person at a terminal, whose commands go to the test database."""

    def __init__(self, url: str) -> None:
        self._runner = CliRunner(env={"DATABASE_URL": url, "COLUMNS": "300"})

    def run(self, *words: str) -> Result:
        return self._runner.invoke(engage, list(words))

    def json(self, *words: str) -> Any:
        ran = self.run(*words, "--json")
        assert ran.exit_code == 0, ran.stderr
        return json.loads(ran.stdout)


@pytest.fixture
def typed(engine: Engine, database_url: str) -> Iterator[Typing]:
    """Commands on an empty database."""
    assert engine
    open_engage.cache_clear()
    yield Typing(database_url)
    open_engage().engine.dispose()
    open_engage.cache_clear()


def test_figures_go_in_and_come_out_with_where_they_are_from(typed: Typing, samples: list[Path]) -> None:
    imported = typed.json("import", str(samples[0].parent))
    assert {each["outcome"] for each in imported} == {"imported"}
    (topic,) = typed.json("summary", "--borough", "camden", "--topic", "robbery")["topics"]
    traced = typed.json("trace", count_id(topic))
    assert sum(row["count"] for row in traced["rows"]) == topic["count_now"]
    ahead = typed.json("forecast", "--borough", "Camden", "--topic", "robbery")
    assert [each["month"] for each in ahead["months"]] == ["2026-10", "2026-11", "2026-12"]
    measured = typed.json("forecast", "accuracy", "--topic", "robbery")
    assert measured[0]["topic"] == "robbery"
    suggested = typed.json("suggest", "--most", "6")
    assert 0 < len(suggested["suggestions"]) <= 6
    assert all(each["reasons"] for each in suggested["suggestions"])
    assert len(suggested["balance"]["words"]) == 3


@pytest.mark.parametrize("shown", ["text", "json"])
def test_the_licence_stands_wherever_figures_are(
    typed: Typing, samples: list[Path], tmp_path: Path, shown: str
) -> None:
    wards = written(tmp_path, "ward.csv", WARDS)
    older = written(tmp_path, "older.csv", borough_csv(months_to("2024-10", 24)))
    newer = written(tmp_path, "newer.csv", borough_csv(months_to("2025-11", 36)))
    weather = next(path for path in samples if "weather" in path.name)
    typed.json("import", *map(str, (wards, older, newer, weather)))
    (topic,) = typed.json("summary", "--borough", "camden", "--topic", "burglary")["topics"]
    more = ["--json"] if shown == "json" else []
    for words in (
        "summary --borough Camden",
        "forecast --borough Camden --topic burglary",
        "forecast --borough London --topic burglary",
        "forecast accuracy",
        "suggest",
        f"trace {count_id(topic)}",
        "figures vintages",
        "figures areas --borough Camden --topic burglary",
    ):
        ran = typed.run(*words.split(), *more)
        assert (ran.exit_code, ATTRIBUTION in ran.stdout) == (0, True), words
    listed = typed.run("figures", "files", *more).stdout
    assert "European Climate Assessment & Dataset" in listed
    assert "free for non-commercial research and education" in listed


def test_suggestions_from_old_figures_say_first_that_they_are_old(typed: Typing, tmp_path: Path) -> None:
    typed.json("import", str(written(tmp_path, "a.csv", borough_csv(months_to("2025-11", 36)))))
    assert typed.run("suggest").stdout.startswith("The newest figures are of November 2025, ")
    assert typed.json("suggest")["aged"].startswith("The newest figures are of November 2025, ")


def a_month(folder: Path, month: str) -> str:
    return str(written(folder, f"{month}-metropolitan-street.csv", street_csv(street_line(month=month))))


def missing(reports: Sequence[Any]) -> list[list[str]]:
    return [[each for each in report["warnings"] if each.startswith("No file has")] for report in reports]


def test_a_month_missing_on_either_side_of_a_file_is_named_once_an_import_is_over(
    typed: Typing, tmp_path: Path
) -> None:
    typed.json("import", a_month(tmp_path, "2024-12"))
    july = typed.json("import", a_month(tmp_path, "2024-07"))
    assert missing(july) == [["No file has 2024-08..2024-11: the series is broken there."]]
    more = typed.json("import", *(a_month(tmp_path, f"2024-{month:02}") for month in (8, 9, 11)))
    assert missing(more) == [[], [], ["No file has 2024-10: the series is broken there."]]
    assert missing(typed.json("import", a_month(tmp_path, "2024-10"))) == [[]]


def test_an_import_says_which_publication_stands(typed: Typing, tmp_path: Path) -> None:
    def told(name: str, text: str) -> str:
        table = typed.run("import", str(written(tmp_path, name, text))).stdout
        return " ".join(table.replace("│", " ").split())

    told("first.csv", borough_csv(months_to("2025-10", 24)))
    newer = told("newer.csv", borough_csv(months_to("2025-11", 24)))
    assert "what stands now is from this file" in newer
    older = told("older.csv", borough_csv(months_to("2025-09", 24)))
    assert "what stands now is from first.csv and newer.csv" in older
    lacking = told("lacking.csv", borough_csv(months_to("2025-12", 24)).rpartition("BURGLARY,RES")[0])
    assert "what stands now is from newer.csv" in lacking


def count_id(topic: Any) -> str:
    return next(str(each["id"]) for each in topic["evidence"] if each["field"] == "count_now")


def test_a_refused_file_ends_with_two_and_the_good_one_is_kept(typed: Typing, tmp_path: Path) -> None:
    good = written(tmp_path, "good.csv", borough_csv(months_to("2025-11", 24)))
    bad = written(tmp_path, "bad.csv", borough_csv(months_to("2025-11", 24)).replace(",40", ",-1", 1))
    run = typed.run("import", str(good), str(bad))
    assert run.exit_code == 2
    assert f"{bad}, line 2: has “-1” in column 202312" in run.stderr
    assert typed.json("import", str(good))[0]["outcome"] == "already imported"
    assert typed.run("forecast", "--borough", "Camden").exit_code == 2
