"""Imported figures in the database: kept once, whole or not at all."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from engage.crime.figures import borough_figures
from engage.crime.importing import FileReport, Outcome, import_paths
from engage.crime.samples import write_samples
from engage.crime.vintages import vintages
from engage.posts.errors import Unavailable
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


FULL = """
CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full';
END $$;
CREATE TRIGGER no_room BEFORE INSERT ON crime_count FOR EACH ROW WHEN (NEW.line > 500) EXECUTE FUNCTION no_room();
"""


def test_a_full_disk_is_one_clear_message_and_leaves_the_data_as_it_was(
    engine: Engine, samples: list[Path]
) -> None:
    imported(engine, samples[2:])
    with Session(engine) as session:
        before = [file.sha256 for file in CrimeStore(session).files()]
    with engine.begin() as connection:
        connection.execute(text(FULL))
    try:
        with pytest.raises(Unavailable, match="disk is full; nothing was changed"):
            imported(engine, samples)
    finally:
        with engine.begin() as connection:
            connection.execute(text("DROP FUNCTION no_room CASCADE"))
    with Session(engine) as session:
        assert [file.sha256 for file in CrimeStore(session).files()] == before


def test_wards_are_kept_and_come_back_by_borough(engine: Engine, tmp_path: Path) -> None:
    ward = tmp_path / "ward.csv"
    ward.write_text(
        "MajorText,MinorText,WardName,WardCode,LookUp_BoroughName,202501\n"
        "THEFT,SHOPLIFTING,Abbey,E05000001,Camden,4\n"
        "THEFT,SHOPLIFTING,Abbey,E05000002,Merton,7\n"
    )
    imported(engine, [ward])
    with Session(engine) as session:
        store = CrimeStore(session)
        (file,) = store.files()
        (row,) = store.areas(file.sha256, borough="Merton")
        assert (row.code, row.name, row.counts, store.rows(file.sha256)) == ("E05000002", "Abbey", (7,), [])


def test_what_a_newer_publication_changed_is_kept_with_it(engine: Engine, tmp_path: Path) -> None:
    older, newer = tmp_path / "older.csv", tmp_path / "newer.csv"
    older.write_text("MajorText,MinorText,BoroughName,202501\nTHEFT,SHOPLIFTING,Camden,4\n")
    newer.write_text("MajorText,MinorText,BoroughName,202501,202502\nTHEFT,SHOPLIFTING,Camden,6,5\n")
    (report,) = imported(engine, [older]) and imported(engine, [newer])
    with Session(engine) as session:
        assert CrimeStore(session).files()[1] == report.file
        (vintage,) = vintages(CrimeStore(session))
    assert (vintage.revision.total_other, vintage.revision.total, vintage.stands) == (4, 6, True)


def test_an_import_that_fails_half_way_keeps_nothing(engine: Engine, samples: list[Path]) -> None:
    def stop(done: int, _total: int, _name: str) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), transaction(engine) as unit:
        import_paths(unit, samples, progress=stop)
    with Session(engine) as session:
        assert CrimeStore(session).files() == []
