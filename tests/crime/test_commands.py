"""The commands as an operator types them."""

import json
import os
import subprocess
import sys
from pathlib import Path

from sqlalchemy import Engine

from tests.crime.files import borough_csv, months_to, written


def engage(url: str, *words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "engage", *words],
        env={**os.environ, "DATABASE_URL": url},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_figures_go_in_and_come_out_with_where_they_are_from(
    engine: Engine, database_url: str, samples: list[Path]
) -> None:
    assert engine
    imported = engage(database_url, "import", "--json", str(samples[0].parent))
    assert imported.returncode == 0
    assert {each["outcome"] for each in json.loads(imported.stdout)} == {"imported"}
    said = json.loads(
        engage(database_url, "summary", "--borough", "camden", "--topic", "robbery", "--json").stdout
    )
    (topic,) = said["topics"]
    count = next(each for each in topic["evidence"] if each["field"] == "count_now")
    traced = json.loads(engage(database_url, "trace", count["id"], "--json").stdout)
    assert sum(row["count"] for row in traced["rows"]) == topic["count_now"]
    ahead = json.loads(
        engage(database_url, "forecast", "--borough", "Camden", "--topic", "robbery", "--json").stdout
    )
    assert [each["month"] for each in ahead["months"]] == ["2026-10", "2026-11", "2026-12"]
    measured = json.loads(engage(database_url, "forecast", "accuracy", "--topic", "robbery", "--json").stdout)
    assert measured[0]["topic"] == "robbery"


def test_a_refused_file_ends_with_two_and_the_good_one_is_kept(
    engine: Engine, database_url: str, tmp_path: Path
) -> None:
    assert engine
    good = written(tmp_path, "good.csv", borough_csv(months_to("2025-11", 24)))
    bad = written(tmp_path, "bad.csv", borough_csv(months_to("2025-11", 24)).replace(",40", ",-1", 1))
    run = engage(database_url, "import", str(good), str(bad))
    assert run.returncode == 2
    assert f"{bad}, line 2: has “-1” in column 202312" in run.stderr
    again = json.loads(engage(database_url, "import", str(good), "--json").stdout)
    assert again[0]["outcome"] == "already imported"
    assert engage(database_url, "forecast", "--borough", "Camden").returncode == 2
