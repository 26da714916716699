"""A batch in one turn: every promise of a single delivery, and none of them spoiled by a neighbour."""

import threading
import time
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import Engine, text

from engage.delivery.ledger import Answer, Delivery, Go
from engage.delivery.ports import Allowance, Outgoing, Receipt, Sent
from engage.posts.states import DeliveryState
from engage.signoff.regimes import HoldScope
from tests.delivery.post_room import PostRoom, until

D = DeliveryState
BATCH = 6


@pytest.fixture
def room(engine: Engine) -> PostRoom:
    return PostRoom(engine)


def sent(outgoing: Outgoing) -> Sent:
    return Sent(Receipt(outgoing.text, "https://x.example/1"))


def plan_batch(room: PostRoom, count: int = BATCH) -> list[UUID]:
    for number in range(count):
        room.plan(f"Post {number}.")
    return room.claim(count)


def states(room: PostRoom) -> list[DeliveryState]:
    with room.unit() as unit:
        return [state for state, count in unit.deliveries.counts().items() for _ in range(count)]


def test_all_requests_of_a_batch_are_under_way_at_once_each_with_its_intent_kept(room: PostRoom) -> None:
    ids = plan_batch(room)
    all_here = threading.Barrier(BATCH)
    seen: list[list[DeliveryState]] = []

    def waits_for_the_others(outgoing: Outgoing) -> Sent:
        if all_here.wait(20) == 0:
            seen.append(states(room))
        all_here.wait(20)
        return sent(outgoing)

    room.platform.outcome = waits_for_the_others
    assert room.send_together(ids) == dict.fromkeys(ids, D.SENT)
    assert seen == [[D.SENDING] * BATCH]
    assert sorted(each.text for each in room.platform.requests) == [f"Post {n}." for n in range(BATCH)]


def test_each_outcome_is_kept_while_others_are_still_awaited(room: PostRoom) -> None:
    ids = plan_batch(room, 2)
    may_end, kept = threading.Event(), threading.Event()

    def one_is_slow(outgoing: Outgoing) -> Sent:
        if outgoing.text == "Post 0.":
            assert may_end.wait(20)
        return sent(outgoing)

    room.platform.outcome = one_is_slow
    with ThreadPoolExecutor(1) as pool:
        sending = pool.submit(room.send_together, ids)
        for _ in range(400):
            if sorted(states(room)) == [D.SENDING, D.SENT]:
                kept.set()
                break
        may_end.set()
        sending.result(20)
    assert kept.is_set()
    assert states(room) == [D.SENT, D.SENT]


def test_a_hold_waits_for_the_last_request_of_a_batch(room: PostRoom) -> None:
    ids = plan_batch(room)
    begun, may_end = threading.Barrier(BATCH + 1), threading.Event()
    ended: list[datetime] = []

    def slow(outgoing: Outgoing) -> Sent:
        begun.wait(20)
        if outgoing.text == "Post 3.":
            assert may_end.wait(20)
        ended.append(datetime.now(UTC))
        return sent(outgoing)

    def hold() -> datetime:
        with room.unit() as unit:
            unit.regimes.add_hold(HoldScope.FORCE, "", reason="tension", by="press.bailey", now=room.now())
        return datetime.now(UTC)

    room.platform.outcome = slow
    with ThreadPoolExecutor(2) as pool:
        sending = pool.submit(room.send_together, ids)
        begun.wait(20)
        holding = pool.submit(hold)
        with pytest.raises(TimeoutError):
            holding.result(0.5)
        may_end.set()
        assert sending.result(20) == dict.fromkeys(ids, D.SENT)
        assert holding.result(20) >= max(ended)


def test_two_workers_with_the_same_batch_send_each_post_once(room: PostRoom) -> None:
    ids = plan_batch(room)
    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(lambda n: room.send_together(ids, worker=f"worker-{n}"), range(3)))
    assert len(room.platform.requests) == BATCH
    for each in ids:
        assert [answer[each] for answer in answers].count(D.SENT) == 1


def test_what_somebody_is_changing_is_left_out_and_sent_by_itself_once_they_are_done(room: PostRoom) -> None:
    ids = plan_batch(room)
    changing = room.of_id(ids[2]).post_id
    with ThreadPoolExecutor(1) as pool:
        with room.unit() as unit:
            unit.posts.for_change(changing)
            sending = pool.submit(room.send_together, ids)
            until(lambda: len(room.platform.requests) == BATCH - 1)
            assert not sending.done()
            assert all(each.text != "Post 2." for each in room.platform.requests)
        assert sending.result(20) == dict.fromkeys(ids, D.SENT)
    assert len(room.platform.requests) == BATCH


