"""How long a whole import takes, beside engines that do nothing but the group-by.

A made archive of 36 months of 95,000 crimes in the street format, and a 37th month. Engage reads every file,
hashes it, checks it, drops repeated Crime IDs, counts rejected rows by reason and writes to PostgreSQL; polars,
DuckDB, pandas and csv.reader only count by LSOA, crime type and month. Each run is a process of its own, timed
after its imports. Every file is in the page cache before the first run. The engines take turns, round by round,
and the median of the rounds counts; the two slow ones run once. The peak is the most memory that a process
held in any round; none of them starts another, and the database server is not counted.

Goals: at most 1.5 times polars, at most 300 MB, a new month within 0.15 of the first import. "A month more" is its
file given to an import of its own; "all with it" is the whole folder given again with the new month in it.

    python3 dev.py bench import [--json] [--months 36] [--rows 95000]
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import polars as pl
import psycopg
from sqlalchemy.engine import make_url

from benchmarks._groupby import peak_mb
from engage.crime.importing import Outcome, import_paths
from engage.crime.months import later
from engage.crime.sources.street import FORCE, HEADER
from engage.crime.topics import STREET_SINCE
from engage.posts.places import BOROUGHS
from engage.store.base import open_database
from engage.store.schema import migrate
from engage.store.unit import transaction

FIRST = "2022-10"
AREAS = 4_988
REPEATED = 0.006
ROUNDS = 3
RIVALS = ("polars", "duckdb")
SLOW_RIVALS = ("pandas", "csv.reader")
GOALS = {"times_polars": 1.5, "peak_mb": 300.0, "month_part": 0.15, "whole_part": 0.15}
GROUP_BY = Path(__file__).with_name("_groupby.py")


@dataclass(frozen=True, slots=True)
class Run:
    """One process: its seconds and the most memory it held."""

    seconds: float
    peak_mb: float


def write_month(folder: Path, month: str, rows: int, rng: np.random.Generator) -> None:
    """One street file: a third without a Crime ID, a few repeated, a few without a place."""
    blob = rng.bytes(32 * rows).hex()
    ids = np.array([blob[at * 64 : at * 64 + 64] for at in range(rows)], dtype=object)
    ids[rng.random(rows) < 1 / 3] = None
    again = np.flatnonzero(rng.random(rows) < REPEATED)
    ids[again] = ids[np.maximum(again - 1, 0)]
    areas = rng.integers(0, AREAS, rows)
    names = [f"{BOROUGHS[at % 32].name} {at // 160 + 1:03d}{'ABCDE'[at // 32 % 5]}" for at in range(AREAS)]
    kinds = np.array(list(STREET_SINCE))[rng.integers(0, len(STREET_SINCE), rows)]
    nowhere = pl.Series(rng.random(rows) < 0.03)
    table = pl.DataFrame(
        {
            "Crime ID": pl.Series(ids.tolist(), dtype=pl.String),
            "Month": [month] * rows,
            "Reported by": [FORCE] * rows,
            "Falls within": [FORCE] * rows,
            "Longitude": pl.Series(rng.uniform(-0.5, 0.3, rows)).round(6),
            "Latitude": pl.Series(rng.uniform(51.3, 51.7, rows)).round(6),
            "Location": [f"On or near Street {at}" for at in areas],
            "LSOA code": [f"E0103{at:04d}" for at in areas],
            "LSOA name": [names[at] for at in areas],
            "Crime type": kinds,
            "Last outcome category": ["Investigation complete; no suspect identified"] * rows,
            "Context": pl.Series([None] * rows, dtype=pl.String),
        }
    )
    empty = [
        pl.when(~nowhere).then(name).alias(name)
        for name in ("Longitude", "Latitude", "LSOA code", "LSOA name")
    ]
    (folder / month).mkdir(parents=True)
    table.with_columns(empty).select(HEADER).write_csv(folder / month / f"{month}-metropolitan-street.csv")


@contextmanager
def database() -> Iterator[str]:
    """A new database on the server, dropped at the end."""
    server = make_url(os.environ["DATABASE_URL"]).set(drivername="postgresql")
    name = f"engage_bench_{uuid4().hex[:12]}"
    with psycopg.connect(server.render_as_string(hide_password=False), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
        url = server.set(database=name).render_as_string(hide_password=False)
        try:
            migrate(url)
            yield url
        finally:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def child(command: Sequence[str | Path], **env: str) -> dict[str, Any]:
    """What a process of its own says on its last line."""
    done = subprocess.run(command, env={**os.environ, **env}, check=True, capture_output=True, text=True)
    said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return said


def import_once(folder: Path) -> dict[str, Any]:
    """Import a folder as `engage import` does; the seconds, the peak and how each file fared."""
    engine = open_database(os.environ["DATABASE_URL"])
    start = time.perf_counter()
    with transaction(engine) as unit:
        reports = import_paths(unit, [folder])
    seconds = time.perf_counter() - start
    return {
        "seconds": seconds,
        "peak_mb": peak_mb(),
        "imported": sum(each.outcome is Outcome.IMPORTED for each in reports),
        "known": sum(each.outcome is Outcome.KNOWN for each in reports),
    }


def imported(url: str, folder: Path, *, new: int, known: int) -> Run:
    """One import in a process of its own, which must find so many new and so many known files."""
    said = child([sys.executable, "-m", "benchmarks.import", "--once", str(folder)], DATABASE_URL=url)
    assert (said["imported"], said["known"]) == (new, known), said
    return Run(said["seconds"], said["peak_mb"])


def rival(engine: str, folder: Path) -> Run:
    """One engine's group-by in a process of its own."""
    said = child([os.environ["RIVALS_PYTHON"], GROUP_BY, engine, folder])
    return Run(said["seconds"], said["peak_mb"])


