"""What a person sees and says about deliveries that only a person can settle."""

import html
import re
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import text

from engage.delivery.ledger import LOOKS_BEFORE_A_PERSON
from engage.delivery.ports import (
    Absent,
    CannotTell,
    Counted,
    Deleted,
    Deletion,
    Health,
    Lookup,
    Refused,
    Shown,
    TokenState,
)
from engage.posts.clock import utc_now
from engage.posts.kinds import Kind, Platform
from engage.posts.post import Post, Variant
from engage.posts.states import DeliveryState, PostState
from engage.wiring import Engage
from tests.web.stories import APPEAL, approved, submitted
from tests.web.visitor import Visitor

WORDS = "Bike marking at Swiss Cottage — “free” & open to all\nSaturday, 10:00"


def waiting_for_a_person(engage: Engage, platform: Platform) -> UUID:
    """A delivery that is public or not: only a person can tell."""
    now = utc_now()
    with engage.transaction() as unit:
        post = Post(
            id=uuid4(),
            kind=Kind.PREVENTION,
            borough="Camden",
            variants=(Variant(platform=platform, account=f"met_{platform.value}", parts=(WORDS,)),),
            writers=frozenset({"pc.okafor"}),
            created_by="pc.okafor",
            created_at=now,
            state=PostState.SIGNED_OFF,
        )
        unit.posts.add(post)
        unit.outbox.plan(post, due_at=now, latest=now, now=now)
        [delivery] = unit.deliveries.for_post(post.id)
        unit.session.execute(
            text("UPDATE delivery SET state = 'unknown', needs_person = true WHERE id = :id"),
            {"id": delivery.id},
        )
    return delivery.id


def stands(engage: Engage, delivery_id: UUID) -> tuple[str, str]:
    with engage.transaction() as unit:
        row = unit.session.execute(
            text("SELECT state, receipt_url FROM delivery WHERE id = :id"), {"id": delivery_id}
        ).one()
    return row.state, row.receipt_url


def look(engage: Engage, delivery_id: UUID, lookup: Lookup) -> None:
    """The platform was asked about it as often as it is, and said this each time."""
    with engage.transaction() as unit:
        for _ in range(LOOKS_BEFORE_A_PERSON):
            found = unit.deliveries.undecided(delivery_id)
            unit.deliveries.looked_up(found, lookup, settle_seconds=60, now=unit.deliveries.clock())


def test_an_officer_writes_for_a_platform_that_is_posted_to_by_hand_where_there_is_an_account(
    officer: Visitor, engage: Engage
) -> None:
    officer.open("/drafts/new?template=appeal_witness&borough=Lambeth")
    assert "Met Engage e-mail" not in officer.text
    asked = {**APPEAL, "platforms": ["x", "met_engage"]}
    officer.send("/drafts/new", expect=400, **asked)
    assert "nobody posts for Lambeth on Met Engage e-mail" in officer.text
    with engage.transaction() as unit:
        unit.accounts.add(Platform.MET_ENGAGE, "Met Engage Lambeth", credentials={}, borough="Lambeth")
    officer.open("/drafts/new?template=appeal_witness&borough=Lambeth")
    assert "Met Engage e-mail" in officer.text
    officer.send("/drafts/new", **asked)
    assert "Met Engage Lambeth" in officer.text


def test_what_the_account_shows_stands_beside_the_lost_words_and_settles_it(
    press: Visitor, engage: Engage
) -> None:
    delivery_id = waiting_for_a_person(engage, Platform.X)
    press.open("/deliveries")
    assert "X has not shown the account's posts" in press.text
    posted = datetime(2026, 7, 3, 9, 1, tzinfo=UTC)
    there = (
        Shown(WORDS, "https://x.com/met_x/status/7", posted),
        Shown("Something <b>else</b>", "https://x.com/met_x/status/6", posted),
    )
    look(engage, delivery_id, CannotTell("More than 500 posts.", there))
    press.open("/deliveries")
    assert "The same words" in press.text
    assert "Other words" in press.text
    assert "Something <b>else</b>" in press.text
    assert "10:01" in press.text
    addresses = re.findall(r'name="url" value="([^"]+)"', press.page)
    assert addresses == [each.url for each in there]
    press.send(f"/deliveries/{delivery_id}", decision="public", url=addresses[0])
    assert stands(engage, delivery_id) == (DeliveryState.SENT, "https://x.com/met_x/status/7")


