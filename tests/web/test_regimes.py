"""How cases stand and when elections are: said on a page, and felt by the posts at once."""

from sqlalchemy import text

from engage.wiring import Engage
from tests.web.stories import change, draft, sign
from tests.web.visitor import Visitor


def says_who_the_thief_is_known_to(officer: Visitor, press: Visitor) -> str:
    """A signed-off appeal in words that may stand until somebody is charged."""
    address = draft(officer)
    words = {
        name: [f"{first}\n\nSome of you know the thief.", *rest]
        for name, (first, *rest) in officer.words().items()
    }
    change(officer, address, "submit", **words)
    sign(press, officer.address)
    return officer.address


def test_a_charge_said_on_the_page_sends_the_queued_appeal_back(officer: Visitor, press: Visitor) -> None:
    address = says_who_the_thief_is_known_to(officer, press)
    press.open("/cases")
    press.send("/cases", reference="CAD 1204/21NOV", status="charged", proceedings_active="yes")
    assert "Recorded. Posts sent back to the queue:" in press.text
    assert "1204/21NOV" in press.text
    assert "Proceedings are active yes" in press.text
    press.open(address)
    assert "case 1204/21NOV changed" in press.text


def test_a_public_post_that_would_not_be_let_out_now_is_put_before_the_press_office(
    officer: Visitor, press: Visitor, engage: Engage
) -> None:
    address = says_who_the_thief_is_known_to(officer, press)
    with engage.transaction() as unit:
        unit.session.execute(
            text(
                "UPDATE delivery SET state = 'sent', receipt_id = '9', receipt_url = 'https://x.com/a/status/9'"
            )
        )
    press.open("/cases")
    press.send("/cases", reference="1204/21NOV", status="charged", proceedings_active="yes")
    assert "They are under Deliveries" in press.text
    press.open("/deliveries")
    assert "Somebody has to look at these" in press.text
    assert "It would not be let out now: case 1204/21NOV changed." in press.text
    press.open(address)
    assert "Take it down everywhere" in press.text


def test_what_cannot_be_used_is_named(press: Visitor) -> None:
    press.open("/cases")
    press.send("/cases", reference="1204/21NOV", expect=400)
    assert "Say at least one thing that changed" in press.text
    press.send("/cases", reference="", status="charged", expect=400)
    assert "Say which case" in press.text
    press.send("/cases", reference="1/21NOV", status="guilty", expect=400)
    assert "Use one of report" in press.text
    press.send("/cases", reference="1/21NOV", subject_age="old", expect=400)
    assert "Age of the accused: “old” is not a whole number." in press.text
    assert "subject_age:" not in press.text


def test_an_officer_reads_neither_and_changes_neither(officer: Visitor) -> None:
    officer.open("/cases", expect=403)
    officer.open("/drafts")
    officer.send("/cases", reference="1/21NOV", status="charged", expect=403)
    officer.send("/periods", starts="2026-12-01", ends="2026-12-10", expect=403)


def test_an_election_period_is_added_and_shown(press: Visitor) -> None:
    press.open("/periods")
    assert "No period is in force or to come." in press.text
    press.send("/periods", starts="2031-03-25", ends="2031-05-08", poll="2031-05-07", note="local")
    assert "All of London: local" in press.text
    assert "25 March 2031 to 8 May 2031, poll on 7 May 2031" in press.text
    press.send("/periods", starts="2031-05-08", ends="2031-03-25", expect=400)
    assert "The period: ends 2031-03-25, before it starts 2031-05-08." in press.text
    assert 'href="#ends"' in press.page
    press.send("/periods", starts="soon", ends="2031-03-25", expect=400)
    assert "First day: “soon” is no day" in press.text
