"""One delivery, from due to its receipt, and everything that can come between."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import Engine

from engage.delivery.ledger import AHEAD, Stop, Wait
from engage.delivery.ports import (
    NotSent,
    Outgoing,
    Receipt,
    Refused,
    Sent,
)
from engage.posts.clock import show
from engage.posts.states import DeliveryState
from tests.delivery.post_room import HANDLE, PostRoom, until

MINUTE = timedelta(minutes=1)
D = DeliveryState


@pytest.fixture
def room(engine: Engine) -> PostRoom:
    return PostRoom(engine)


def test_a_due_post_is_sent_once_with_its_exact_words_and_keeps_its_receipt(room: PostRoom) -> None:
    post = room.plan("Lock windows, O'Meara & Borough.")
    assert room.send_due() == [D.SENT]
    assert [each.text for each in room.platform.requests] == ["Lock windows, O'Meara & Borough."]
    assert room.of(post).receipt == Receipt("Lock win", "https://x.example/1")
    assert room.moves(post) == ["ready", "leased", "sending", "sent"]


def test_nothing_is_claimed_before_its_time(room: PostRoom) -> None:
    room.plan(due_in=MINUTE)
    assert room.claim() == []


def test_a_worker_woken_too_early_does_not_send(room: PostRoom) -> None:
    post = room.plan()
    [delivery_id] = room.claim()
    room.later(-MINUTE)
    assert room.send(delivery_id) is None
    assert room.platform.requests == []
    assert room.of(post).state is D.LEASED


def test_what_is_due_in_a_moment_is_made_ready_and_leaves_at_its_time_never_before(room: PostRoom) -> None:
    left_at: list[datetime] = []

    def says_when(_outgoing: Outgoing) -> Sent:
        left_at.append(room.now())
        return Sent(Receipt("1", "https://x.example/1"))

    room.platform.outcome = says_when
    for number in range(10):
        post = room.plan(f"Post {number}.", due_in=AHEAD)
        assert room.send_due() == [D.SENT]
        late = left_at[-1] - room.of(post).due_at
        assert timedelta(0) <= late < 10 * AHEAD


def test_what_leaves_in_a_moment_is_judged_as_of_then(room: PostRoom) -> None:
    times = []
    for _ in range(20):  # a busy machine may come to one only after its time
        post = room.plan(due_in=AHEAD)
        room.send_due()
        times.append(room.of(post).due_at)
    assert set(room.gate.asked_as_of) & set(times)


def test_what_is_overdue_is_judged_as_of_now(room: PostRoom) -> None:
    post = room.plan()
    room.later(MINUTE)
    room.send_due()
    assert room.gate.asked_as_of[0] > room.of(post).due_at + MINUTE / 2


def test_a_wait_that_a_platform_asked_for_is_kept_to_its_end(room: PostRoom) -> None:
    post = room.plan()
    again = room.now() + 3 * AHEAD
    room.platform.outcome = lambda _outgoing: NotSent("busy", again)
    assert room.send_due() == [D.READY]
    assert room.claim() == []
    left_at: list[datetime] = []

    def says_when(_outgoing: Outgoing) -> Sent:
        left_at.append(room.now())
        return Sent(Receipt("1", "https://x.example/1"))

    room.platform.outcome = says_when
    until(lambda: room.send_due() == [D.SENT])
    assert left_at[0] >= again > room.of(post).due_at


def test_the_same_wake_up_twice_sends_once(room: PostRoom) -> None:
    room.plan()
    [delivery_id] = room.claim()
    assert [room.send(delivery_id), room.send(delivery_id)] == [D.SENT, None]
    assert len(room.platform.requests) == 1


def test_many_workers_with_the_same_wake_up_send_once(room: PostRoom) -> None:
    room.plan()
    [delivery_id] = room.claim()
    with ThreadPoolExecutor(4) as pool:
        states = list(pool.map(lambda _: room.send(delivery_id), range(8)))
    assert states.count(D.SENT) == 1
    assert len(room.platform.requests) == 1


def test_two_dispatchers_never_claim_the_same_delivery(room: PostRoom) -> None:
    posts = [room.plan(f"Post {number}.") for number in range(20)]
    with ThreadPoolExecutor(4) as pool:
        claims = list(pool.map(lambda number: room.claim(5, by=f"dispatcher-{number}"), range(6)))
    claimed = [each for claim in claims for each in claim]
    assert len(claimed) == len(set(claimed)) == len(posts)


def test_what_one_post_has_due_at_one_time_is_claimed_together(room: PostRoom) -> None:
    first, due = room.plan(), room.now()
    both = tuple(replace(first.variants[0], account=handle) for handle in (HANDLE, "DemoBarnet"))
    posts = [replace(first, id=uuid4(), variants=both) for _ in range(10)]
    with room.unit() as unit:
        for each in posts:
            unit.posts.add(each)
            unit.outbox.plan(each, due_at=due, latest=due + timedelta(hours=1), now=due)
    claimed = [room.of_id(each).post_id for each in room.claim() if room.of_id(each).post_id != first.id]
    assert len(claimed) == 20
    assert claimed[::2] == claimed[1::2]


def test_the_intent_is_kept_before_the_request_is_made(room: PostRoom) -> None:
    post = room.plan()
    seen: list[DeliveryState] = []

    def look_from_outside(_outgoing: Outgoing) -> Sent:
        seen.append(room.of(post).state)
        return Sent(Receipt("1", "https://x.example/1"))

    room.platform.outcome = look_from_outside
    room.send_due()
    assert seen == [D.SENDING]


def test_a_late_post_lapses_to_a_person_and_is_not_sent(room: PostRoom) -> None:
    post = room.plan(latest_in=MINUTE)
    [delivery_id] = room.claim()
    room.later(2 * MINUTE)
    with room.unit() as unit:
        unit.deliveries.expire(now=unit.deliveries.clock())
        late = unit.deliveries.overdue(now=unit.deliveries.clock())
    assert [each.id for each in late] == [delivery_id]
    assert room.send(delivery_id) is None
    assert room.of(post).state is D.LAPSED
    assert room.of(post).needs_person
    assert room.platform.requests == []


def test_a_claimed_post_that_became_late_on_the_way_is_not_sent(room: PostRoom) -> None:
    post = room.plan(latest_in=timedelta(seconds=30))
    [delivery_id] = room.claim()
    room.later(timedelta(seconds=40))
    assert room.send(delivery_id) is D.LAPSED
    assert room.of(post).state is D.LAPSED
    assert room.gate.stopped_for == [f"Its latest time, {show(room.of(post).latest)}, has passed."]


def test_what_must_wait_goes_back_with_the_reason(room: PostRoom) -> None:
    post = room.plan()
    room.gate.answer = Wait("On hold for Camden: tension")
    assert room.send_due() == [D.READY]
    assert room.of(post).state is D.READY
    assert room.of(post).reason == "On hold for Camden: tension"
    assert room.claim() == []


def test_what_must_not_go_lapses_and_its_people_are_told(room: PostRoom) -> None:
    post = room.plan()
    room.gate.answer = Stop("Its sign-off has lapsed.")
    assert room.send_due() == [D.LAPSED]
    assert room.of(post).state is D.LAPSED
    assert room.gate.stopped_for == ["Its sign-off has lapsed."]


def test_what_the_platform_would_refuse_is_never_sent(room: PostRoom) -> None:
    post = room.plan()
    room.platform.wrong = ["It is 12 characters too long."]
    assert room.send_due() == [D.LAPSED]
    assert room.of(post).state is D.LAPSED
    assert "12 characters too long" in (room.of(post).reason or "")
    assert room.platform.requests == []


def test_a_refusal_is_not_tried_again_and_is_shown_to_a_person(room: PostRoom) -> None:
    post = room.plan()
    room.platform.outcome = lambda _outgoing: Refused("The account is suspended.", "403")
    assert room.send_due() == [D.REJECTED]
    assert room.of(post).needs_person
    room.later(10 * MINUTE)
    assert room.claim() == []


def test_what_was_certainly_not_sent_goes_again_at_the_time_the_platform_gave(room: PostRoom) -> None:
    post = room.plan()
    again = room.now() + 5 * MINUTE
    room.platform.outcome = lambda _outgoing: NotSent("slow down", again)
    assert room.send_due() == [D.READY]
    room.later(4 * MINUTE)
    assert room.claim() == []
    room.later(2 * MINUTE)
    room.platform.outcome = lambda _outgoing: Sent(Receipt("1", "u"))
    assert room.send_due() == [D.SENT]
    assert room.of(post).attempts == 2


def test_a_time_that_has_passed_is_no_leave_to_ask_at_once_again_and_again(room: PostRoom) -> None:
    """Seen where an instance's clock is behind ours, or within the second in which a window ends."""
    room.plan("First.")
    room.plan("Second.")
    passed = room.now() - MINUTE
    room.platform.outcome = lambda _outgoing: NotSent("too many", passed, account_wide=True)
    room.send(room.claim(1)[0])
    assert room.claim() == []
    room.later(MINUTE)
    assert len(room.claim()) == 2


