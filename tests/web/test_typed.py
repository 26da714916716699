"""A character that no database keeps is refused at the door, by name, wherever somebody may type one."""

import pytest

from tests.web.stories import APPEAL, draft, submitted
from tests.web.visitor import Visitor

REFUSED = "holds a character that cannot be kept (U+0000). Type the words again instead of pasting them."


@pytest.mark.parametrize(
    ("act", "field"),
    [("return", "comment"), ("withdraw", "reason"), ("take-down", "reason"), ("schedule", "x\0y")],
)
def test_a_reason_with_a_character_nobody_can_keep_is_refused_in_plain_words(
    officer: Visitor, press: Visitor, act: str, field: str
) -> None:
    address = submitted(officer)
    press.open(address)
    press.send(f"{address}/{act}", expect=400, **{field: "The wrong\0 day."})
    assert REFUSED in press.text
    assert "“The wrong day.”" in press.text or "“xy”" in press.text


@pytest.mark.parametrize("field", ["slot-seen", "case-offence", "slot-unheard-of"])
def test_a_draft_with_one_is_refused_and_says_where(officer: Visitor, field: str) -> None:
    officer.open("/drafts/new?template=appeal_witness&borough=Lambeth")
    officer.send("/drafts/new", expect=400, platforms="x", **{**APPEAL, field: "Seen\0 leaving."})
    assert f"“Seen leaving.” {REFUSED}" in officer.text


@pytest.mark.parametrize("page", ["/holds?back=%00", "/figures/Camden%00", "{}/evidence/%00"])
def test_an_address_with_one_is_refused(officer: Visitor, press: Visitor, page: str) -> None:
    address = draft(officer).replace("/drafts/", "/posts/")
    press.open(page.format(address), expect=400)
    assert REFUSED in press.text


def test_a_password_with_one_is_not_repeated(visitor: Visitor) -> None:
    visitor.open("/sign-in")
    visitor.send("/sign-in", username="pc.okafor", password="my own\0 word", expect=400)
    assert REFUSED in visitor.text
    assert "my own" not in visitor.text
