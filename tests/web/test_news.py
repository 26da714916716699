"""Nobody has to go and look for what became of their post."""

from engage.wiring import Engage
from tests.web.stories import approved, submitted
from tests.web.visitor import Visitor


def test_a_writer_is_told_why_a_post_came_back(officer: Visitor, press: Visitor) -> None:
    address = submitted(officer)
    press.open(address)
    press.send(f"{address}/return", comment="Say when it happened.")
    officer.open("/drafts")
    assert "What happened to your posts" in officer.text
    assert "Returned Witness appeal, Lambeth Say when it happened." in officer.text


def test_who_signed_a_post_is_told_that_it_lapsed(officer: Visitor, press: Visitor, engage: Engage) -> None:
    approved(officer, press)
    with engage.transaction() as unit:
        person = unit.people.by_id("press.sharma")
    assert person is not None
    engage.remove_account("x:met_x", by=person)
    for visitor, page in ((press, "/queue"), (officer, "/drafts")):
        visitor.open(page)
        assert "Lapsed Witness appeal, Lambeth The account met_x on X was removed." in visitor.text


def test_nobody_is_told_of_what_they_did_themselves_or_of_the_posts_of_others(
    officer: Visitor, press: Visitor
) -> None:
    submitted(officer)
    press.open("/queue")
    assert "What happened to your posts" not in press.text
    officer.open("/drafts")
    assert "What happened to your posts" not in officer.text
