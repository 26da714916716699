"""What the ledger keeps of every way an attempt can end, and what people may decide."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import Engine, text

from engage.delivery.ledger import LOOKS_BEFORE_A_PERSON, Delivery
from engage.delivery.ports import (
    Capabilities,
    Found,
    NotSent,
    Outcome,
    Outgoing,
    Receipt,
    Refused,
    Sent,
    Unknown,
)
from engage.posts.errors import NotAllowed
from engage.posts.states import DELIVERY_MOVES, DeliveryState, IllegalMove
from engage.store.delivery_tables import DUE_CHANNEL, DeliveryRow, move
from engage.store.vault import Vault
from tests.delivery.post_room import PostRoom

MINUTE = timedelta(minutes=1)
D = DeliveryState
SEEN = Receipt("77", "https://x.example/77")


@pytest.fixture
def room(engine: Engine) -> PostRoom:
    return PostRoom(engine)


def put(room: PostRoom, state: DeliveryState, *parts: str) -> Delivery:
    """A delivery that somehow came to stand in this state; the first one of a thread."""
    post = room.plan(*parts)
    with room.engine.begin() as connection:
        connection.execute(
            text("UPDATE delivery SET state = :state WHERE post_id = :id"),
            {"state": state.value, "id": post.id},
        )
    return room.of(post)


def _state_of(room: PostRoom, delivery: Delivery) -> DeliveryState:
    return room.of_id(delivery.id).state


def settle(room: PostRoom, delivery: Delivery, outcome: Outcome) -> DeliveryState:
    with room.unit() as unit:
        return unit.deliveries.settle(delivery, outcome, now=unit.deliveries.clock())


@pytest.mark.parametrize("here", DeliveryState)
@pytest.mark.parametrize("there", DeliveryState)
def test_a_row_moves_exactly_where_the_table_says_and_each_move_is_in_its_history(
    room: PostRoom, here: DeliveryState, there: DeliveryState
) -> None:
    delivery = put(room, here)
    allowed = there in DELIVERY_MOVES[here]
    with room.unit() as unit:
        row = unit.session.get_one(DeliveryRow, delivery.id)
        if allowed:
            move(unit.session, row, there, why="because", now=room.now())
        else:
            with pytest.raises(IllegalMove):
                move(unit.session, row, there, why="because", now=room.now())
    with room.unit() as unit:
        last = unit.deliveries.moves_of(delivery.post_id)[-1]
        assert (last.came_from == here.value and last.went_to == there.value) is allowed


@pytest.mark.parametrize(
    "outcome", [NotSent("busy", learned={"post_id": "9"}), Unknown("cut", learned={"post_id": "9"})]
)
def test_what_an_attempt_learned_is_there_for_the_look_up_and_the_next_attempt(
    room: PostRoom, outcome: Outcome
) -> None:
    post = room.plan()
    room.platform.outcome = lambda _outgoing: outcome
    room.send_due()
    assert room.of(post).prepared == {"key": str(room.of(post).id), "post_id": "9"}


def test_what_was_learned_after_the_lease_ran_out_is_kept_too(room: PostRoom) -> None:
    post = room.plan()

    def slow(_outgoing: Outgoing) -> Outcome:
        room.later(2 * MINUTE)
        with room.unit() as unit:
            unit.deliveries.expire(now=unit.deliveries.clock())
        return Unknown("cut", learned={"post_id": "9"})

    room.platform.outcome = slow
    assert room.send_due() == [D.UNKNOWN]
    assert room.of(post).prepared["post_id"] == "9"


def test_a_sender_that_wakes_and_knows_that_its_request_never_left_takes_the_post_from_the_person(
    room: PostRoom,
) -> None:
    """Found by breaking it: it slept until a person was asked, did not send, and the post waited for ever."""
    post = room.plan()

    def sleeps(_outgoing: Outgoing) -> Outcome:
        room.later(2 * MINUTE)
        with room.unit() as unit:
            unit.deliveries.expire(now=unit.deliveries.clock())
        for _ in range(LOOKS_BEFORE_A_PERSON):
            room.later(6 * MINUTE)
            room.look_up(room.of(post).id)
        assert (room.of(post).state, room.of(post).needs_person) == (D.UNKNOWN, True)
        return NotSent("held up")

    room.platform.outcome = sleeps
    assert room.send_due() == [D.READY]
    assert not room.of(post).needs_person
    room.later(6 * MINUTE)
    room.platform.outcome = lambda outgoing: Sent(Receipt(outgoing.text[:8], "https://x.example/1"))
    assert room.send_due() == [D.SENT]


def test_a_refused_token_is_shown_to_a_person_and_holds_back_the_account(room: PostRoom) -> None:
    post = room.plan()
    room.platform.outcome = lambda _outgoing: NotSent("revoked", None, account_wide=True, token_refused=True)
    assert room.send_due() == [D.READY]
    assert room.of(post).needs_person
    with room.unit() as unit:
        unit.deliveries.noticed(room.of(post).id)
        health = unit.session.execute(
            text("SELECT health FROM account WHERE id = 'x:DemoCamden'")
        ).scalar_one()
    assert health == "revoked"
    assert not room.of(post).needs_person


def test_what_was_claimed_before_a_rate_limit_does_not_try_the_account_again(room: PostRoom) -> None:
    posts = [room.plan("First."), room.plan("Second.")]
    claimed = room.claim()
    again = room.now() + 5 * MINUTE
    room.platform.outcome = lambda _outgoing: NotSent("too many", again, account_wide=True)
    assert [room.send(each) for each in claimed] == [D.READY, D.READY]
    assert len(room.platform.requests) == 1
    assert {room.of(post).state for post in posts} == {D.READY}


def test_a_rate_limit_of_one_account_leaves_another_alone(room: PostRoom) -> None:
    room.plan("First.")
    again = room.now() + 5 * MINUTE
    room.platform.outcome = lambda _outgoing: NotSent("too many", again, account_wide=True)
    room.send_due()
    other = room.plan("Second.", handle="DemoBarnet")
    assert room.claim() == [room.of(other).id]


def _kept_of(room: PostRoom, delivery: Delivery) -> tuple[dict[str, object], list[tuple[object, ...]]]:
    """A row and its history, without what differs from one delivery to the next."""
    with room.unit() as unit:
        row = unit.session.get_one(DeliveryRow, delivery.id)
        kept = {each.key: getattr(row, each.key) for each in DeliveryRow.__table__.columns}
        moves = unit.deliveries.moves_of(delivery.post_id)
        assert kept["sent_at"] == moves[-1].at
        history = [(each.came_from, each.went_to, each.why, each.worker, each.fence) for each in moves]
    its_own = {"id", "post_id", "fingerprint", "sent_at", "due_at", "latest", "not_before"}
    return {name: value for name, value in kept.items() if name not in its_own}, history


def test_receipts_written_together_leave_the_ledger_as_each_by_itself_would(room: PostRoom) -> None:
    one, other = put(room, D.SENDING), put(room, D.SENDING)
    assert settle(room, one, Sent(SEEN)) is D.SENT
    with room.unit() as unit:
        assert unit.deliveries.received({other.id: (other.fence, SEEN)}) == [other.id]
    assert _kept_of(room, other) == _kept_of(room, one)


@pytest.mark.parametrize("here", set(D) - {D.SENDING})
def test_a_receipt_for_what_is_no_longer_being_sent_is_left_to_be_looked_at_by_itself(
    room: PostRoom, here: DeliveryState
) -> None:
    delivery = put(room, here)
    with room.unit() as unit:
        assert not unit.deliveries.received({delivery.id: (delivery.fence, SEEN)})
    assert _state_of(room, delivery) is here


def test_a_receipt_of_an_earlier_fence_or_of_what_is_locked_is_left_out_and_holds_no_other_up(
    room: PostRoom,
) -> None:
    lost, locked, ours = (put(room, D.SENDING) for _ in range(3))
    said = {each.id: (each.fence, SEEN) for each in (locked, ours)}
    said[lost.id] = (lost.fence - 1, SEEN)
    with room.engine.begin() as other:
        other.execute(text("SELECT id FROM delivery WHERE id = :id FOR UPDATE"), {"id": locked.id})
        with room.unit() as unit:
            assert unit.deliveries.received(said) == [ours.id]
    assert [_state_of(room, each) for each in (lost, locked, ours)] == [D.SENDING, D.SENDING, D.SENT]


def test_a_receipt_for_one_part_of_a_thread_wakes_whoever_sends_the_next(room: PostRoom) -> None:
    thread = put(room, D.SENDING, "First.", "Second.")
    whole = put(room, D.SENDING)
    with room.engine.connect() as listening:
        listening.execute(text(f"LISTEN {DUE_CHANNEL}"))
        listening.commit()
        driver = listening.connection.driver_connection
        assert driver is not None
        with room.unit() as unit:
            unit.deliveries.received({whole.id: (whole.fence, SEEN)})
        assert not list(driver.notifies(timeout=0.2))
        with room.unit() as unit:
            unit.deliveries.received({thread.id: (thread.fence, SEEN)})
        assert list(driver.notifies(timeout=20, stop_after=1))


@pytest.mark.parametrize("here", [D.READY, D.LEASED, D.SENDING, D.UNKNOWN])
def test_a_receipt_that_comes_from_a_worker_long_given_up_still_makes_it_sent(
    room: PostRoom, here: DeliveryState
) -> None:
    delivery = put(room, here)
    assert settle(room, replace(delivery, fence=delivery.fence - 1), Sent(SEEN)) is D.SENT
    with room.unit() as unit:
        [now] = unit.deliveries.for_post(delivery.post_id)
    assert now.receipt == SEEN


@pytest.mark.parametrize("here", [D.LAPSED, D.WITHDRAWN, D.REJECTED])
def test_a_post_that_turns_out_to_be_public_after_it_was_given_up_is_put_before_a_person(
    room: PostRoom, here: DeliveryState
) -> None:
    delivery = put(room, here)
    assert settle(room, replace(delivery, fence=delivery.fence - 1), Sent(SEEN)) is here
    with room.unit() as unit:
        [waiting] = unit.deliveries.needing_person()
    assert SEEN.url in (waiting.reason or "")


def test_a_second_receipt_for_one_delivery_is_put_before_a_person(room: PostRoom) -> None:
    post = room.plan()
    room.send_due()
    sent = room.of(post)
    settle(room, sent, Sent(sent.receipt or SEEN))
    assert not room.of(post).needs_person
    settle(room, sent, Sent(SEEN))
    assert room.of(post).needs_person
    assert room.of(post).receipt == sent.receipt


@pytest.mark.parametrize("outcome", [NotSent("busy"), Unknown("cut"), Refused("no", "403")])
@pytest.mark.parametrize("here", DeliveryState)
def test_a_worker_that_lost_its_fence_changes_nothing_without_a_receipt(
    room: PostRoom, here: DeliveryState, outcome: Outcome
) -> None:
    delivery = put(room, here)
    assert settle(room, replace(delivery, fence=delivery.fence - 1), outcome) is here


@pytest.mark.parametrize("outcome", [NotSent("busy"), Unknown("cut"), Refused("no", "403")])
def test_no_answer_turns_a_sent_post_into_a_failed_one(room: PostRoom, outcome: Outcome) -> None:
    post = room.plan()
    room.send_due()
    assert settle(room, room.of(post), outcome) is D.SENT
    assert not room.of(post).needs_person


def test_a_second_try_after_a_rate_limit_does_not_use_up_the_one_after_an_unknown(room: PostRoom) -> None:
    post = room.plan()
    room.platform.outcome = lambda _outgoing: NotSent("busy", room.now())
    room.send_due()
    room.later(MINUTE)
    room.send_due_but_lose_the_answer()
    room.look_up(room.of(post).id)
    room.later(2 * MINUTE)
    room.look_up(room.of(post).id)
    assert room.of(post).state is D.READY


def by_hand(room: PostRoom) -> None:
    room.platform.capabilities = Capabilities(settle_seconds=0, by_hand=True)


def test_what_is_posted_by_hand_waits_for_a_person_who_says_where_it_is(room: PostRoom) -> None:
    by_hand(room)
    post = room.plan()
    assert room.send_due() == [D.UNKNOWN]
    assert room.platform.requests == []
    assert room.of(post).needs_person
    assert "by hand" in (room.of(post).reason or "")
    with room.unit() as unit:
        unit.deliveries.confirm_sent(room.of(post).id, receipt=SEEN, by="Bailey", now=room.now())
    assert room.of(post).state is D.SENT
    assert room.of(post).receipt == SEEN


def test_nobody_looks_up_what_a_person_has_to_post(room: PostRoom) -> None:
    by_hand(room)
    room.plan()
    room.send_due()
    room.later(10 * MINUTE)
    with room.unit() as unit:
        assert unit.deliveries.to_look_up(50, now=unit.deliveries.clock()) == []


def test_tokens_that_no_key_opens_keep_the_post_waiting_and_say_so(room: PostRoom) -> None:
    post = room.plan()
    room.vault = Vault(Fernet.generate_key().decode())
    assert room.send_due() == [D.READY]
    assert "ENGAGE_TOKEN_KEYS" in (room.of(post).reason or "")


@pytest.mark.parametrize("there", [state for state in DeliveryState if state is not D.UNKNOWN])
def test_a_person_settles_only_what_is_unknown(room: PostRoom, there: DeliveryState) -> None:
    delivery = put(room, there)
    acts: list[Callable[..., object]] = []
    with room.unit() as unit:
        acts = [
            lambda: unit.deliveries.give_up(delivery.id, by="Bailey", now=room.now()),
            lambda: unit.deliveries.confirm_sent(delivery.id, receipt=SEEN, by="Bailey", now=room.now()),
        ]
        for act in acts:
            with pytest.raises(NotAllowed, match="no longer unknown"):
                act()


def test_what_a_person_gave_up_is_never_sent_or_looked_up(room: PostRoom) -> None:
    post = room.plan()
    room.send_due_but_lose_the_answer()
    with room.unit() as unit:
        unit.deliveries.give_up(room.of(post).id, by="Bailey", now=room.now())
    room.later(10 * MINUTE)
    room.platform.lookup = Found(SEEN)
    room.look_up(room.of(post).id)
    assert room.claim() == []
    assert room.of(post).state is D.LAPSED


def test_a_delivery_nobody_knows_is_not_ours_to_send(room: PostRoom) -> None:
    assert room.send(uuid4()) is None
