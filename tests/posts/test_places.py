"""The 32 boroughs, found however they are written, and nothing else taken for one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engage.posts.places import BOROUGHS, CITY, Place, UnknownBorough, borough


def test_there_are_32_boroughs_each_with_its_own_code_name_and_tile() -> None:
    assert len(BOROUGHS) == 32
    everywhere = (*BOROUGHS, CITY)
    for mark in ("code", "name", "tile"):
        assert len({getattr(place, mark) for place in everywhere}) == 33


@pytest.mark.parametrize("place", BOROUGHS, ids=lambda place: place.slug)
def test_a_borough_is_found_by_name_code_and_slug(place: Place) -> None:
    spellings = (
        place.name,
        place.code,
        place.slug,
        place.name.upper(),
        f"  {place.name.replace(' ', '  ')} ",
    )
    assert {borough(each) for each in spellings} == {place}
    assert borough(place.name.replace(" and ", " & ")) is place


def test_a_misspelt_borough_is_answered_with_the_nearest_spelling() -> None:
    with pytest.raises(UnknownBorough, match="Did you mean Hackney"):
        borough("Hackny")


def test_a_borough_cut_short_is_answered_with_the_one_that_begins_so() -> None:
    with pytest.raises(UnknownBorough, match="Did you mean Kingston upon Thames"):
        borough("Kingston")


def test_london_is_not_taken_for_a_misspelt_borough() -> None:
    with pytest.raises(UnknownBorough, match="London as a whole is no borough"):
        borough("London")


@pytest.mark.parametrize("name", ["City of London", "city-of-london", "CITY", "E09000001"])
def test_the_city_is_told_apart_because_another_force_polices_it(name: str) -> None:
    with pytest.raises(UnknownBorough, match="another force"):
        borough(name)


@given(st.text(max_size=20))
def test_no_other_text_is_taken_for_a_borough(text: str) -> None:
    key = " ".join(text.split()).casefold().replace("&", "and")
    known = {mark.casefold() for place in BOROUGHS for mark in (place.name, place.code, place.slug)}
    if key not in known:
        with pytest.raises(UnknownBorough):
            borough(text)