def test_a_rate_limit_holds_back_the_whole_account(room: PostRoom) -> None:
    room.plan("First.")
    again = room.now() + 5 * MINUTE
    room.platform.outcome = lambda _outgoing: NotSent("too many", again, account_wide=True)
    room.send_due()
    room.plan("Second.")
    assert room.claim() == []
    room.later(6 * MINUTE)
    assert len(room.claim()) == 2


def test_a_worker_lost_before_its_request_leaves_the_delivery_ready(room: PostRoom) -> None:
    post = room.plan()
    room.claim()
    room.later(2 * MINUTE)
    with room.unit() as unit:
        assert unit.deliveries.expire(now=unit.deliveries.clock()) == 1
    assert room.of(post).state is D.READY


def test_a_worker_lost_during_its_request_leaves_the_delivery_unknown(room: PostRoom) -> None:
    class Killed(BaseException):
        """As if the process ended here."""

    def die(_outgoing: Outgoing) -> Sent:
        raise Killed

    post = room.plan()
    room.platform.outcome = die
    with pytest.raises(Killed):
        room.send_due()
    room.later(2 * MINUTE)
    with room.unit() as unit:
        unit.deliveries.expire(now=unit.deliveries.clock())
    assert room.of(post).state is D.UNKNOWN


def test_an_answer_that_comes_after_the_lease_still_counts_as_sent(room: PostRoom) -> None:
    post = room.plan()

    def slow(_outgoing: Outgoing) -> Sent:
        room.later(2 * MINUTE)
        with room.unit() as unit:
            unit.deliveries.expire(now=unit.deliveries.clock())
        assert room.of(post).state is D.UNKNOWN
        return Sent(Receipt("5", "https://x.example/5"))

    room.platform.outcome = slow
    assert room.send_due() == [D.SENT]
    assert room.of(post).receipt == Receipt("5", "https://x.example/5")


def test_the_next_part_of_a_thread_goes_only_after_the_last_was_sent_and_replies_to_it(
    room: PostRoom,
) -> None:
    post = room.plan("First part.", "Second part.")
    assert room.send_due() == [D.SENT]
    assert room.send_due() == [D.SENT]
    assert [each.reply_to for each in room.platform.requests] == [None, "First pa"]
    assert [each.state for each in room.all_of(post)] == [D.SENT, D.SENT]


def test_an_unknown_first_part_keeps_the_rest_of_the_thread_back(room: PostRoom) -> None:
    room.plan("First part.", "Second part.")
    room.lose_the_answer()
    room.send_due()
    room.later(MINUTE)
    assert room.claim() == []


def test_tokens_are_not_readable_in_the_database(room: PostRoom) -> None:
    with room.engine.connect() as connection:
        kept = connection.exec_driver_sql(
            "SELECT credentials FROM account WHERE id = 'x:DemoCamden'"
        ).scalar_one()
    assert b"access_token" not in bytes(kept)
    with room.unit() as unit:
        assert unit.accounts.with_tokens("x:DemoCamden").credentials == {"access_token": "t"}
        assert "access_token" not in repr(unit.accounts.with_tokens("x:DemoCamden"))
