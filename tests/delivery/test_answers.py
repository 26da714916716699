"""A correction is sent as the answer to what it corrects, and is looked for as just that."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine

from engage.delivery.ports import Absent, Receipt, Sent
from engage.posts.kinds import Kind, Platform
from engage.posts.post import Post, Variant
from engage.posts.states import DeliveryState
from tests.delivery.post_room import HANDLE, LINK_WITHOUT_ID, PostRoom

D = DeliveryState


@pytest.fixture
def room(engine: Engine) -> PostRoom:
    return PostRoom(engine)


def public(room: PostRoom) -> Post:
    post = room.plan("Burglary is up.")
    room.platform.outcome = lambda _outgoing: Sent(Receipt("41", "https://x.example/41"))
    assert room.send_due() == [D.SENT]
    return post


def correction(room: PostRoom, corrects: UUID) -> Post:
    """Signed off and due now, in two parts."""
    now = room.now()
    post = Post(
        id=uuid4(),
        kind=Kind.CORRECTION,
        borough="Camden",
        variants=(Variant(platform=Platform.X, account=HANDLE, parts=("It is down.", "We are sorry.")),),
        writers=frozenset({"pc.khan"}),
        created_by="pc.khan",
        created_at=now,
        corrects=corrects,
    )
    with room.unit() as unit:
        unit.posts.add(post)
        unit.outbox.plan(post, due_at=now, latest=now + timedelta(hours=1), now=now)
    return post


def test_its_first_part_answers_the_post_and_its_second_the_first(room: PostRoom) -> None:
    original = public(room)
    correction(room, original.id)
    room.platform.outcome = lambda _outgoing: Sent(Receipt("42", "https://x.example/42"))
    room.send_due()
    room.send_due()
    assert [each.reply_to for each in room.platform.requests] == [None, "41", "42"]


def test_what_was_taken_down_is_answered_no_more(room: PostRoom) -> None:
    original = public(room)
    with room.unit() as unit:
        unit.takedowns.ask(original.id, by="press.bailey", reason="wrong", now=room.now())
        unit.takedowns.removed_by_hand(room.of(original).id, by="press.bailey", now=room.now())
    correction(room, original.id)
    room.send_due()
    assert room.platform.requests[-1].reply_to is None


def test_a_look_up_looks_for_what_was_sent_even_if_the_original_has_gone_since(room: PostRoom) -> None:
    original = public(room)
    sent = correction(room, original.id)
    room.send_due_but_lose_the_answer()
    with room.unit() as unit:
        unit.takedowns.ask(original.id, by="press.bailey", reason="wrong", now=room.now())
        unit.takedowns.removed_by_hand(room.of(original).id, by="press.bailey", now=room.now())
    assert room.of(sent).reply_to == "41"
    room.platform.lookup = Absent()
    room.look_up(room.of(sent).id)
    assert room.of(sent).state is D.UNKNOWN


def test_what_was_confirmed_by_a_link_without_its_id_is_corrected_but_not_answered(room: PostRoom) -> None:
    original = room.plan("Burglary is up.")
    room.send_due_but_lose_the_answer()
    room.confirm(original, LINK_WITHOUT_ID)
    correction(room, original.id)
    room.platform.outcome = lambda _outgoing: Sent(Receipt("42", "https://x.example/42"))
    assert room.send_due() == [D.SENT]
    assert room.platform.requests[-1].reply_to is None


def test_a_part_that_cannot_be_hung_on_the_one_before_it_lapses_to_a_person(room: PostRoom) -> None:
    thread = room.plan("First part.", "Second part.")
    room.send_due_but_lose_the_answer()
    room.confirm(thread, LINK_WITHOUT_ID)
    assert room.send_due() == [D.LAPSED]
    assert room.all_of(thread)[1].needs_person
    assert len(room.platform.requests) == 1
    [reason] = room.gate.stopped_for
    assert "does not say which post this one has to follow" in reason
