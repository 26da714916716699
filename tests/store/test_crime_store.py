"""Imported figures in the database: kept once, whole or not at all."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from engage.crime.figures import borough_figures
from engage.crime.importing import FileReport, Outcome, import_paths
from engage.crime.samples import write_samples
from engage.store.crime import CrimeStore
from engage.store.unit import transaction


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return write_samples(tmp_path_factory.mktemp("samples"))


def imported(engine: Engine, paths: list[Path]) -> list[FileReport]:
    with transaction(engine) as unit:
        return import_paths(unit, paths)


def test_what_was_imported_comes_back_as_it_was(engine: Engine, samples: list[Path]) -> None:
    reports = imported(engine, samples)
    with Session(engine) as session:
        store = CrimeStore(session)
        assert store.files() == [each.file for each in reports]
        assert len(store.rows(store.files()[0].sha256)) == 26 * 32 + 1
        figures = borough_figures(store, "Camden", topic="theft_from_person")
    assert figures.synthetic
    assert figures.topics[0].unusual
    assert figures.topics[0].rate


def test_the_same_file_under_another_name_is_a_no_op(
    engine: Engine, samples: list[Path], tmp_path: Path
) -> None:
    imported(engine, samples)
    copy = tmp_path / "copy.csv"
    copy.write_bytes(samples[0].read_bytes())
    (report,) = imported(engine, [copy])
    assert report.outcome is Outcome.KNOWN
    with Session(engine) as session:
        assert len(CrimeStore(session).files()) == len(samples)


def test_two_imports_at_once_keep_every_file_once(engine: Engine, samples: list[Path]) -> None:
    with ThreadPoolExecutor(2) as pool:
        both = list(pool.map(lambda _: imported(engine, samples), range(2)))
    outcomes = sorted(each.outcome for reports in both for each in reports)
    assert outcomes == [Outcome.KNOWN] * len(samples) + [Outcome.IMPORTED] * len(samples)
    with Session(engine) as session:
        assert len(CrimeStore(session).files()) == len(samples)


def test_a_refused_file_leaves_the_data_as_it_was(engine: Engine, tmp_path: Path) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text("MajorText,MinorText,BoroughName,202501\nBURGLARY,HOME,Camden,-1\n")
    (report,) = imported(engine, [bad])
    assert report.outcome is Outcome.REFUSED
    with Session(engine) as session:
        assert CrimeStore(session).files() == []


def test_an_import_that_fails_half_way_keeps_nothing(engine: Engine, samples: list[Path]) -> None:
    def stop(done: int, _total: int, _name: str) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), transaction(engine) as unit:
        import_paths(unit, samples, progress=stop)
    with Session(engine) as session:
        assert CrimeStore(session).files() == []
