"""Files are read whole and right, or refused by name and line."""

import gzip
from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from engage.crime import importing
from engage.crime.months import days
from engage.crime.reading import BadFile, Reading
from engage.crime.sources import read as read_file
from engage.crime.sources import read_opened
from engage.crime.sources.entry import LONGEST_LINE, Entry, Opened, open_entry
from engage.posts.places import BOROUGHS
from tests.crime.files import (
    STREET_HEADER,
    TODAY,
    Memory,
    borough_csv,
    months_to,
    street_csv,
    street_line,
    written,
)

MONTHS = months_to("2025-11", 24)
GOOD = borough_csv(MONTHS)
WARDS = (
    "MajorText,MinorText,WardName,WardCode,BoroughName,202501\n"
    "BURGLARY,RES BURGLARY OF A HOME,Kilburn,E05000001,Camden,4\n"
    "BURGLARY,RES BURGLARY OF A HOME,Kilburn,E05000002,Brent,7\n"
)


def read(path: Path) -> Reading:
    return read_file(path, today=TODAY)


@pytest.mark.parametrize(
    "header",
    [
        "MajorText,MinorText,BoroughName",
        "MajorText,MinorText,LookUp_BoroughName",
        "majortext,minortext,boroughname",
        "Major Category,Minor Category,borough",
    ],
)
def test_every_generation_of_header_is_known(tmp_path: Path, header: str) -> None:
    reading = read(written(tmp_path, "a.csv", borough_csv(MONTHS, header=header)))
    assert (reading.file.rows_kept, reading.file.months[-1], reading.file.as_of) == (
        32,
        "2025-11",
        "2025-11-30",
    )


def test_spaces_around_the_name_of_a_column_change_nothing(tmp_path: Path) -> None:
    plain = read(written(tmp_path, "a.csv", GOOD))
    spaced = GOOD.replace(",202411", ", 202411 ").replace("MajorText,MinorText", ' "MajorText" , MinorText')
    assert read(written(tmp_path, "b.csv", spaced)).rows == plain.rows
    table = pl.read_csv(GOOD.encode()).rename({"202411": " 202411"})
    table.write_parquet(tmp_path / "c.parquet")
    assert read(tmp_path / "c.parquet").rows == plain.rows


def test_binary_data_in_a_parquet_cell_is_refused_with_its_line(tmp_path: Path) -> None:
    pl.read_csv(GOOD.replace("HOME,Camden", "HO\0ME,Camden").encode()).write_parquet(tmp_path / "a.parquet")
    with pytest.raises(BadFile, match="line 7: holds binary data"):
        read(tmp_path / "a.parquet")


@pytest.mark.parametrize(
    "error", [pl.exceptions.ComputeError("no such column\nmore"), ValueError("no such column")]
)
def test_what_no_reader_foresaw_is_the_refusal_of_its_file_and_the_others_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def failing(opened: Opened, *, today: date) -> Reading:
        if opened.entry.name == "bad.csv":
            raise error
        return read_opened(opened, today=today)

    monkeypatch.setattr(importing, "read_opened", failing)
    paths = [written(tmp_path, "bad.csv", GOOD + "\n"), written(tmp_path, "good.csv", GOOD)]
    bad, good = importing.import_paths(Memory(), paths, today=TODAY)
    assert "bad.csv: cannot be read as a table: no such column. Download it again" in bad.reason
    assert good.outcome is importing.Outcome.IMPORTED


def test_older_category_names_become_todays(tmp_path: Path) -> None:
    text = borough_csv(MONTHS, major="Theft", minor="Theft from Person")
    reading = read(written(tmp_path, "a.csv", text))
    assert {(row.major, row.minor) for row in reading.rows} == {("THEFT", "THEFT FROM THE PERSON")}


def test_a_category_that_no_published_file_had_is_said(tmp_path: Path) -> None:
    strange = f"THEFT,BICYCEL THEFT,Camden{',4' * 24}\n"
    reading = read(written(tmp_path, "a.csv", GOOD + strange))
    assert reading.file.rows_kept == 33
    assert reading.warnings == (
        "Not known: THEFT, BICYCEL THEFT. No post can be about such a category until somebody maps it.",
    )
    ward = WARDS.replace(
        "BURGLARY,RES BURGLARY OF A HOME,Kilburn,E05000002", "ALIENS,ABDUCTION,Kilburn,E05000002"
    )
    assert "Not known: ALIENS, ABDUCTION. No post" in read(written(tmp_path, "w.csv", ward)).warnings[1]


