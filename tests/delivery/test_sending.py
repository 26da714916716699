"""One delivery, from due to its receipt, and everything that can come between."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import Engine

from engage.delivery.ledger import AHEAD, LOOKS_BEFORE_A_PERSON, Stop, Wait
from engage.delivery.ports import (
    Absent,
    CannotTell,
    Found,
    NotSent,
    Outgoing,
    Receipt,
    Refused,
    Sent,
    Shown,
    Unknown,
)
from engage.posts.clock import show
from engage.posts.errors import BadInput
from engage.posts.kinds import Platform
from engage.posts.states import DeliveryState
from engage.signoff.refusals import AlreadyLeft
from engage.store.vault import Vault
from tests.delivery.post_room import HANDLE, LINK_WITHOUT_ID, PostRoom, until

MINUTE = timedelta(minutes=1)
D = DeliveryState


@pytest.fixture
def room(engine: Engine) -> PostRoom:
    return PostRoom(engine)


def lose_the_answer(room: PostRoom) -> None:
    room.platform.outcome = lambda _outgoing: Unknown("the connection was cut")


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


def test_a_lost_answer_is_never_sent_again_by_itself(room: PostRoom) -> None:
    post = room.plan()
    lose_the_answer(room)
    assert room.send_due() == [D.UNKNOWN]
    room.later(30 * MINUTE)
    assert room.claim() == []
    assert len(room.platform.requests) == 1
    assert room.of(post).state is D.UNKNOWN


def test_an_unknown_delivery_that_is_found_on_the_platform_is_sent(room: PostRoom) -> None:
    post = room.plan()
    lose_the_answer(room)
    room.send_due()
    room.platform.lookup = Found(Receipt("77", "https://x.example/77"))
    room.look_up(room.of(post).id)
    assert room.of(post).state is D.SENT
    assert room.of(post).receipt == Receipt("77", "https://x.example/77")


def sent_as(room: PostRoom, receipt: Receipt) -> None:
    """Another delivery of the account, public under this receipt."""
    room.plan()
    room.platform.outcome = lambda _outgoing: Sent(receipt)
    assert room.send_due() == [D.SENT]


def test_another_deliverys_post_of_the_same_words_is_not_taken_for_a_lost_one(room: PostRoom) -> None:
    sent_as(room, Receipt("77", "https://x.example/77"))
    post = room.plan()
    room.send_due_but_lose_the_answer()
    room.platform.lookup = Found(Receipt("77", "https://x.example/77"))
    for _ in range(LOOKS_BEFORE_A_PERSON):
        room.later(2 * MINUTE)
        room.look_up(room.of(post).id)
    assert (room.of(post).state, room.of(post).receipt) == (D.UNKNOWN, None)
    assert room.of(post).needs_person
    assert "perhaps only as another delivery's post: https://x.example/77" in (room.of(post).reason or "")


def test_of_several_posts_of_the_same_words_a_lost_one_is_what_no_other_delivery_has(room: PostRoom) -> None:
    theirs, ours = Receipt("78", "https://x.example/78"), Receipt("77", "https://x.example/77")
    sent_as(room, theirs)
    post = room.plan()
    room.send_due_but_lose_the_answer()
    room.platform.lookup = Found(theirs, (ours,))
    room.look_up(room.of(post).id)
    assert room.of(post).receipt == ours


def test_a_post_with_the_same_number_on_another_account_is_not_in_the_way(room: PostRoom) -> None:
    room.plan(handle="DemoBarnet")
    seen = Receipt("77", "https://x.example/77")
    room.platform.outcome = lambda _outgoing: Sent(seen)
    assert room.send_due() == [D.SENT]
    post = room.plan()
    room.send_due_but_lose_the_answer()
    room.platform.lookup = Found(seen)
    room.look_up(room.of(post).id)
    assert room.of(post).receipt == seen


def test_two_lost_posts_of_the_same_words_looked_up_at_once_never_take_the_same_one(room: PostRoom) -> None:
    posts = [room.plan(), room.plan()]
    lose_the_answer(room)
    room.send_due()
    room.platform.lookup = Found(Receipt("77", "https://x.example/77"))
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(room.look_up, [room.of(each).id for each in posts]))
    assert sorted(room.of(each).state for each in posts) == sorted([D.SENT, D.UNKNOWN])


def test_while_the_same_words_are_being_sent_what_is_found_may_be_theirs(room: PostRoom) -> None:
    lost = room.plan()
    room.send_due_but_lose_the_answer()
    seen = Receipt("77", "https://x.example/77")
    room.platform.lookup = Found(seen)
    stood: list[DeliveryState] = []

    def looked_for_meanwhile(_outgoing: Outgoing) -> Sent:
        room.look_up(room.of(lost).id)
        stood.append(room.of(lost).state)
        return Sent(seen)

    other = room.plan()
    room.platform.outcome = looked_for_meanwhile
    assert room.send_due() == [D.SENT]
    assert stood == [D.UNKNOWN]
    assert room.of(other).receipt == seen


def test_what_came_back_to_people_and_proves_to_be_public_is_not_planned_a_second_time(
    room: PostRoom,
) -> None:
    post = room.plan()
    room.send_due_but_lose_the_answer()
    lost = room.of(post)
    with room.unit() as unit:
        unit.deliveries.give_up(lost.id, by="Bailey", now=room.now())
        unit.deliveries.settle(lost, Sent(Receipt("7", "https://x.example/7")), now=room.now())
    now = room.now()
    with room.unit() as unit, pytest.raises(AlreadyLeft, match=r"is public: https://x\.example/7"):
        unit.outbox.plan(post, due_at=now, latest=now + MINUTE, now=now)
    assert len(room.all_of(post)) == 1


def test_a_post_that_a_person_confirmed_without_its_id_is_not_taken_for_another_lost_one(
    room: PostRoom,
) -> None:
    """What the look-up finds may be that one: then this is not public, and nobody would ever hear of it."""
    theirs = room.plan()
    room.send_due_but_lose_the_answer()
    room.confirm(theirs, LINK_WITHOUT_ID)
    post = room.plan()
    room.send_due_but_lose_the_answer()
    room.platform.lookup = Found(Receipt("77", "https://x.example/77"))
    room.look_up(room.of(post).id)
    assert (room.of(post).state, room.of(post).receipt) == (D.UNKNOWN, None)
    assert "perhaps only as another delivery's post" in (room.of(post).reason or "")


def test_a_post_of_other_words_confirmed_without_its_id_is_not_in_the_way(room: PostRoom) -> None:
    theirs = room.plan("Other words.")
    room.send_due_but_lose_the_answer()
    room.confirm(theirs, LINK_WITHOUT_ID)
    post = room.plan()
    room.send_due_but_lose_the_answer()
    room.platform.lookup = Found(Receipt("77", "https://x.example/77"))
    room.look_up(room.of(post).id)
    assert room.of(post).state is D.SENT


def test_two_lost_posts_are_not_both_confirmed_by_one_address_without_an_id(room: PostRoom) -> None:
    first, second = room.plan(), room.plan()
    room.platform.outcome = lambda _outgoing: Unknown("the connection was cut")
    room.send_due()
    room.confirm(first, LINK_WITHOUT_ID)
    with pytest.raises(BadInput, match="is another post that Engage sent"):
        room.confirm(second, LINK_WITHOUT_ID)
    assert room.of(second).state is D.UNKNOWN


def test_a_person_cannot_confirm_a_lost_post_by_the_address_of_another_delivery(room: PostRoom) -> None:
    sent_as(room, Receipt("77", "https://x.com/DemoCamden/status/77"))
    post = room.plan()
    room.send_due_but_lose_the_answer()
    with pytest.raises(BadInput, match="is another post that Engage sent"):
        room.confirm(post, "https://x.com/DemoCamden/status/77/photo/1")
    room.confirm(post, "https://x.com/DemoCamden/status/78")
    assert room.of(post).state is D.SENT


def test_an_unknown_delivery_goes_again_only_after_two_looks_and_the_settle_time(room: PostRoom) -> None:
    post = room.plan()
    lose_the_answer(room)
    room.send_due()
    delivery_id = room.of(post).id
    room.look_up(delivery_id)
    room.look_up(delivery_id)
    assert room.of(post).state is D.UNKNOWN
    room.later(2 * MINUTE)
    room.look_up(delivery_id)
    assert room.of(post).state is D.READY


def test_what_was_kept_back_while_nobody_knew_of_it_does_not_go_again_without_new_approval(
    room: PostRoom,
) -> None:
    post = room.plan()
    lose_the_answer(room)
    room.send_due()
    with room.unit() as unit:
        unit.outbox.recall_rest(post.id, why="the hold on Camden was lifted", now=room.now())
    assert room.of(post).state is D.UNKNOWN
    room.look_up(room.of(post).id)
    room.later(2 * MINUTE)
    room.look_up(room.of(post).id)
    assert room.send_due() == [D.LAPSED]
    assert len(room.platform.requests) == 1
    reason = "It has to be approved again: the hold on Camden was lifted."
    assert (room.of(post).reason, room.of(post).needs_person) == (reason, True)
    assert room.gate.stopped_for == [reason]


def test_what_was_kept_back_while_nobody_knew_of_it_is_sent_where_it_turns_out_to_be_public(
    room: PostRoom,
) -> None:
    post = room.plan()
    lose_the_answer(room)
    room.send_due()
    with room.unit() as unit:
        unit.outbox.recall_rest(post.id, why="the hold on Camden was lifted", now=room.now())
    room.platform.lookup = Found(Receipt("77", "https://x.example/77"))
    room.look_up(room.of(post).id)
    assert room.of(post).state is D.SENT


def test_an_unknown_delivery_is_sent_a_second_time_once_and_then_waits_for_a_person(room: PostRoom) -> None:
    post = room.plan()
    lose_the_answer(room)
    for _ in range(2):
        room.send_due()
        room.look_up(room.of(post).id)
        room.later(2 * MINUTE)
        room.look_up(room.of(post).id)
    assert room.of(post).state is D.UNKNOWN
    assert room.of(post).needs_person
    assert len(room.platform.requests) == 2


def test_what_cannot_be_told_again_and_again_waits_for_a_person(room: PostRoom) -> None:
    post = room.plan()
    lose_the_answer(room)
    room.send_due()
    room.platform.lookup = CannotTell("the timeline is private")
    for _ in range(6):
        room.look_up(room.of(post).id)
    assert room.of(post).needs_person
    with room.unit() as unit:
        assert [each.id for each in unit.deliveries.needing_person()] == [room.of(post).id]


def test_a_lost_post_of_a_platform_that_was_switched_off_comes_to_a_person_in_the_end(room: PostRoom) -> None:
    post = room.plan()
    lose_the_answer(room)
    room.send_due()
    room.platform.name = Platform.MASTODON
    for looks in range(1, LOOKS_BEFORE_A_PERSON + 1):
        room.look_up(room.of(post).id)
        assert room.of(post).needs_person is (looks == LOOKS_BEFORE_A_PERSON)
    assert room.of(post).reason == "X is not switched on here."


def test_a_lost_post_whose_accounts_tokens_no_key_opens_comes_to_a_person_in_the_end(room: PostRoom) -> None:
    post = room.plan()
    lose_the_answer(room)
    room.send_due()
    room.vault = Vault(Fernet.generate_key().decode())
    for looks in range(1, LOOKS_BEFORE_A_PERSON + 1):
        room.look_up(room.of(post).id)
        assert room.of(post).needs_person is (looks == LOOKS_BEFORE_A_PERSON)
    assert "The account's tokens cannot be read" in (room.of(post).reason or "")


def test_a_lost_post_of_an_account_that_was_removed_comes_to_a_person_at_once(room: PostRoom) -> None:
    post = room.plan()
    lose_the_answer(room)
    room.send_due()
    with room.unit() as unit:
        unit.accounts.remove(room.of(post).account_id, now=room.now())
    room.look_up(room.of(post).id)
    assert room.of(post).state is D.UNKNOWN
    assert room.of(post).needs_person
    assert room.of(post).reason == (
        "The account DemoCamden was removed from Engage, so it cannot ask X. "
        "Look there yourself whether the post is public."
    )


def test_a_look_is_kept_though_others_post_what_no_database_keeps(room: PostRoom) -> None:
    post = room.plan()
    lose_the_answer(room)
    room.send_due()
    room.platform.lookup = CannotTell(
        "too many posts", (Shown("Other\0 \ud800words", "https://x.example/1"),)
    )
    room.look_up(room.of(post).id)
    assert [each.text for each in room.of(post).shown] == ["Other� �words"]


def test_what_the_account_showed_is_kept_for_the_person_who_decides(room: PostRoom) -> None:
    post = room.plan()
    lose_the_answer(room)
    room.send_due()
    there = Shown("Other words", "https://x.example/DemoCamden/status/1", datetime(2026, 11, 2, tzinfo=UTC))
    room.platform.lookup = CannotTell("too many posts", (there,))
    room.look_up(room.of(post).id)
    asked_at = room.of(post).shown_at
    assert room.of(post).shown == (there,)
    room.platform.lookup = CannotTell("no answer")
    room.look_up(room.of(post).id)
    assert (room.of(post).shown, room.of(post).shown_at) == ((there,), asked_at)
    room.platform.lookup = Absent()
    room.look_up(room.of(post).id)
    assert room.of(post).shown == ()
    assert asked_at is not None
    assert room.of(post).shown_at > asked_at  # type: ignore[operator]


def test_a_person_who_sees_it_on_the_platform_settles_it_with_the_link(room: PostRoom) -> None:
    post = room.plan()
    lose_the_answer(room)
    room.send_due()
    with room.unit() as unit:
        now = unit.deliveries.clock()
        seen = Receipt("9", "https://x.example/DemoCamden/status/9")
        unit.deliveries.confirm_sent(room.of(post).id, receipt=seen, by="Bailey", now=now)
    assert room.of(post).state is D.SENT
    assert room.of(post).receipt == seen


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
    lose_the_answer(room)
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
