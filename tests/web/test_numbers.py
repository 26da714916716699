"""A number that no database holds is the number of nothing."""

import pytest

from tests.web.stories import draft
from tests.web.visitor import Visitor


@pytest.mark.parametrize("number", ["9223372036854775808", "9" * 23, "9" * 5_000])
def test_a_number_too_large_for_any_row_is_no_page(press: Visitor, number: str) -> None:
    press.open(f"/policy/proposals/{number}", expect=404)
    press.open("/holds")
    press.send(f"/holds/{number}/lift", expect=404)
    press.send(f"/policy/proposals/{number}/sign", expect=404)


@pytest.mark.parametrize("version", ["", "-1", "²", "9" * 19, "9" * 5_000])
def test_a_version_that_the_page_never_wrote_is_refused(officer: Visitor, version: str) -> None:
    address = draft(officer)
    officer.send(address, do="save", version=version, expect=400, **officer.words())
    assert "Open the page again" in officer.text


@pytest.mark.parametrize("age", ["²", "9" * 5_000])
def test_an_age_that_is_no_number_is_refused(press: Visitor, age: str) -> None:
    press.open("/cases")
    press.send("/cases", reference="CAD 1/01DEC", subject_age=age, expect=400)
    assert "is not a whole number" in press.text
