"""A missing person was found: the appeals come down first, and only then may the closing post go."""

from uuid import UUID, uuid4

from sqlalchemy import text

from engage.delivery.ports import Deleted
from engage.posts.clock import utc_now
from engage.posts.kinds import Kind, Platform
from engage.posts.post import Post, Variant
from engage.posts.states import PostState
from engage.wiring import Engage
from tests.web.stories import change
from tests.web.visitor import Visitor

WORDS = "Have you seen Amina, 68, missing from Lambeth? If you can see Amina now, call 999."


def public_appeal(engage: Engage) -> UUID:
    now = utc_now()
    post = Post(
        id=uuid4(),
        kind=Kind.APPEAL_MISSING,
        borough="Lambeth",
        variants=(Variant(platform=Platform.X, account="met_x", parts=(WORDS,)),),
        context={"missing": {"status": "missing", "ref": "26MIS000123"}},
        writers=frozenset({"pc.okafor"}),
        created_by="pc.okafor",
        created_at=now,
        state=PostState.SIGNED_OFF,
    )
    with engage.transaction() as unit:
        unit.posts.add(post)
        unit.outbox.plan(post, due_at=now, latest=now, now=now)
        unit.session.execute(
            text(
                "UPDATE delivery SET state = 'sent', receipt_id = '9', first_attempt_at = now(),"
                " receipt_url = 'https://x.com/a/status/9'"
            )
        )
    return post.id


def test_the_closing_post_waits_until_every_appeal_is_gone(press: Visitor, engage: Engage) -> None:
    appeal = public_appeal(engage)
    press.open(f"/posts/{appeal}")
    press.send(f"/posts/{appeal}/found")
    assert "Posts being taken down: 1." in press.text
    assert "has been found" in press.text
    assert "Amina" not in press.text
    closing = press.address
    change(press, closing, "submit", expect=422)
    assert "The original posts are not recorded as deleted." in press.text
    with engage.transaction() as unit:
        [delivery] = unit.deliveries.for_post(appeal)
        unit.takedowns.said(delivery.id, Deleted(), now=utc_now())
    change(press, closing, "submit")
    assert "Awaiting sign-off" in press.text


def test_nobody_appeals_for_somebody_who_was_found(press: Visitor, engage: Engage) -> None:
    appeal = public_appeal(engage)
    press.open(f"/posts/{appeal}")
    press.send(f"/posts/{appeal}/found")
    with engage.transaction() as unit:
        again = unit.posts.get(appeal)
        decision = engage.decide(again, unit, now=utc_now())[Platform.X]
        assert again.state is PostState.WITHDRAWN
    assert "The person has been found: no appeal goes out." in [each.message for each in decision.findings]


def test_an_officer_cannot_close_an_appeal(officer: Visitor, engage: Engage) -> None:
    appeal = public_appeal(engage)
    officer.open("/drafts")
    officer.send(f"/posts/{appeal}/found", expect=403)


def test_an_appeal_that_a_late_answer_showed_to_be_public_is_taken_down_as_well(
    press: Visitor, engage: Engage
) -> None:
    """It was given up, and a worker then heard that it had arrived: until it is gone nobody is told of a find."""
    public_appeal(engage)
    late = public_appeal(engage)
    with engage.transaction() as unit:
        unit.session.execute(text("UPDATE delivery SET state = 'lapsed' WHERE post_id = :id"), {"id": late})
    assert [each.id for each in _public(engage)][-1] == late
    press.open(f"/posts/{late}")
    press.send(f"/posts/{late}/found")
    assert "Posts being taken down: 2." in press.text
    with engage.transaction() as unit:
        for each in unit.posts.public_about("26MIS000123"):
            [delivery] = unit.deliveries.for_post(each.id)
            unit.takedowns.said(delivery.id, Deleted(), now=utc_now())
    assert _public(engage) == []


def test_what_proves_to_be_public_after_the_others_were_asked_for_is_asked_for_too(
    press: Visitor, engage: Engage
) -> None:
    """Some of the same post was asked to be deleted before: that must not hide the rest of it."""
    appeal = public_appeal(engage)
    press.open(f"/posts/{appeal}")
    press.send(f"/posts/{appeal}/take-down", reason="wrong picture")
    with engage.transaction() as unit:
        unit.session.execute(
            text(
                "INSERT INTO delivery SELECT (jsonb_populate_record(d, jsonb_build_object("
                "'id', gen_random_uuid(), 'part', 1, 'state', 'lapsed', 'receipt_id', '10'))).* FROM delivery d"
            )
        )
    press.open(f"/posts/{appeal}")
    press.send(f"/posts/{appeal}/found")
    with engage.transaction() as unit:
        assert len(unit.takedowns.of_post(appeal)) == 2


def _public(engage: Engage) -> list[Post]:
    with engage.transaction() as unit:
        return unit.posts.public_about("26MIS000123")
