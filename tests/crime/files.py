"""Small files in the published formats, and a crime room that keeps what it is given in memory."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from engage.crime.months import later
from engage.crime.records import AreaRow, CountRow, ImportedFile, Residents
from engage.posts.places import BOROUGHS

TODAY = date(2026, 11, 23)


@dataclass
class Memory:
    """A crime room without a database."""

    kept: dict[str, tuple[ImportedFile, Sequence[CountRow], Sequence[Residents]]] = field(
        default_factory=dict
    )
    small: dict[str, Sequence[AreaRow]] = field(default_factory=dict)

    @property
    def crime(self) -> "Memory":
        return self

    def take_turn(self) -> None:
        pass

    def add(
        self,
        file: ImportedFile,
        *,
        rows: Sequence[CountRow] = (),
        residents: Sequence[Residents] = (),
        areas: Sequence[AreaRow] = (),
    ) -> bool:
        if file.sha256 in self.kept:
            return False
        self.kept[file.sha256] = (file, rows, residents)
        self.small[file.sha256] = areas
        return True

    def areas(self, sha256: str, *, borough: str) -> Sequence[AreaRow]:
        return [each for each in self.small[sha256] if each.borough == borough]

    def files(self) -> Sequence[ImportedFile]:
        return [file for file, _, _ in self.kept.values()]

    def rows(self, sha256: str) -> Sequence[CountRow]:
        return self.kept[sha256][1]

    def population(self) -> Sequence[Residents]:
        return [each for _, _, residents in self.kept.values() for each in residents]


def months_to(last: str, many: int) -> list[str]:
    return [later(last, step) for step in range(1 - many, 1)]


def borough_csv(
    months: Sequence[str],
    *,
    major: str = "BURGLARY",
    minor: str = "RES BURGLARY OF A HOME",
    header: str = "MajorText,MinorText,BoroughName",
    count: int = 40,
    newest: int | None = None,
) -> str:
    """A borough file with one category and every borough, `count` in each month but the newest."""
    counts = [count] * len(months)
    counts[-1] = count if newest is None else newest
    lines = [f"{header},{','.join(month.replace('-', '') for month in months)}"]
    lines += [f"{major},{minor},{place.name},{','.join(map(str, counts))}" for place in BOROUGHS]
    return "\n".join(lines) + "\n"


WARDS = (
    "MajorText,MinorText,WardName,WardCode,LookUp_BoroughName,202501,202502\n"
    "BURGLARY,RES BURGLARY OF A HOME,Kilburn,E05000001,Camden,4,2\n"
    "BURGLARY,RES BURGLARY OF A HOME,Kilburn,E05000002,Brent,7,8\n"
    "BURGLARY,RES BURGLARY OF A HOME,Regents Park,E05000003,Camden,9,1\n"
    "SEXUAL OFFENCES,RAPE,Kilburn,E05000001,Camden,1,1\n"
)
STREET_HEADER = (
    "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,Crime type,"
    "Last outcome category,Context"
)


def street_line(
    *,
    crime_id: str = "",
    month: str = "2024-01",
    place: str = "Camden 001A",
    kind: str = "Burglary",
    force: str = "Metropolitan Police Service",
    code: str = "E01000842",
) -> str:
    return f"{crime_id},{month},{force},{force},-0.1,51.5,On or near ,{code},{place},{kind},,"


def street_csv(*lines: str) -> str:
    return "\n".join((STREET_HEADER, *lines)) + "\n"


def written(folder: Path, name: str, text: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path
