"""States, people and processes as a press officer calls them, on every page that names or counts them."""

import pytest
from sqlalchemy import text

from engage.posts.kinds import Platform
from engage.wiring import Engage
from tests.web.stories import by_hand_on_nextdoor, change, draft, hand_over, sign
from tests.web.test_deliveries import public_on_x, waiting_for_a_person
from tests.web.visitor import Visitor


@pytest.fixture
def every_end(press: Visitor, engage: Engage) -> Visitor:
    """Of four deliveries one is lost, one a person's to post, one was withdrawn in time, one taken down."""
    post_id, delivery_id = public_on_x(press, engage)
    press.open(f"/posts/{post_id}")
    press.send(f"/posts/{post_id}/take-down", reason="wrong name")
    waiting_for_a_person(engage, Platform.BLUESKY)
    by_hand_on_nextdoor(engage)
    waiting_for_a_person(engage, Platform.NEXTDOOR)
    withdrawn = waiting_for_a_person(engage, Platform.MASTODON)
    with engage.transaction() as unit:
        unit.takedowns.removed_by_hand(delivery_id, by="press.sharma", now=unit.takedowns.clock())
        unit.session.execute(
            text("UPDATE delivery SET state = 'withdrawn', needs_person = false WHERE id = :id"),
            {"id": withdrawn},
        )
    return press


def test_what_was_taken_down_is_not_counted_with_what_nobody_ever_saw(every_end: Visitor) -> None:
    every_end.open("/deliveries")
    counts = every_end.text.partition("Where all deliveries stand")[2]
    for said in (
        "Not known: being looked up 1",
        "To be posted by hand 1",
        "Taken down 1",
        "Withdrawn before it went out 1",
    ):
        assert said in counts
    every_end.open("/operations")
    for said in (
        "Not known 1",
        "To be posted by hand 1",
        "X Taken down: 1",
        "Mastodon Withdrawn before it went out: 1",
        "Nextdoor To be posted by hand: 1",
    ):
        assert said in every_end.text


def test_who_posts_by_hand_needs_no_token(every_end: Visitor) -> None:
    every_end.open("/operations")
    assert "Nextdoor met_nextdoor Token:" not in every_end.text
    assert "Nextdoor met_nextdoor" in every_end.text


def test_the_history_of_a_post_names_no_process(officer: Visitor, press: Visitor, engage: Engage) -> None:
    by_hand_on_nextdoor(engage)
    change(officer, draft(officer, platforms=["nextdoor"]), "submit")
    address = officer.address
    sign(press, address)
    hand_over(engage)
    history = press.open(f"{address}/history").text
    assert "being sent by Engage itself" in history
    assert "to be posted by hand by Engage itself" in history
    assert "by worker" not in history
    assert "dispatcher" not in history
