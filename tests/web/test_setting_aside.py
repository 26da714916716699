"""The page where the head of communications lets exactly some words stand against a rule."""

from engage.web import create_app
from engage.wiring import Engage
from tests.web.stories import change, draft
from tests.web.visitor import Visitor

BLOCKED = "Stay indoors tonight. "


def a_blocked_draft(officer: Visitor) -> str:
    """A witness appeal whose words for Mastodon alarm; its address as a post."""
    address = draft(officer)
    first, *rest = officer.open(address).words()["text-mastodon"]
    change(officer, address, "keep", **{"text-mastodon": [f"{BLOCKED}{first}", *rest]})
    return address.replace("/drafts/", "/posts/")


def test_the_head_of_communications_sets_a_rule_aside_and_the_page_says_who_and_why(
    engage: Engage, officer: Visitor
) -> None:
    address = a_blocked_draft(officer)
    head = Visitor(create_app(engage).test_client()).signed_in("press.ward")
    assert "Set a rule aside" in head.open(address).text
    head.send(
        f"{address}/set-aside",
        rule="T02",
        reason="The fire service asks for it.",
        having_read=head.hidden("having_read"),
    )
    shown = head.open(address).text
    assert "The fire service asks for it." in shown
    assert "Set aside for these words by Helen Ward: The fire service asks for it." in shown
    assert "Rule set aside for these words" in head.open(f"{address}/history").text


def test_nobody_else_is_offered_it_or_may_do_it(officer: Visitor, press: Visitor) -> None:
    address = a_blocked_draft(officer)
    assert "Set a rule aside" not in press.open(address).text
    assert "Set a rule aside" not in officer.open(address).text
    press.send(f"{address}/set-aside", expect=403, rule="T02", reason="I say so.", having_read="x")
