"""Whole archives are read as they are published; what is built to do harm is refused unread."""

import io
import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from engage.crime.finding import found
from engage.crime.importing import FileReport, Outcome, import_paths
from engage.crime.reading import BadFile
from engage.crime.sources import read_opened
from engage.crime.sources.archive import MOST_MEMBERS
from engage.crime.sources.entry import BLOCK, Entry, lines, open_entry
from engage.crime.vintages import vintages
from engage.posts.errors import BadInput
from tests.crime.files import STREET_HEADER, TODAY, Memory, street_csv, street_line, written

MET = "2024-01/2024-01-metropolitan-street.csv"


def a_zip(folder: Path, members: dict[str, str], *, name: str = "latest.zip") -> Path:
    path = folder / name
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, text in members.items():
            archive.writestr(member, text)
    return path


def all_forces(folder: Path, *months: str, name: str = "latest.zip", rows: int = 2) -> Path:
    members = {}
    for month in months:
        for slug, force in (
            ("metropolitan", "Metropolitan Police Service"),
            ("city-of-london", "City of London Police"),
            ("btp", "British Transport Police"),
        ):
            line = street_line(month=month, force=force)
            members[f"{month}/{month}-{slug}-street.csv"] = street_csv(*[line] * rows)
        members[f"{month}/{month}-metropolitan-outcomes.csv"] = "Crime ID\n1\n"
        members[f"{month}/{month}-metropolitan-stop-and-search.csv"] = "Type\nPerson search\n"
    return a_zip(folder, members, name=name)


def imported(memory: Memory, *paths: Path, newer: bool = False) -> list[FileReport]:
    return import_paths(memory, paths, today=TODAY, newer=newer)


def test_an_archive_of_all_forces_gives_the_mets_months_and_says_what_it_left_out(tmp_path: Path) -> None:
    memory = Memory()
    whole, *months = imported(memory, all_forces(tmp_path, "2024-01", "2024-02"))
    assert whole.outcome is Outcome.LEFT_OUT
    assert whole.reason == (
        "2 files read; 4 street files of 2 other forces left out; "
        "4 files of outcomes and of stop and search left out."
    )
    assert [(each.outcome, each.path.name) for each in months] == [
        (Outcome.IMPORTED, "2024-01-metropolitan-street.csv"),
        (Outcome.IMPORTED, "2024-02-metropolitan-street.csv"),
    ]
    assert {file.as_of for file in memory.files()} == {"2024-02-29"}
    assert {row.borough for file in memory.files() for row in memory.rows(file.sha256)} == {"Camden"}


def test_a_month_is_the_same_in_a_folder_and_in_an_archive(tmp_path: Path) -> None:
    memory = Memory()
    imported(memory, all_forces(tmp_path, "2024-01"))
    loose = written(tmp_path, "another-name.csv", street_csv(*[street_line()] * 2))
    (again,) = imported(memory, loose)
    assert again.outcome is Outcome.KNOWN
    assert again.reason == "the same bytes as 2024-01-metropolitan-street.csv"


def test_a_newer_archive_wins_over_an_older_one_and_what_it_changed_is_recorded(tmp_path: Path) -> None:
    memory = Memory()
    imported(memory, all_forces(tmp_path, "2024-01", name="older.zip"))
    _, first, second = imported(memory, all_forces(tmp_path, "2024-01", "2024-02", name="newer.zip", rows=3))
    assert first.file is not None
    assert second.file is not None
    (revision,) = first.file.revisions
    assert (revision.month, revision.total_other, revision.total) == ("2024-01", 2, 3)
    assert second.file.revisions == ()
    (vintage,) = vintages(memory)
    assert vintage.stands


def test_a_folder_of_all_forces_is_read_as_an_archive_is(tmp_path: Path) -> None:
    with zipfile.ZipFile(all_forces(tmp_path, "2024-01")) as archive:
        archive.extractall(tmp_path / "folder")
    reports = imported(Memory(), tmp_path / "folder")
    assert sorted(each.outcome for each in reports) == [Outcome.IMPORTED, *[Outcome.LEFT_OUT] * 4]


def test_an_archive_in_which_nothing_changed_is_not_read_again(tmp_path: Path) -> None:
    memory, path = Memory(), all_forces(tmp_path, "2024-01")
    imported(memory, path)
    assert imported(memory, path)[1].outcome is Outcome.KNOWN
    assert len(memory.files()) == 1


def bomb(folder: Path) -> Path:
    return a_zip(folder, {MET: STREET_HEADER + "\n" + "0" * (4 << 20)})