def test_a_line_of_a_megabyte_is_read_wherever_it_stands(tmp_path: Path) -> None:
    longest = street_line(place="Camden 001A")
    longest = longest.replace("On or near ", "x" * (LONGEST_LINE - len(longest) + len("On or near ")))
    text = street_csv(longest, street_line(), longest)
    assert [row.counts for row in read(written(tmp_path, "a.csv", text)).rows] == [(3,)]


def test_an_unknown_column_before_the_months_changes_nothing(tmp_path: Path) -> None:
    extra = "".join(f"x,{line}" for line in GOOD.splitlines(keepends=True)).replace(
        "x,MajorText", "March,MajorText"
    )
    assert read(written(tmp_path, "a.csv", extra)).rows == read(written(tmp_path, "b.csv", GOOD)).rows


def test_a_population_without_a_borough_is_said(tmp_path: Path) -> None:
    text = "Code,2023_Population\n" + "".join(
        f"{each.code},10\n" for each in BOROUGHS if each.name != "Camden"
    )
    assert read(written(tmp_path, "p.csv", text)).warnings == (
        "No people of 1 of 32 boroughs, Camden for one.",
    )


def test_a_borough_may_be_named_by_its_code(tmp_path: Path) -> None:
    reading = read(written(tmp_path, "a.csv", GOOD.replace(",Camden,", ",E09000007,")))
    assert "Camden" in {row.borough for row in reading.rows}


@pytest.mark.parametrize("change", [lambda text: "\ufeff" + text, lambda text: text.replace("\n", "\r\n")])
def test_a_byte_order_mark_and_windows_line_ends_change_nothing(
    tmp_path: Path, change: Callable[[str], str]
) -> None:
    plain = read(written(tmp_path, "a.csv", GOOD))
    assert read(written(tmp_path, "b.csv", change(GOOD))).rows == plain.rows