def test_an_account_that_showed_nothing_since_is_said_to_have(press: Visitor, engage: Engage) -> None:
    delivery_id = waiting_for_a_person(engage, Platform.X)
    look(engage, delivery_id, Absent())
    press.open("/deliveries")
    assert "No post since the first request" in press.text


def test_an_account_whose_token_is_refused_is_shown_to_the_press_office(
    press: Visitor, engage: Engage
) -> None:
    with engage.counter.accounts() as book:
        refused = Health(TokenState.REVOKED, "The token belongs to @other.")
        book.checked("x:met_x", refused, now=utc_now())
    for page in ("/deliveries", "/queue"):
        press.open(page)
        assert "X no longer takes the token of met_x" in press.text
        assert "belongs to @other" in press.text


def test_a_token_that_ends_soon_is_told_to_the_press_office(press: Visitor, engage: Engage) -> None:
    ends = utc_now() + timedelta(days=3)
    with engage.counter.accounts() as book:
        book.checked("x:met_x", Health(TokenState.OK, "@met_x", expires_at=ends), now=utc_now())
    for page in ("/deliveries", "/queue"):
        press.open(page)
        assert "The token of met_x on X ends on" in press.text


def test_removing_an_account_sends_its_post_back_to_a_person(
    officer: Visitor, press: Visitor, engage: Engage
) -> None:
    address = approved(officer, press)
    with engage.transaction() as unit:
        person = unit.people.by_id("press.sharma")
    assert person is not None
    assert engage.remove_account("x:met_x", by=person) == 2
    press.open(address)
    assert "Lapsed" in press.text
    assert "The account met_x on X was removed." in press.text


def test_what_a_post_costs_and_what_the_month_has_left_is_shown_before_anybody_signs(
    officer: Visitor, press: Visitor, engage: Engage
) -> None:
    with engage.transaction() as unit:
        unit.budgets.allow("x:met_x", posts=1, mills=25_000)
    address = submitted(officer)
    press.open(address)
    assert "What it costs" in press.text
    assert "2 posts, $" in press.text
    assert "0 of 1 post, $0.00 of $25.00" in press.text
    assert "Over budget" in press.text
    assert "X developer documentation" in press.text


def public_on_x(press: Visitor, engage: Engage) -> tuple[UUID, UUID]:
    """A post that is public on X: its id and its delivery's."""
    delivery_id = waiting_for_a_person(engage, Platform.X)
    press.open("/deliveries")
    press.send(f"/deliveries/{delivery_id}", decision="public", url="https://x.com/met_x/status/9")
    with engage.transaction() as unit:
        post_id: UUID = unit.session.execute(text("SELECT id FROM post")).scalar_one()
    return post_id, delivery_id


def answered(engage: Engage, delivery_id: UUID, deletion: Deletion) -> None:
    with engage.transaction() as unit:
        unit.takedowns.said(delivery_id, deletion, now=utc_now())


def test_a_public_post_is_taken_down_with_a_reason_and_its_receipt_is_shown(
    press: Visitor, engage: Engage
) -> None:
    post_id, delivery_id = public_on_x(press, engage)
    press.open(f"/posts/{post_id}")
    press.send(f"/posts/{post_id}/take-down", reason=" ", expect=422)
    assert "Say why" in press.text
    press.open(f"/posts/{post_id}")
    press.send(f"/posts/{post_id}/take-down", reason="The picture shows a victim.")
    assert "Being taken down" in press.text
    assert "Taken down everywhere" not in press.text
    assert "The picture shows a victim." in press.text
    answered(engage, delivery_id, Deleted())
    press.open(f"/posts/{post_id}")
    assert "Taken down" in press.text
    assert "the platform says that it is gone" in press.text
    assert "https://x.com/met_x/status/9" in press.text
    press.open(f"/posts/{post_id}/history")
    assert "Taken down on every platform" in press.text
    assert "to be taken down: The picture shows a victim." in press.text