def too_large(folder: Path) -> Path:
    path = all_forces(folder, "2024-01")
    raw = path.read_bytes()
    at = raw.index(b"PK\x01\x02")
    path.write_bytes(raw[: at + 24] + (1 << 31).to_bytes(4, "little") + raw[at + 28 :])
    return path


def damaged(folder: Path) -> Path:
    path = all_forces(folder, "2024-01")
    raw = bytearray(path.read_bytes())
    raw[90:110] = b"\0" * 20
    path.write_bytes(raw)
    return path


def doubled(folder: Path) -> Path:
    path = all_forces(folder, "2024-01")
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr(MET, "again")
    return path


def endless_list(folder: Path) -> Path:
    path = all_forces(folder, "2024-01")
    raw = path.read_bytes()
    at = raw.rindex(b"PK\x05\x06")
    path.write_bytes(raw[: at + 12] + (1 << 30).to_bytes(4, "little") + raw[at + 16 :])
    return path


def cut(folder: Path) -> Path:
    path = all_forces(folder, "2024-01")
    path.write_bytes(path.read_bytes()[:-40])
    return path


UNSAFE: dict[str, tuple[Callable[[Path], Path], str]] = {
    "a bomb": (bomb, "times smaller than it is: no real file packs so well"),
    "a member too large": (too_large, "which would be 2,048 MB"),
    "a damaged member": (damaged, "is damaged inside its archive"),
    "two members of one name": (doubled, "holds two files of one name"),
    "an endless list": (endless_list, "lists more files than any archive of data.police.uk"),
    "cut short": (cut, "is no ZIP archive, or is cut short"),
    "a name that leads out": (
        lambda folder: a_zip(folder, {"../" + MET: street_csv(street_line())}),
        "a name that leads out of its folder",
    ),
    "an absolute name": (
        lambda folder: a_zip(folder, {"/etc/" + MET: street_csv(street_line())}),
        "a name that leads out of its folder",
    ),
    "no street file": (
        lambda folder: a_zip(folder, {"2024-01/2024-01-kent-street.csv": street_csv(street_line())}),
        "holds no street file of the Metropolitan Police",
    ),
}


@pytest.mark.parametrize("name", UNSAFE)
def test_an_unsafe_or_damaged_archive_is_refused_and_leaves_nothing(tmp_path: Path, name: str) -> None:
    make, message = UNSAFE[name]
    memory, path = Memory(), make(tmp_path)
    reports = imported(memory, path)
    refused = [each for each in reports if each.outcome is Outcome.REFUSED]
    assert len(refused) == 1
    assert message in refused[0].reason
    assert str(path) in refused[0].reason
    assert memory.files() == []


def test_too_many_members_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "many.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(MOST_MEMBERS + 1):
            archive.writestr(zipfile.ZipInfo(f"{number}.txt"), b"")
    (report,) = imported(Memory(), path)
    assert "holds 20,001 files, more than 20,000" in report.reason


class Endless(io.RawIOBase):
    """A line without an end, counting what was read of it."""

    taken = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        assert size > 0
        self.taken += size
        return b"x" * size


def test_what_is_no_file_is_refused_and_never_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    with pytest.raises(BadInput, match="is not a file or a folder"):
        found([pipe])


def test_a_spreadsheet_is_told_apart_from_an_archive(tmp_path: Path) -> None:
    path = tmp_path / "counts.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    (refused,) = found([path])
    assert refused.reason == f"{path}: is a spreadsheet. Save it as CSV. Nothing of it was imported."


def test_a_line_of_two_gigabytes_is_refused_after_one_block(tmp_path: Path) -> None:
    stream = Endless()
    entry = Entry(path=tmp_path / "long.csv")
    with pytest.raises(BadFile, match=r"line 1: has a line of more than 1,048,576 bytes"):
        list(lines(entry, stream))
    assert stream.taken == BLOCK


def test_a_sparse_file_of_two_gigabytes_is_refused_at_once(tmp_path: Path) -> None:
    path = tmp_path / "sparse.csv"
    with path.open("wb") as file:
        file.truncate(2 << 30)
    (report,) = imported(Memory(), path)
    assert "has a line of more than" in report.reason


def test_a_file_of_many_blocks_is_counted_as_one_block_is(tmp_path: Path) -> None:
    crimes = [street_line(crime_id=str(at % 90), place=f"Camden 00{at % 9}A") for at in range(200)]
    path = written(tmp_path, "2024-01-metropolitan-street.csv", "\ufeff" + street_csv(*crimes))
    one, many = (read_opened(open_entry(Entry(path=path), block=size), today=TODAY) for size in (BLOCK, 1000))
    assert many == one
    assert one.file.rejected == {"a Crime ID that came before": 110}
