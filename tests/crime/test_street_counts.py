"""A street file counted in blocks and columns says what reading it a line at a time says."""

import csv
from collections import Counter
from collections.abc import Sequence

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engage.crime.geography import borough_of_lsoa
from engage.crime.sources import read_opened
from engage.crime.sources.entry import CACHED, Entry, open_entry
from engage.crime.sources.street import FORCE, NOWHERE
from engage.crime.sources.text import letters
from engage.crime.topics import STREET_TYPES
from engage.posts.places import BOROUGHS, CITY
from tests.crime.files import STREET_HEADER, TODAY

OTHER = "City of London Police"
CELLS = st.tuples(
    st.sampled_from(["", "", "a1", "a2", "a3", "a4"]),
    st.sampled_from(["2024-01", "2024-01", "2024-02"]),
    st.sampled_from([FORCE, FORCE, FORCE, OTHER, ""]),
    st.sampled_from(["On or near High Street", '"On or near Smith, Son"']),
    st.sampled_from(["E01000842", "E01000001", "nonsense", ""]),
    st.sampled_from(
        ["Camden 001A", "Camden 002B", "Barnet 001A", "Leeds 001A", "E01000842 001A", "001A", ""]
    ),
    st.sampled_from(["Burglary", "Robbery", "Cattle theft", ""]),
)
"""Crime ID, month, force, location, LSOA code, LSOA name and crime type."""


def line(cells: Sequence[str]) -> str:
    crime_id, month, force, location, code, name, kind = cells
    return f"{crime_id},{month},{force},{force},,,{location},{code},{name},{kind},,"


def naive(lines: Sequence[str]) -> tuple[Counter[tuple[str, str]], Counter[str]]:
    """Crimes by borough and type, and rejected lines by reason, as a person with a pencil would count them."""
    kept, rejected, seen = Counter[tuple[str, str]](), Counter[str](), set[str]()
    for crime_id, month, _, force, _, _, _, code, name, kind, _, _ in csv.reader(lines):
        place = name[:-5]
        borough = place or borough_of_lsoa(code) or NOWHERE
        again = bool(crime_id) and crime_id in seen
        seen.add(crime_id)
        if month == "Month":
            rejected["the header again"] += 1
        elif force != FORCE:
            rejected["another force"] += 1
        elif again:
            rejected["a Crime ID that came before"] += 1
        elif borough not in {each.name for each in (*BOROUGHS, CITY)} | {NOWHERE}:
            rejected["outside London"] += 1
        elif kind not in STREET_TYPES:
            rejected["an unknown crime type"] += 1
        else:
            kept[borough, kind] += 1
    return kept, rejected


PLACE_LIKE_A_CODE = [
    line(("", "2024-01", FORCE, "", code, name, "Burglary"))
    for code, name in (("E01000842", ""), ("", "E01000842 001A"), ("E01000842", ""))
]


@example(PLACE_LIKE_A_CODE, 1 << 20)
@given(
    st.lists(CELLS.map(line) | st.just(STREET_HEADER), min_size=1, max_size=40),
    st.sampled_from([300, 1 << 20]),
)
def test_lines_are_counted_as_one_at_a_time_would_be(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str], block: int
) -> None:
    lines = [line(("", "2024-01", FORCE, "", "", "Camden 001A", "Burglary")), *lines]
    lines += [line(("", "2024-02", FORCE, "", "", "Camden 001A", "Burglary"))]
    path = tmp_path_factory.mktemp("street") / "street.csv"
    path.write_text("\n".join([STREET_HEADER, *lines]) + "\n")
    reading = read_opened(open_entry(Entry(path=path), block=block), today=TODAY)
    kept, rejected = naive(lines)
    assert {(row.borough, row.major): row.rows for row in reading.rows} == kept
    assert reading.file.rejected == rejected
    assert reading.file.rows_read == len(lines)


@given(st.binary(max_size=30), st.integers(-2, 2), st.binary(max_size=30))
def test_what_stands_in_a_text_does_not_depend_on_where_it_stands(
    before: bytes, off: int, after: bytes
) -> None:
    text = before + b"x" * (CACHED - len(before) + off) + after
    has = letters(text)
    assert (has.ascii, has.nul, has.returns, has.quotes, has.commas) == (
        text.isascii(),
        b"\0" in text,
        b"\r" in text,
        b'"' in text,
        text.count(b","),
    )
