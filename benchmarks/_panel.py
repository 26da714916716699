"""The real borough files as a panel, for benchmarks: read as an import reads them, without a database."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from engage.crime.reading import Reading
from engage.crime.records import CountRow, ImportedFile, Residents
from engage.crime.series import Panel, panel_of
from engage.crime.sources import read


class Read:
    """Readings as a crime reader."""

    def __init__(self, readings: Sequence[Reading]) -> None:
        self._readings = {each.file.sha256: each for each in readings}

    def files(self) -> Sequence[ImportedFile]:
        """Every file read."""
        return [each.file for each in self._readings.values()]

    def rows(self, sha256: str) -> Sequence[CountRow]:
        """The rows of one file."""
        return self._readings[sha256].rows

    def population(self) -> Sequence[Residents]:
        """None: benchmarks need no rates."""
        return ()


def real_panel(data: Path) -> Panel:
    """The Met's borough counts of a folder of real data: the newest vintage there is, else the CSV files.

    Raises OSError where there are none.
    """
    with TemporaryDirectory() as folder:
        newest = sorted((data / "parquet").glob("recorded-crime-borough*.parquet"))
        return _panel(
            [_as_csv(path, Path(folder)) for path in newest] or sorted((data / "mps").glob("*.csv")), data
        )


def vintages(data: Path) -> Sequence[Panel]:
    """Every publication of a folder of real data by itself. Raises OSError where there are none."""
    older = [sorted((data / folder).glob("*.csv")) for folder in ("mps/2023-headers", "mps")]
    return [*(_panel(files, data) for files in older if files), real_panel(data)]


def _panel(files: Sequence[Path], data: Path) -> Panel:
    if not files:
        raise FileNotFoundError(2, "holds no borough files; set ENGAGE_REAL_DATA", str(data))
    return panel_of(Read([read(path, today=date.max) for path in files]))


def _as_csv(path: Path, folder: Path) -> Path:
    """A Parquet file as the CSV it was published as."""
    text = folder / f"{path.stem}.csv"
    pl.read_parquet(path).write_csv(text)
    return text