def median(runs: Sequence[Run]) -> Run:
    """The median time, and the most memory of any."""
    return Run(statistics.median(run.seconds for run in runs), max(run.peak_mb for run in runs))


def measure(months: int, rows: int) -> dict[str, Run]:
    """Every run: the rivals, the first import, the same again, and one month more."""
    rng = np.random.default_rng(1)
    runs: defaultdict[str, list[Run]] = defaultdict(list)
    with tempfile.TemporaryDirectory(prefix="engage-import-") as home:
        folder = Path(home)
        for at in range(months):
            write_month(folder, later(FIRST, at), rows, rng)
        _settle(folder)
        for _ in range(ROUNDS):
            for name in RIVALS:
                runs[name].append(rival(name, folder))
            with database() as url:
                runs["engage"].append(imported(url, folder, new=months, known=0))
        for name in SLOW_RIVALS:
            runs[name].append(rival(name, folder))
        newest = later(FIRST, months)
        write_month(folder, newest, rows, rng)
        _settle(folder)
        with database() as url:
            imported(url, folder, new=months + 1, known=0)
            for _ in range(ROUNDS):
                runs["engage, unchanged"].append(imported(url, folder, new=0, known=months + 1))
                _forget(url, newest)
                runs["engage, all with it"].append(imported(url, folder, new=1, known=months))
                _forget(url, newest)
                runs["engage, a month more"].append(imported(url, folder / newest, new=1, known=0))
    return {name: median(each) for name, each in runs.items()}


def _settle(folder: Path) -> None:
    """Have every file on the disk and in the page cache, so that no run pays for writing it or reads it first."""
    os.sync()
    for path in folder.rglob("*.csv"):
        path.read_bytes()


def _forget(url: str, month: str) -> None:
    """Take a month out of the database again."""
    with psycopg.connect(url) as connection:
        connection.execute("DELETE FROM import_file WHERE %s = ANY(months)", (month,))


def main(arguments: Sequence[str]) -> int:
    """Print every run and every goal; 1 where one is missed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of lines")
    parser.add_argument("--months", type=int, default=36)
    parser.add_argument("--rows", type=int, default=95_000, help="crimes a month")
    parser.add_argument("--once", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args(arguments)
    if asked.once:
        print(json.dumps(import_once(asked.once)))
        return 0
    if "RIVALS_PYTHON" not in os.environ:
        print("RIVALS_PYTHON is not set: run `python3 dev.py bench import`.", file=sys.stderr)
        return 2
    runs = measure(asked.months, asked.rows)
    ours = runs["engage"]
    figures = {
        "times_polars": ours.seconds / runs["polars"].seconds,
        "peak_mb": max(run.peak_mb for name, run in runs.items() if name.startswith("engage")),
        "month_part": runs["engage, a month more"].seconds / ours.seconds,
        "whole_part": runs["engage, all with it"].seconds / ours.seconds,
    }
    holds = all(figures[name] <= goal for name, goal in GOALS.items())
    if asked.json:
        told = {
            name: {"figure": figures[name], "goal": goal, "holds": figures[name] <= goal}
            for name, goal in GOALS.items()
        }
        details = {name: {"seconds": run.seconds, "peak_mb": run.peak_mb} for name, run in runs.items()}
        print(json.dumps({"benchmark": "import", "figures": told, "details": details, "holds": holds}))
        return 0 if holds else 1
    for name, run in runs.items():
        print(
            f"{name:22} {run.seconds:8.2f} s {run.peak_mb:8.0f} MB {run.seconds / runs['polars'].seconds:6.2f} times polars"
        )
    for name, goal in GOALS.items():
        print(
            f"{name:22} {figures[name]:8.2f}   goal at most {goal}   {'holds' if figures[name] <= goal else 'missed'}"
        )
    print(
        f"import: {figures['times_polars']:.2f} times polars, goal 1.5, all goals {'hold' if holds else 'not met'}"
    )
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
