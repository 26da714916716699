"""The rivals' side of `import`: only the group-by, in the environment that has them.

Prints {"seconds", "peak_mb", "groups"}: crimes by LSOA name, crime type and month, without a check, a
provenance, a Crime ID that came before or a database.
"""

import csv
import json
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

KEYS = ("LSOA name", "Crime type", "Month")


def by_polars(files: Sequence[Path]) -> int:
    """The streaming engine."""
    import polars as pl  # noqa: PLC0415 - each run pays for its own engine only

    started.append(time.perf_counter())
    lines = pl.scan_csv(list(files), infer_schema=False)
    return lines.group_by(KEYS).len().collect(engine="streaming").height


def by_duckdb(files: Sequence[Path]) -> int:
    """All columns as text, as the files are."""
    import duckdb  # noqa: PLC0415

    started.append(time.perf_counter())
    keys = ", ".join(f'"{key}"' for key in KEYS)
    names = [str(path) for path in files]
    asked = f"SELECT {keys}, count(*) FROM read_csv(?, all_varchar=true) GROUP BY ALL"  # noqa: S608 - our own keys
    lines = duckdb.execute(asked, [names])
    return len(lines.fetchall())


def by_pandas(files: Sequence[Path]) -> int:
    """A file at a time, the three columns only."""
    import pandas as pd  # noqa: PLC0415

    started.append(time.perf_counter())
    parts = [
        pd.read_csv(path, usecols=list(KEYS), dtype=str).groupby(list(KEYS), dropna=False).size()
        for path in files
    ]
    return len(pd.concat(parts).groupby(level=list(KEYS), dropna=False).sum())


def by_csv(files: Sequence[Path]) -> int:
    """The standard library's reader."""
    started.append(time.perf_counter())
    counts: Counter[tuple[str, ...]] = Counter()
    for path in files:
        with path.open(newline="") as file:
            lines = csv.reader(file)
            header = next(lines)
            places = [header.index(key) for key in KEYS]
            counts.update(tuple(line[place] for place in places) for line in lines)
    return len(counts)


ENGINES: Mapping[str, Callable[[Sequence[Path]], int]] = {
    "polars": by_polars,
    "duckdb": by_duckdb,
    "pandas": by_pandas,
    "csv.reader": by_csv,
}
started: list[float] = []


def peak_mb() -> float:
    """The most memory this process has held since it began, in megabytes.

    `ru_maxrss` is not that on Linux: a process begins with the peak of the one that started it.
    """
    status = Path("/proc/self/status")
    if status.exists():
        line = next(each for each in status.read_text().splitlines() if each.startswith("VmHWM:"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20)


def main() -> None:
    """One engine over one folder."""
    engine, folder = sys.argv[1:]
    groups = ENGINES[engine](sorted(Path(folder).rglob("*.csv")))
    seconds = time.perf_counter() - started[0]
    print(json.dumps({"seconds": seconds, "peak_mb": peak_mb(), "groups": groups}))


if __name__ == "__main__":
    main()