def test_what_a_platform_will_not_delete_is_removed_by_a_person_who_says_so(
    press: Visitor, engage: Engage
) -> None:
    post_id, delivery_id = public_on_x(press, engage)
    press.open(f"/posts/{post_id}")
    press.send(f"/posts/{post_id}/take-down", reason="wrong name")
    answered(engage, delivery_id, Refused("You are not allowed to delete this.", "403"))
    press.open("/deliveries")
    assert "To be taken down by hand" in press.text
    assert "X answered: You are not allowed to delete this." in press.text
    address = f"/deliveries/{delivery_id}/removal"
    press.send(address, decision="something", expect=400)
    press.open("/deliveries")
    press.send(address, decision="again")
    assert "To be taken down by hand" not in press.text
    answered(engage, delivery_id, Refused("Still not allowed.", "403"))
    press.open("/deliveries")
    press.send(address, decision="removed")
    assert "To be taken down by hand" not in press.text
    assert stands(engage, delivery_id)[0] == DeliveryState.WITHDRAWN
    press.open(f"/posts/{post_id}")
    assert "removed by Priya Sharma" in press.text


def test_an_officer_cannot_take_a_public_post_down(officer: Visitor, press: Visitor, engage: Engage) -> None:
    post_id, _ = public_on_x(press, engage)
    officer.open("/drafts")
    officer.send(f"/posts/{post_id}/take-down", reason="I was wrong.", expect=403)


def test_a_correction_is_begun_from_the_public_post_and_both_pages_lead_to_each_other(
    press: Visitor, engage: Engage
) -> None:
    post_id, _ = public_on_x(press, engage)
    press.open(f"/posts/{post_id}")
    [begin] = re.findall(r'href="(/drafts/new[^"]+corrects[^"]+)"', press.page)
    press.open(html.unescape(begin))
    assert "https://x.com/met_x/status/9" in press.text
    wording = {
        "slot-what": "bike marking",
        "slot-wrong": "We gave the wrong day.",
        "slot-right": "It is on another day.",
    }
    asked = {
        "template": "correction",
        "borough": "Camden",
        "corrects": str(post_id),
        "platforms": "x",
        **wording,
    }
    press.send("/drafts/new", expect=400, **asked)
    assert "say why the post has to be corrected" in press.text
    press.send("/drafts/new", **asked, **{"correction-reason": "The wrong day was given."})
    made = press.address.rpartition("/")[2]
    press.open(f"/posts/{made}")
    assert "Corrects Prevention" in press.text or "Corrects Crime prevention" in press.text
    assert "The wrong day was given." in press.text
    press.open(f"/posts/{post_id}")
    assert f"/posts/{made}" in press.page
    with engage.transaction() as unit:
        assert unit.posts.get(UUID(made)).corrects == post_id


def test_a_post_that_was_never_public_has_nothing_to_correct(officer: Visitor, press: Visitor) -> None:
    address = submitted(officer)
    press.open(address)
    assert "Write a correction" not in press.text
    press.open("/drafts/new?template=correction")
    fields = {"slot-what": "it", "slot-wrong": "It was wrong.", "slot-right": "It is right."}
    corrected = address.rpartition("/")[2]
    press.send("/drafts/new", template="correction", corrects=corrected, platforms="x", expect=400, **fields)
    assert "never public" in press.text


def test_what_a_platform_counts_is_shown_on_the_posts_page(press: Visitor, engage: Engage) -> None:
    delivery_id = waiting_for_a_person(engage, Platform.X)
    press.open("/deliveries")
    press.send(f"/deliveries/{delivery_id}", decision="public", url="https://x.com/met_x/status/9")
    with engage.transaction() as unit:
        unit.engagement.keep(delivery_id, Counted({"like_count": 1200, "replyCount": 0}), now=utc_now())
        post_id = unit.session.execute(text("SELECT id FROM post")).scalar_one()
    press.open(f"/posts/{post_id}")
    assert "like count 1,200, reply count 0" in press.text
