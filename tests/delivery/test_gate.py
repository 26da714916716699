"""No request leaves once a hold is in force, and nobody sends what another may still be sending."""

import threading
import time
from collections.abc import Collection
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import pytest
from sqlalchemy import Engine, text

from engage.delivery.leaving import may_take
from engage.delivery.ledger import Answer, Delivery, Go, Wait
from engage.delivery.ports import Found, Outgoing, Receipt, Sent
from engage.posts.errors import Unavailable
from engage.posts.states import DeliveryState
from engage.signoff.regimes import HoldScope
from engage.store.gate import close_gate, open_gate
from engage.store.unit import Unit, transaction
from tests.delivery.post_room import PostRoom

MINUTE = timedelta(minutes=1)
SHORT = 0.4
D = DeliveryState
T = TypeVar("T")


class SlowPlatform:
    """A request that is under way until it is told to end."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.may_end = threading.Event()

    def __call__(self, outgoing: Outgoing) -> Sent:
        self.begun.set()
        assert self.may_end.wait(20)
        return Sent(Receipt(outgoing.text[:8], "https://x.example/1"))


@dataclass
class RealHolds:
    """A gate that asks the real holds, and writes a row that refers to the post as the real one does."""

    unit: Unit

    def read_ahead(self, deliveries: Collection[Delivery]) -> None:
        assert all(each.state is D.LEASED for each in deliveries)

    def ask(self, delivery: Delivery, *, now: datetime) -> Answer:
        assert now
        self.unit.session.execute(
            text("SELECT id FROM post WHERE id = :id FOR KEY SHARE"), {"id": delivery.post_id}
        )
        held = self.unit.regimes.holds_on(
            borough=delivery.borough, kind=delivery.kind, topic=None, platform=delivery.platform.value
        )
        return Wait("held") if held else Go()

    def stopped(self, delivery: Delivery, *, reason: str, now: datetime) -> None:
        raise AssertionError((delivery, reason, now))


@pytest.fixture
def room(engine: Engine) -> PostRoom:
    return PostRoom(engine)


@pytest.fixture
def slow(room: PostRoom) -> SlowPlatform:
    room.platform.outcome = SlowPlatform()
    return room.platform.outcome


def hold_camden(room: PostRoom) -> datetime:
    with room.unit() as unit:
        unit.regimes.add_hold(
            HoldScope.BOROUGH, "Camden", reason="tension", by="press.bailey", now=room.now()
        )
    return datetime.now(UTC)


def is_waiting(work: Future[T]) -> bool:
    time.sleep(SHORT)
    return not work.done()


def test_a_hold_waits_for_the_request_that_is_under_way(room: PostRoom, slow: SlowPlatform) -> None:
    room.plan()
    with ThreadPoolExecutor(2) as pool:
        sending = pool.submit(room.send_due)
        assert slow.begun.wait(10)
        holding = pool.submit(hold_camden, room)
        assert is_waiting(holding)
        slow.may_end.set()
        assert sending.result(10) == [D.SENT]
        holding.result(10)


def test_once_a_hold_has_returned_no_request_leaves_even_of_what_was_claimed_before(room: PostRoom) -> None:
    room.gate_over = RealHolds
    left: list[datetime] = []

    def leaves(outgoing: Outgoing) -> Sent:
        left.append(datetime.now(UTC))
        time.sleep(0.005)
        return Sent(Receipt(outgoing.text, "https://x.example/1"))

    room.platform.outcome = leaves
    for number in range(60):
        room.plan(f"Post {number}.")
    claimed = room.claim(60)
    assert len(claimed) == 60
    with ThreadPoolExecutor(5) as pool:
        sending = [pool.submit(room.send, each) for each in claimed]
        while len(left) < 10:
            time.sleep(0.001)
        held_from = hold_camden(room)
    assert 10 <= len(left) < 60
    assert all(moment < held_from for moment in left)
    assert {each.result() for each in sending} == {D.SENT, D.READY}


def test_a_hold_that_cannot_be_put_in_force_says_so_and_changes_nothing(engine: Engine) -> None:
    def set_a_case_and_close() -> None:
        with transaction(engine) as unit:
            unit.regimes.set_case("1/03OCT", {"status": "charged"}, by="pc.khan", now=datetime.now(UTC))
            close_gate(unit.session, longest_ms=200)

    with open_gate(engine), pytest.raises(Unavailable, match="in the middle of a request"):
        set_a_case_and_close()
    with transaction(engine) as unit:
        assert unit.regimes.case("1/03OCT") == {}


def test_a_worker_that_died_in_its_turn_does_not_keep_a_hold_waiting(engine: Engine) -> None:
    with open_gate(engine) as connection:
        backend = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
        connection.commit()
        with engine.begin() as other:
            other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": backend})
        with transaction(engine) as unit:
            close_gate(unit.session)
        connection.invalidate()


def test_a_hold_waits_until_a_sender_that_lost_its_connection_can_begin_no_more(room: PostRoom) -> None:
    """It cannot know that it lost its place at the gate: its clock is all that keeps it from its request."""
    began: list[datetime] = []

    def cut(outgoing: Outgoing) -> Sent:
        began.append(datetime.now(UTC))
        with room.engine.begin() as other:
            other.execute(
                text("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted")
            )
        return Sent(Receipt(outgoing.text[:8], "https://x.example/1"))

    room.platform.outcome = cut
    post = room.plan()
    with pytest.raises(Unavailable):
        room.send_due()
    assert room.of(post).state is D.SENDING
    assert hold_camden(room) - began[0] > may_take(0)


def test_the_gate_gives_up_a_machine_that_falls_silent(engine: Engine) -> None:
    with open_gate(engine) as connection:
        idle = connection.execute(text("SELECT setting FROM pg_settings WHERE name = 'tcp_keepalives_idle'"))
        over_tcp = connection.execute(text("SELECT inet_server_addr() IS NOT NULL")).scalar_one()
        assert idle.scalar_one() == ("5" if over_tcp else "0")


def test_while_its_sender_sleeps_a_posts_absence_is_not_taken_for_its_end(
    room: PostRoom, slow: SlowPlatform
) -> None:
    post = room.plan()
    with ThreadPoolExecutor(1) as pool:
        sending = pool.submit(room.send_due)
        assert slow.begun.wait(10)
        room.later(2 * MINUTE)
        with room.unit() as unit:
            unit.deliveries.expire(now=unit.deliveries.clock())
        for _ in range(3):
            room.look_up(room.of(post).id)
            room.later(2 * MINUTE)
        assert room.of(post).state is D.UNKNOWN
        assert "has not ended" in (room.of(post).reason or "")
        slow.may_end.set()
        assert sending.result(10) == [D.SENT]
    assert len(room.platform.requests) == 1
    assert room.of(post).state is D.SENT


def test_what_is_found_on_the_platform_counts_even_while_its_sender_sleeps(
    room: PostRoom, slow: SlowPlatform
) -> None:
    post = room.plan()
    room.platform.lookup = Found(Receipt("7", "https://x.example/7"))
    with ThreadPoolExecutor(1) as pool:
        sending = pool.submit(room.send_due)
        assert slow.begun.wait(10)
        room.later(2 * MINUTE)
        with room.unit() as unit:
            unit.deliveries.expire(now=unit.deliveries.clock())
        room.look_up(room.of(post).id)
        assert room.of(post).state is D.SENT
        slow.may_end.set()
        sending.result(10)


def test_nobody_takes_a_delivery_that_another_may_still_be_sending(
    room: PostRoom, slow: SlowPlatform
) -> None:
    post = room.plan()
    with ThreadPoolExecutor(1) as pool:
        sending = pool.submit(room.send_due)
        assert slow.begun.wait(10)
        with room.engine.begin() as connection:
            connection.execute(text("UPDATE delivery SET state = 'leased', worker = NULL, fence = fence + 1"))
        assert room.send(room.of(post).id) is None
        slow.may_end.set()
        sending.result(10)
    assert len(room.platform.requests) == 1


def test_an_edit_and_a_sender_at_the_same_moment_never_wait_in_a_circle(room: PostRoom) -> None:
    """Whoever changes a post locks it first and its deliveries after it; a sender does the same."""
    post = room.plan()
    [delivery_id] = room.claim()

    room.gate_over = RealHolds
    with ThreadPoolExecutor(1) as pool:
        with room.unit() as unit:
            unit.posts.for_change(post.id)
            sending = pool.submit(room.send, delivery_id)
            assert is_waiting(sending)
            unit.outbox.recall(post.id, why="edited", now=room.now())
        assert sending.result(10) is None
    assert room.of(post).state is D.WITHDRAWN
