"""The commands as an operator types them."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine

from engage.cli import engage
from engage.wiring import open_engage
from tests.crime.files import borough_csv, months_to, written


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
    count = next(each for each in topic["evidence"] if each["field"] == "count_now")
    traced = typed.json("trace", count["id"])
    assert sum(row["count"] for row in traced["rows"]) == topic["count_now"]
    ahead = typed.json("forecast", "--borough", "Camden", "--topic", "robbery")
    assert [each["month"] for each in ahead["months"]] == ["2026-10", "2026-11", "2026-12"]
    measured = typed.json("forecast", "accuracy", "--topic", "robbery")
    assert measured[0]["topic"] == "robbery"
    suggested = typed.json("suggest", "--most", "6")
    assert 0 < len(suggested["suggestions"]) <= 6
    assert all(each["reasons"] for each in suggested["suggestions"])
    assert len(suggested["balance"]["words"]) == 3


def test_a_refused_file_ends_with_two_and_the_good_one_is_kept(typed: Typing, tmp_path: Path) -> None:
    good = written(tmp_path, "good.csv", borough_csv(months_to("2025-11", 24)))
    bad = written(tmp_path, "bad.csv", borough_csv(months_to("2025-11", 24)).replace(",40", ",-1", 1))
    run = typed.run("import", str(good), str(bad))
    assert run.exit_code == 2
    assert f"{bad}, line 2: has “-1” in column 202312" in run.stderr
    assert typed.json("import", str(good))[0]["outcome"] == "already imported"
    assert typed.run("forecast", "--borough", "Camden").exit_code == 2
