"""Crime figures in the database: the files that were imported, their rows, and the population."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar

import psycopg
from sqlalchemy import ARRAY, ForeignKey, Integer, String, func, select, text
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Mapped, Session, mapped_column

from engage.crime.records import AreaRow, CountRow, Dataset, ImportedFile, Residents, Revision
from engage.posts.clock import utc_now
from engage.store.base import Base

IMPORT_LOCK = 0x0C12_1E5
"""The advisory lock that lets one import after another write, never two at once."""
Row = TypeVar("Row")


class ImportFileRow(Base):
    """A file that was imported; its hash says whether it was seen before."""

    __tablename__ = "import_file"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    position: Mapped[int] = mapped_column(unique=True, comment="the order of import")
    file_name: Mapped[str]
    dataset: Mapped[str]
    publisher: Mapped[str]
    licence: Mapped[str]
    as_of: Mapped[str] = mapped_column(comment="ISO date: the vintage")
    months: Mapped[list[str]] = mapped_column(ARRAY(String(7)))
    rows_read: Mapped[int]
    rows_kept: Mapped[int]
    rejected: Mapped[dict[str, Any]]
    whole: Mapped[bool]
    synthetic: Mapped[bool]
    imported_at: Mapped[datetime]
    revisions: Mapped[list[dict[str, Any]]] = mapped_column(
        JSONB, server_default="[]", comment="how it differs from the files that spoke before it"
    )


class CrimeCountRow(Base):
    """One category in one borough, a number for each month of its file."""

    __tablename__ = "crime_count"

    sha256: Mapped[str] = mapped_column(
        ForeignKey("import_file.sha256", ondelete="CASCADE"), primary_key=True
    )
    line: Mapped[int] = mapped_column(primary_key=True)
    borough: Mapped[str]
    major: Mapped[str]
    minor: Mapped[str]
    counts: Mapped[list[int]] = mapped_column(ARRAY(Integer))
    rows: Mapped[int] = mapped_column(comment="how many lines of the file stand behind it")


class AreaCountRow(Base):
    """One category in one ward or LSOA: for planning inside the force, never read by a figure."""

    __tablename__ = "area_count"

    sha256: Mapped[str] = mapped_column(
        ForeignKey("import_file.sha256", ondelete="CASCADE"), primary_key=True
    )
    line: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str]
    name: Mapped[str]
    borough: Mapped[str]
    major: Mapped[str]
    minor: Mapped[str]
    counts: Mapped[list[int]] = mapped_column(ARRAY(Integer))


class PopulationRow(Base):
    """The people of a borough in a year."""

    __tablename__ = "population"

    sha256: Mapped[str] = mapped_column(
        ForeignKey("import_file.sha256", ondelete="CASCADE"), primary_key=True
    )
    borough: Mapped[str] = mapped_column(primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    people: Mapped[int]


class CrimeStore:
    """Imported figures, in the caller's transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._has_turn = False

    def files(self) -> Sequence[ImportedFile]:
        """Every imported file, the first imported first."""
        found = self._session.scalars(select(ImportFileRow).order_by(ImportFileRow.position))
        return [_file(row) for row in found]

    def rows(self, sha256: str) -> Sequence[CountRow]:
        """The rows of one file, in its order."""
        table = CrimeCountRow
        found = self._session.execute(
            select(table.line, table.borough, table.major, table.minor, table.counts, table.rows)
            .where(table.sha256 == sha256)
            .order_by(table.line)
        )
        return [
            CountRow(line=line, borough=borough, major=major, minor=minor, counts=tuple(counts), rows=rows)
            for line, borough, major, minor, counts, rows in found
        ]

    def population(self) -> Sequence[Residents]:
        """Every estimate known; a real one before a synthetic one, then the newest file's."""
        found = self._session.execute(
            select(PopulationRow.borough, PopulationRow.year, PopulationRow.people)
            .join(ImportFileRow, ImportFileRow.sha256 == PopulationRow.sha256)
            .order_by(ImportFileRow.synthetic.desc(), ImportFileRow.position)
        )
        newest = {(borough, year): people for borough, year, people in found}
        return [
            Residents(borough=borough, year=year, people=people) for (borough, year), people in newest.items()
        ]

    def areas(self, sha256: str, *, borough: str) -> Sequence[AreaRow]:
        """The wards or LSOAs of one borough in one file, in its order."""
        table = AreaCountRow
        found = self._session.execute(
            select(table.line, table.code, table.name, table.major, table.minor, table.counts)
            .where(table.sha256 == sha256, table.borough == borough)
            .order_by(table.line)
        )
        return [
            AreaRow(
                line=line,
                code=code,
                name=name,
                borough=borough,
                major=major,
                minor=minor,
                counts=tuple(counts),
            )
            for line, code, name, major, minor, counts in found
        ]

    def take_turn(self) -> None:
        """Wait for another import to end, so that two at once keep a file once; the turn ends with the transaction.

        A store lives as long as its transaction, so it asks once.
        """
        if self._has_turn:
            return
        self._session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": IMPORT_LOCK})
        self._has_turn = True

    def add(
        self,
        file: ImportedFile,
        *,
        rows: Sequence[CountRow] = (),
        residents: Sequence[Residents] = (),
        areas: Sequence[AreaRow] = (),
    ) -> bool:
        """Keep a file and its rows; False where the same bytes are kept already, and nothing changes."""
        self.take_turn()
        last = select(func.coalesce(func.max(ImportFileRow.position), 0)).scalar_subquery()
        kept = self._session.execute(
            insert(ImportFileRow)
            .values(**_columns(file), position=last + 1, imported_at=utc_now())
            .on_conflict_do_nothing(index_elements=["sha256"])
            .returning(ImportFileRow.sha256)
        ).one_or_none()
        if kept is None:
            return False
        key = file.sha256
        self._copy(
            "crime_count (sha256, line, borough, major, minor, counts, rows)",
            rows,
            lambda r: (key, r.line, r.borough, r.major, r.minor, _array(r.counts), r.rows),
        )
        self._copy(
            "area_count (sha256, line, code, name, borough, major, minor, counts)",
            areas,
            lambda r: (key, r.line, r.code, r.name, r.borough, r.major, r.minor, _array(r.counts)),
        )
        self._copy(
            "population (sha256, borough, year, people)",
            residents,
            lambda r: (key, r.borough, r.year, r.people),
        )
        return True

    def _copy(self, into: str, rows: Sequence[Row], cells: Callable[[Row], Sequence[object]]) -> None:
        """Write rows through COPY, on the session's own connection and in its transaction; no rows ask nothing."""
        if not rows:
            return
        connection = self._session.connection().connection.driver_connection
        if connection is None:
            raise RuntimeError("the session has no connection to copy through")
        statement = f"COPY {into} FROM STDIN"
        try:
            with connection.cursor() as cursor, cursor.copy(statement) as copy:
                for row in rows:
                    copy.write_row(cells(row))
        except psycopg.Error as error:
            raise DBAPIError.instance(statement, None, error, psycopg.Error) from error


def _array(counts: Sequence[int]) -> str:
    """Counts as PostgreSQL writes an array: far quicker to send than a list."""
    return "{" + ",".join(map(str, counts)) + "}"


def _columns(file: ImportedFile) -> dict[str, Any]:
    return {
        "sha256": file.sha256,
        "file_name": file.file_name,
        "dataset": file.dataset.value,
        "publisher": file.publisher,
        "licence": file.licence,
        "as_of": file.as_of,
        "months": list(file.months),
        "rows_read": file.rows_read,
        "rows_kept": file.rows_kept,
        "rejected": dict(file.rejected),
        "whole": file.whole,
        "synthetic": file.synthetic,
        "revisions": [each.to_json() for each in file.revisions],
    }


def _file(row: ImportFileRow) -> ImportedFile:
    return ImportedFile(
        sha256=row.sha256,
        file_name=row.file_name,
        dataset=Dataset(row.dataset),
        publisher=row.publisher,
        licence=row.licence,
        as_of=row.as_of,
        months=tuple(row.months),
        rows_read=row.rows_read,
        rows_kept=row.rows_kept,
        rejected=row.rejected,
        whole=row.whole,
        synthetic=row.synthetic,
        revisions=tuple(Revision(**each) for each in row.revisions),
    )