BAD = {
    "empty": (b"", "is empty"),
    "cut short in a line": (GOOD[:-20].encode(), "line 33: ends in the middle of a line"),
    "a line too short": (
        GOOD.replace(",40\n", "\n", 2).encode(),
        "line 2: has 26 cells where the header names 27",
    ),
    "another encoding": (GOOD.replace("Camden", "Cämden").encode("cp1252"), "line 7: is not UTF-8"),
    "an unknown header": (b"a,b,c\n1,2,3\n", "a header nobody here knows: a, b, c"),
    "no categories": (
        borough_csv(MONTHS).replace("MajorText,MinorText", "a,b").encode(),
        "line 1: has no category columns",
    ),
    "a negative count": (GOOD.replace(",40", ",-4", 1).encode(), "line 2: has “-4” in column 202312"),
    "a fraction": (GOOD.replace(",40", ",4.5", 1).encode(), "line 2: has “4.5” in column 202312"),
    "no count": (GOOD.replace(",40", ",", 1).encode(), "line 2: has “” in column 202312"),
    "a thousands separator": (
        GOOD.replace(",40", ',"1,040"', 1).encode(),
        "line 2: has “1,040” in column 202312",
    ),
    "a month missing": (GOOD.replace("202403", "202404x").encode(), "goes from 2024-02 to 2024-04: 2024-03"),
    "a month named twice": (GOOD.replace("202402", "202401").encode(), "line 1: names a column twice"),
    "a month to come": (
        borough_csv(months_to("2026-11", 24)).encode(),
        "has figures for 2026-11, which is not over",
    ),
    "a category twice": ((GOOD + GOOD.splitlines()[1] + "\n").encode(), "twice, on lines 2 and 34"),
    "a category twice, under its name of before and of now": (
        (
            borough_csv(MONTHS, major="THEFT", minor="THEFT FROM THE PERSON")
            + f"THEFT,Theft  from Person,Camden{',40' * 24}\n"
        ).encode(),
        "counts theft from the person in Camden twice, on lines 7 and 34",
    ),
    "a sum among the categories": (
        f"{GOOD}BURGLARY,Total,Camden{',999' * 24}\n".encode(),
        "line 34: has a row for Total, which sums up others",
    ),
    "a sum of everything": (
        f"{GOOD}All offences,All,Camden{',999' * 24}\n".encode(),
        "line 34: has a row for All offences, which sums up others",
    ),
    "a cell of three megabytes": (
        (GOOD + f"BURGLARY,{'X' * (3 << 20)},Camden{',40' * 24}\n" + GOOD).encode(),
        "line 34: has a line of more than 1,048,576 bytes",
    ),
    "a street cell of three megabytes": (
        street_csv(street_line(), street_line(place="X" * (3 << 20)), street_line()).encode(),
        "line 3: has a line of more than 1,048,576 bytes",
    ),
    "the newest month under another name": (
        GOOD.replace("202511", "Nov-25").encode(),
        "line 1: has a column “Nov-25”, which is not named as months are (202511)",
    ),
    "the oldest month under another name": (
        GOOD.replace("202312", "2023_12").encode(),
        "line 1: has a column “2023_12”",
    ),
    "a column of sums after the months": (
        GOOD.replace("\n", ",960\n").replace("202511,960", "202511,Total").encode(),
        "line 1: has a column “Total”",
    ),
    "wards without codes": (
        GOOD.replace("BoroughName", "WardName,BoroughName").replace(",40", ",Camden,40", 1).encode(),
        "line 1: names wards or smaller areas without their codes",
    ),
    "areas of no borough": (
        GOOD.replace("BoroughName", "WardCode").encode(),
        "line 1: does not say which borough",
    ),
    "binary data": (GOOD.replace("Camden", "Cam\0en").encode(), "line 7: holds binary data"),
    "an empty line": (GOOD.replace("\nBURGLARY", "\n\nBURGLARY", 1).encode(), "line 2: is empty"),
    "a line too short, with quotes": (
        (GOOD + '"BURGLARY","X","Camden"\n').encode(),
        "line 34: has 3 cells where the header names 27",
    ),
    "months out of order": (
        GOOD.replace("202402,202403", "202403,202402").encode(),
        "line 1: has 2024-02 after 2024-03: its months are out of order",
    ),
    "a month that is none": (GOOD.replace("202411", "202413").encode(), "line 1: has a column 202413"),
    "packed with gzip": (gzip.compress(GOOD.encode()), "is packed with gzip"),
    "another width of letters": (GOOD.encode("utf-16"), "is UTF-16 text"),
    "a street file cut short in a line": (
        street_csv(street_line(), street_line())[:-20].encode(),
        "line 3: ends in the middle of a line",
    ),
    "a street line too short, with quotes": (
        street_csv(street_line(), '"",2024-01,"Metropolitan Police Service"').encode(),
        "line 3: has 3 cells where the header names 12",
    ),
    "a line too short beside one with a comma in quotes": (
        street_csv(
            street_line().removesuffix(","), street_line().replace("On or near ", '"On, or near"')
        ).encode(),
        "line 2: has 11 cells where the header names 12",
    ),
    "a line break in a street cell": (
        street_csv(street_line(), street_line().replace("On or near ", '"On\nor near"')).encode(),
        "line 3: has a line break inside a cell",
    ),
    "a street month missing in the middle": (
        street_csv(street_line(), street_line(month="2024-03")).encode(),
        "line 3: goes from 2024-01 to 2024-03: 2024-02 is missing",
    ),
    "no crime type that is known": (
        street_csv(street_line(kind="Theft, other").replace("Theft, other", "burglary")).encode(),
        "no crime of the Metropolitan Police: 1 times an unknown crime type (line 2: burglary)",
    ),
    "a street month that is none": (
        street_csv(street_line(month="2024-13")).encode(),
        "line 2: has “2024-13”",
    ),
    "a street month to come": (
        street_csv(street_line(month="2026-11")).encode(),
        "crimes of 2026-11, which is not over",
    ),
    "a day to come": (
        b"date,mean_temp,precipitation\n20270101,4,1\n",
        "line 2: has weather of a day to come",
    ),
    "a day twice": (
        b"date,mean_temp,precipitation\n20200101,4,1\n20200101,4,1\n",
        "line 3: names a day twice",
    ),
    "warmth in words": (
        b"date,mean_temp,precipitation\n20200101,warm,1\n",
        "line 2: has “warm” in column mean_temp",
    ),
    "warmth that is no number": (
        b"date,mean_temp,precipitation\n20200101,4,1\n20200102,nan,1\n",
        "line 3: has “nan” in column mean_temp",
    ),
    "rain below nought": (
        b"date,mean_temp,precipitation\n20200101,4,-1\n",
        "line 2: has “-1” in column precipitation",
    ),
    "a borough's people twice": (
        b"Code,Area name,2023_Population\nE09000007,Camden,10\nE09000007,Camden,20\n",
        "line 3: has Camden twice",
    ),
    "more people than there are": (
        b"Code,Area name,2023_Population\nE09000007,Camden,99999999999\n",
        "line 2: has “99999999999” in column 2023_Population",
    ),
    "people of a year to come": (
        b"Code,Area name,2099_Population\nE09000007,Camden,10\n",
        "line 1: has people of 2099, a year to come",
    ),
    "a number of people without end": (
        b"Code,Area name,2023_Population\nE09000007,Camden," + b"9" * 5_000 + b"\n",
        "line 2: has “99999999999999999999” in column 2023_Population",
    ),
    "a ward without a code": (
        WARDS.replace(",E05000002,", ",,").encode(),
        "line 3: has nothing in column WardCode, where an area should be",
    ),
    "a ward without a name": (
        WARDS.replace("Kilburn,E05000002", " ,E05000002").encode(),
        "line 3: has nothing in column WardName, where an area should be",
    ),
    "no people": (
        b"Code,Area name,2023_Population\nE09000007,Camden,many\n",
        "line 2: has “many” in column 2023_Population",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_a_file_that_cannot_be_vouched_for_is_refused_with_its_line(tmp_path: Path, name: str) -> None:
    content, message = BAD[name]
    path = written(tmp_path, "bad.csv", content)
    with pytest.raises(BadFile) as refused:
        read(path)
    assert message in str(refused.value)
    assert str(path) in str(refused.value)
    assert "Nothing of it was imported." in str(refused.value)


def test_a_header_in_the_middle_and_a_place_outside_london_are_left_out_and_said(tmp_path: Path) -> None:
    lines = GOOD.splitlines()
    text = (
        "\n".join([*lines[:5], lines[0], *lines[5:], lines[1].replace("Barking and Dagenham", "Leeds")])
        + "\n"
    )
    reading = read(written(tmp_path, "a.csv", text))
    assert reading.file.rejected == {"the header again": 1, "not a London borough": 1}
    assert reading.examples == {"the header again": "line 6", "not a London borough": "line 35: Leeds"}
    assert reading.file.rows_read == reading.file.rows_kept + 2


def test_a_row_without_a_category_is_left_out_and_said(tmp_path: Path) -> None:
    text = GOOD + f",,Camden{',1' * 24}\n"
    reading = read(written(tmp_path, "a.csv", text))
    assert reading.file.rejected == {"no category": 1}
    assert reading.examples == {"no category": "line 34: Camden"}


def test_a_street_file_of_another_month_than_its_name_is_refused_with_its_line(tmp_path: Path) -> None:
    text = street_csv(street_line(month="2024-02"), street_line(month="2024-01"))
    with pytest.raises(BadFile, match="line 3: is named for 2024-02 but has crimes of 2024-01"):
        read(written(tmp_path, "2024-02-metropolitan-street.csv", text))


def test_a_comma_inside_quotes_is_no_cell(tmp_path: Path) -> None:
    text = street_csv(street_line(), street_line().replace("On or near ", '"On, or near ""The Mill"""'))
    assert [row.counts for row in read(written(tmp_path, "a.csv", text)).rows] == [(2,)]


def test_months_without_weather_in_the_middle_are_named(tmp_path: Path) -> None:
    lines = [
        f"{month}{day:02d},4,1.0".replace("-", "")
        for month in ("2024-01", "2024-04")
        for day in range(1, days(month) + 1)
    ]
    text = "\n".join(["date,mean_temp,precipitation", *lines]) + "\n"
    reading = read(written(tmp_path, "w.csv", text))
    assert reading.warnings == ("No whole month of weather for 2024-02, 2024-03.",)


@pytest.mark.parametrize("after", [GOOD + GOOD.splitlines()[1] + "\n", GOOD.replace(",40", ",41", 1)])
def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path: Path, after: str) -> None:
    path = written(tmp_path, "a.csv", GOOD)
    opened = open_entry(Entry(path=path), block=1_000)
    assert not opened.whole
    path.write_text(after)
    for reading in (lambda: list(opened.blocks()), opened.everything):
        with pytest.raises(BadFile, match="changed while it was read"):
            reading()


def test_a_missing_borough_is_said_and_the_file_is_not_whole(tmp_path: Path) -> None:
    text = "\n".join(line for line in GOOD.splitlines() if "Camden" not in line) + "\n"
    reading = read(written(tmp_path, "a.csv", text))
    assert not reading.file.whole
    assert reading.warnings == ("No rows for 1 of 32 boroughs, Camden for one.",)


def test_only_a_repeated_crime_id_is_dropped_never_an_empty_one(tmp_path: Path) -> None:
    text = street_csv(
        street_line(),
        street_line(),
        street_line(crime_id="a"),
        street_line(crime_id="a"),
        street_line(crime_id="b"),
    )
    reading = read(written(tmp_path, "a.csv", text))
    assert [row.counts for row in reading.rows] == [(4,)]
    assert reading.examples == {"a Crime ID that came before": "line 5: Camden 001A"}


def test_a_crime_without_a_place_counts_for_no_borough(tmp_path: Path) -> None:
    text = street_csv(street_line(place="", code=""), street_line(), street_line(place="Dartford 001A"))
    reading = read(written(tmp_path, "a.csv", text))
    assert {row.borough: row.counts for row in reading.rows} == {"Unknown": (1,), "Camden": (1,)}
    assert reading.file.rejected == {"outside London": 1}


def test_a_street_header_in_the_middle_is_left_out(tmp_path: Path) -> None:
    reading = read(written(tmp_path, "a.csv", street_csv(street_line(), STREET_HEADER, street_line())))
    assert reading.file.rejected == {"the header again": 1}


def test_airports_and_unknown_places_are_kept_apart_from_boroughs(tmp_path: Path) -> None:
    text = GOOD + "".join(
        f"BURGLARY,RES BURGLARY OF A HOME,{name}{',1' * 24}\n"
        for name in ("Unknown", "London Heathrow and London City Airports", "Aviation Security (SO18)")
    )
    reading = read(written(tmp_path, "a.csv", text))
    assert reading.file.rows_kept == 35
    assert not reading.file.rejected


def test_a_month_of_weather_that_is_not_whole_is_left_out_and_said(tmp_path: Path) -> None:
    days = [f"202401{day:02d},{day},1.0" for day in range(1, 32)] + ["20240201,40,9.0"]
    reading = read(written(tmp_path, "w.csv", "\n".join(["date,mean_temp,precipitation", *days]) + "\n"))
    assert reading.file.months == ("2024-01",)
    assert reading.file.rejected == {"a day of a month that is not whole": 1}
    assert reading.examples == {"a day of a month that is not whole": "line 33: 2024-02"}
    assert [row.counts for row in reading.rows] == [(160,), (10,)]


def test_a_crime_type_nobody_knows_is_left_out_and_said(tmp_path: Path) -> None:
    text = street_csv(street_line(), street_line(kind="On or near High Street"))
    reading = read(written(tmp_path, "a.csv", text))
    assert reading.file.rejected == {"an unknown crime type": 1}


def test_a_borough_follows_from_the_area_code_where_the_name_is_missing(tmp_path: Path) -> None:
    text = street_csv(
        *(
            street_line(place="", code=code)
            for code in ("E01000842", "E01000001", "E01004765", "E01033999", "")
        )
    )
    reading = read(written(tmp_path, "a.csv", text))
    assert {row.borough: row.rows for row in reading.rows} == {
        "Camden": 1,
        "City of London": 1,
        "Westminster": 1,
        "Unknown": 2,
    }