def test_outcomes_that_come_at_once_are_kept_in_one_transaction(room: PostRoom) -> None:
    ids = plan_batch(room)
    all_here = threading.Barrier(BATCH)

    def waits_for_the_others(outgoing: Outgoing) -> Sent:
        all_here.wait(20)
        return sent(outgoing)

    room.platform.outcome = waits_for_the_others
    room.send_together(ids)
    with room.engine.connect() as connection:
        times = connection.execute(text("SELECT count(DISTINCT sent_at) FROM delivery")).scalar()
    assert times == 1


def test_an_outcome_that_somebody_has_locked_is_waited_for(room: PostRoom) -> None:
    ids = plan_batch(room, 2)
    asked = threading.Barrier(3)

    def asks(outgoing: Outgoing) -> Sent:
        asked.wait(20)
        asked.wait(20)
        return sent(outgoing)

    room.platform.outcome = asks
    with ThreadPoolExecutor(1) as pool:
        sending = pool.submit(room.send_together, ids)
        asked.wait(20)
        with room.engine.begin() as other:
            other.execute(text("SELECT id FROM delivery WHERE id = :id FOR UPDATE"), {"id": ids[0]})
            asked.wait(20)
            until(lambda: D.SENT in states(room))
            assert not sending.done()
        assert sending.result(20) == dict.fromkeys(ids, D.SENT)


def test_an_outcome_that_is_locked_keeps_no_later_one_waiting(room: PostRoom) -> None:
    ids = plan_batch(room, 2)
    locked, ended = threading.Event(), threading.Event()

    def asks(outgoing: Outgoing) -> Sent:
        assert locked.wait(20)
        if outgoing.delivery_id != ids[0]:
            assert ended.wait(20)
        return sent(outgoing)

    room.platform.outcome = asks
    with ThreadPoolExecutor(1) as pool:
        sending = pool.submit(room.send_together, ids)
        until(lambda: len(room.platform.requests) == 2)
        with room.engine.begin() as other:
            other.execute(text("SELECT id FROM delivery WHERE id = :id FOR UPDATE"), {"id": ids[0]})
            locked.set()
            time.sleep(0.2)
            ended.set()
            until(lambda: D.SENT in states(room))
        assert sending.result(20) == dict.fromkeys(ids, D.SENT)


@dataclass
class BreaksOnOne:
    """A gate with a mistake in it, for one post."""

    words: str = "Post 1."

    def read_ahead(self, deliveries: Collection[Delivery]) -> None:
        assert deliveries is not None

    def ask(self, delivery: Delivery, *, now: datetime) -> Answer:
        assert now
        if delivery.text == self.words:
            raise ZeroDivisionError
        return Go()

    def stopped(self, delivery: Delivery, *, reason: str, now: datetime) -> None:
        raise AssertionError((delivery, reason, now))


def test_one_that_breaks_the_transaction_keeps_no_other_from_going(room: PostRoom) -> None:
    ids = plan_batch(room)
    room.gate_over = lambda _unit: BreaksOnOne()
    with pytest.raises(ZeroDivisionError):
        room.send_together(ids)
    assert sorted(each.text for each in room.platform.requests) == [f"Post {n}." for n in (0, 2, 3, 4, 5)]
    assert sorted(states(room)) == [D.LEASED, *[D.SENT] * 5]


def test_an_adapter_that_breaks_leaves_its_post_unknown_and_the_others_sent(room: PostRoom) -> None:
    ids = plan_batch(room)

    def breaks_on_one(outgoing: Outgoing) -> Sent:
        if outgoing.text == "Post 4.":
            raise ZeroDivisionError
        return sent(outgoing)

    room.platform.outcome = breaks_on_one
    with pytest.raises(ZeroDivisionError):
        room.send_together(ids)
    assert len(room.platform.requests) == BATCH
    room.later(timedelta(minutes=2))
    with room.unit() as unit:
        unit.deliveries.expire(now=unit.deliveries.clock())
    assert sorted(states(room)) == [*[D.SENT] * 5, D.UNKNOWN]


def test_a_batch_of_one_account_takes_no_more_than_its_window(room: PostRoom) -> None:
    account = f"x:{room.of_id(plan_batch(room)[0]).handle}"
    resets = datetime.now(UTC) + timedelta(hours=1)
    room.rates.heard(account, Allowance(10, 2, resets))
    with room.unit() as unit:
        unit.deliveries.give_back(
            [each.id for each in room.everything()], by="dispatcher", now=unit.deliveries.clock()
        )
    room.send_together(room.claim())
    assert len(room.platform.requests) == 2
    assert sorted(states(room)) == [*[D.READY] * 4, *[D.SENT] * 2]
