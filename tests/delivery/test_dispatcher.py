"""One round of the dispatcher, on the real ledger: what is claimed, who is woken, how long it sleeps."""

import signal
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from types import SimpleNamespace
from uuid import UUID

import pytest
from sqlalchemy import Engine

from engage import dispatching
from engage.delivery.dispatcher import AT_ONCE, LONGEST_SLEEP, Round, go_round
from engage.delivery.ledger import AHEAD
from engage.delivery.ports import NotSent
from engage.posts.states import DeliveryState
from engage.wiring.counter import DeliveryBooks
from tests.delivery.post_room import PostRoom

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
D = DeliveryState


class BrokerGone(Exception):
    """As the broker's client says it."""


def nobody_answers(_ids: Sequence[UUID]) -> None:
    raise BrokerGone


@pytest.fixture
def room(engine: Engine) -> PostRoom:
    return PostRoom(engine)


def round_of(room: PostRoom, by: str = "dispatcher") -> Round:
    return go_round(
        room, by=by, send=lambda _ids: None, look_up=lambda _ids: None, take_down=lambda _ids: None
    )


def test_it_sleeps_until_the_next_post_is_due(room: PostRoom) -> None:
    room.plan(due_in=20 * SECOND)
    done = round_of(room)
    assert done.to_send == []
    assert 18 * SECOND < done.sleep <= 20 * SECOND - AHEAD


def test_a_post_is_handed_over_a_moment_before_its_time(room: PostRoom) -> None:
    post = room.plan(due_in=AHEAD)
    assert round_of(room).to_send == [room.of(post).id]


def test_what_becomes_due_while_the_round_lasts_is_looked_for_at_once(room: PostRoom) -> None:
    room.plan(due_in=SECOND / 2)
    waking = iter([None, time.sleep])

    class SlowAfterTheClaim:
        @contextmanager
        def books(self) -> Iterator[DeliveryBooks]:
            if (pause := next(waking, None)) is not None:
                pause(0.7)
            with room.books() as books:
                yield books

    done = go_round(
        SlowAfterTheClaim(), by="d", send=nobody_answers, look_up=nobody_answers, take_down=nobody_answers
    )
    assert (done.to_send, done.sleep) == ([], timedelta(0))


def test_what_takes_the_round_its_time_is_not_slept_as_well(room: PostRoom) -> None:
    room.plan(due_in=3 * SECOND)
    began = room.now()
    done = round_of(room)
    assert room.now() + done.sleep - began < 3 * SECOND + SECOND / 10


def test_what_comes_back_from_a_lost_worker_is_claimed_in_the_next_round_at_once(room: PostRoom) -> None:
    room.plan()
    assert round_of(room).to_send
    room.later(2 * MINUTE)
    assert round_of(room).sleep == timedelta(0)
    assert round_of(room).to_send


def test_with_nothing_to_do_it_sleeps_no_longer_than_it_may(room: PostRoom) -> None:
    assert round_of(room).sleep == LONGEST_SLEEP


def test_it_does_not_stay_awake_for_what_nobody_may_send_yet(room: PostRoom) -> None:
    room.plan("First part.", "Second part.")
    room.send_due_but_lose_the_answer()
    assert round_of(room).sleep > SECOND


def test_it_does_not_stay_awake_in_the_moment_before_what_nobody_may_send_yet(room: PostRoom) -> None:
    room.plan("First part.", "Second part.", due_in=AHEAD)
    assert len(round_of(room).to_send) == 1
    assert round_of(room).sleep > SECOND


def test_a_full_batch_is_followed_by_the_next_at_once(room: PostRoom) -> None:
    for number in range(AT_ONCE + 1):
        room.plan(f"Post {number}.")
    assert round_of(room).sleep == timedelta(0)
    assert len(round_of(room).to_send) == 1


def test_a_broker_that_is_away_gives_the_posts_back_at_once(room: PostRoom) -> None:
    post = room.plan()
    with pytest.raises(BrokerGone):
        go_round(room, by="dispatcher", send=nobody_answers, look_up=nobody_answers, take_down=nobody_answers)
    assert room.of(post).state is D.READY
    assert room.claim() == [room.of(post).id]


def test_what_a_worker_has_taken_is_not_given_back(room: PostRoom) -> None:
    post = room.plan()

    def taken_then_lost(ids: Sequence[UUID]) -> None:
        room.send(ids[0])
        raise BrokerGone

    with pytest.raises(BrokerGone):
        go_round(
            room, by="dispatcher", send=taken_then_lost, look_up=nobody_answers, take_down=nobody_answers
        )
    assert room.of(post).state is D.SENT


def test_a_post_that_became_too_late_lapses_and_its_people_are_told(room: PostRoom) -> None:
    post = room.plan(latest_in=MINUTE)
    room.later(2 * MINUTE)
    assert round_of(room).to_send == []
    assert room.of(post).state is D.LAPSED
    assert room.gate.stopped_for == ["it did not go out in time"]


def test_it_wakes_when_a_platforms_pause_ends_for_all_posts_of_the_account(room: PostRoom) -> None:
    room.plan("First.")
    again = room.now() + 10 * SECOND
    room.platform.outcome = lambda _outgoing: NotSent("too many", again, account_wide=True)
    room.send_due()
    room.plan("Second.")
    assert round_of(room).sleep <= 10 * SECOND


def test_a_lost_answer_is_looked_up_when_its_time_has_come(room: PostRoom) -> None:
    post = room.plan()
    room.send_due_but_lose_the_answer()
    assert round_of(room).to_look_up == []
    room.later(MINUTE)
    assert round_of(room).to_look_up == [room.of(post).id]
    assert round_of(room, by="another").to_look_up == []


def test_a_dispatcher_whose_round_breaks_ends_and_its_chores_with_it(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_engage: object, _name: str) -> timedelta:
        raise RuntimeError("a round broke")

    def chores(_engage: object, _name: str, stop: threading.Event) -> None:
        assert stop.wait(20), "told to stop"

    monkeypatch.setattr(dispatching, "open_engage", lambda: SimpleNamespace(engine=engine))
    monkeypatch.setattr(dispatching, "configure_logs", lambda: None)
    monkeypatch.setattr(dispatching, "_one_round", broken)
    monkeypatch.setattr(dispatching, "_every_minute", chores)
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    began = time.monotonic()
    with pytest.raises(RuntimeError, match="a round broke"):
        dispatching.run()
    assert time.monotonic() - began < 10
