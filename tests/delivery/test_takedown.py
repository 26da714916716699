"""A public post that is to go: asked of its platform until it is gone, or a person has removed it."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import Engine

from engage.delivery.dispatcher import LONGEST_SLEEP, go_round
from engage.delivery.ports import Deleted, Found, NotSent, Receipt, Refused, Sent, Unknown
from engage.delivery.takedown import (
    ATTEMPTS_BEFORE_A_PERSON,
    LONGEST_WAIT,
    Takedown,
    TakedownState,
    take_down,
    wait_after,
)
from engage.posts.errors import NotAllowed
from engage.posts.post import Post
from engage.posts.states import DeliveryState
from tests.delivery.post_room import LINK_WITHOUT_ID, PostRoom

MINUTE = timedelta(minutes=1)
D = DeliveryState
T = TakedownState


@pytest.fixture
def room(engine: Engine) -> PostRoom:
    return PostRoom(engine)


def ask(room: PostRoom, post: Post) -> int:
    with room.unit() as unit:
        return unit.takedowns.ask(post.id, by="press.bailey", reason="wrong picture", now=room.now())


def of(room: PostRoom, post: Post) -> Takedown:
    with room.unit() as unit:
        return next(iter(unit.takedowns.of_post(post.id).values()))


def due(room: PostRoom) -> list[UUID]:
    with room.unit() as unit:
        return unit.takedowns.to_take_down(50, now=unit.takedowns.clock())


def work(room: PostRoom) -> int:
    found = due(room)
    for each in found:
        take_down(each, desk=room)
    return len(found)


def public(room: PostRoom, *parts: str) -> Post:
    post = room.plan(*parts)
    for _ in parts or ("",):
        assert set(room.send_due()) == {D.SENT}
    return post


def test_a_public_post_is_deleted_once_and_its_removal_is_on_record(room: PostRoom) -> None:
    post = public(room)
    assert ask(room, post) == 1
    assert work(room) == 1
    assert work(room) == 0
    assert room.platform.deleted == ["Lock win"]
    assert room.of(post).state is D.WITHDRAWN
    assert of(room, post).state is T.GONE
    assert of(room, post).gone_at is not None
    assert room.moves(post)[-2:] == ["sent", "withdrawn"]


def test_what_was_asked_for_is_not_asked_for_twice(room: PostRoom) -> None:
    post = public(room)
    assert (ask(room, post), ask(room, post)) == (1, 0)


def test_two_workers_never_take_the_same_removal(room: PostRoom) -> None:
    ask(room, public(room))
    assert [len(due(room)), len(due(room))] == [1, 0]


def test_the_last_part_of_a_thread_goes_first(room: PostRoom) -> None:
    post = public(room, "Part one.", "Part two.", "Part three.")
    assert ask(room, post) == 3
    work(room)
    assert room.platform.deleted == ["Part thr", "Part two", "Part one"]


def test_a_lost_answer_is_asked_again_until_the_platform_says_that_it_is_gone(room: PostRoom) -> None:
    post = public(room)
    ask(room, post)
    room.platform.deletion = Unknown("the connection was cut")
    work(room)
    assert of(room, post).said == "the connection was cut"
    assert room.of(post).state is D.SENT
    room.platform.deletion = Deleted()
    room.later(MINUTE)
    assert work(room) == 1
    assert of(room, post).state is T.GONE


def test_a_platform_that_asks_to_wait_is_not_asked_before(room: PostRoom) -> None:
    ask(room, public(room))
    room.platform.deletion = NotSent("too many", room.now() + 10 * MINUTE)
    work(room)
    room.later(9 * MINUTE)
    assert work(room) == 0
    room.later(2 * MINUTE)
    assert work(room) == 1


def test_a_person_is_told_after_some_attempts_and_the_platform_is_asked_on(room: PostRoom) -> None:
    post = public(room)
    ask(room, post)
    room.platform.deletion = NotSent("server error")
    for attempt in range(1, ATTEMPTS_BEFORE_A_PERSON + 1):
        assert work(room) == 1
        assert of(room, post).needs_person is (attempt == ATTEMPTS_BEFORE_A_PERSON)
        room.later(LONGEST_WAIT + MINUTE)
    room.platform.deletion = Deleted()
    assert work(room) == 1
    assert not of(room, post).needs_person


def test_what_the_platform_refuses_to_delete_waits_for_a_person_who_removes_it(room: PostRoom) -> None:
    post = public(room)
    ask(room, post)
    room.platform.deletion = Refused("not your post", "403")
    work(room)
    room.later(60 * MINUTE)
    assert work(room) == 0
    with room.unit() as unit:
        [waiting] = unit.takedowns.needing_person()
        assert waiting.said == "not your post"
        unit.takedowns.removed_by_hand(waiting.delivery_id, by="press.bailey", now=room.now())
    assert of(room, post).removed_by == "press.bailey"
    assert room.of(post).state is D.WITHDRAWN
    with room.unit() as unit, pytest.raises(NotAllowed):
        unit.takedowns.try_again(room.of(post).id, now=room.now())


def test_a_person_can_have_the_platform_asked_once_more(room: PostRoom) -> None:
    post = public(room)
    ask(room, post)
    room.platform.deletion = Refused("not your post", "403")
    work(room)
    room.platform.deletion = Deleted()
    with room.unit() as unit:
        unit.takedowns.try_again(room.of(post).id, now=room.now())
    assert work(room) == 1
    assert of(room, post).state is T.GONE


def test_a_post_whose_answer_was_lost_is_deleted_as_soon_as_it_is_found(room: PostRoom) -> None:
    post = room.plan()
    room.send_due_but_lose_the_answer()
    assert ask(room, post) == 1
    assert work(room) == 0
    room.platform.lookup = Found(Receipt("99", "https://x.example/99"))
    room.look_up(room.of(post).id)
    assert work(room) == 1
    assert room.platform.deleted == ["99"]
    assert room.of(post).state is D.WITHDRAWN


def test_a_post_whose_link_does_not_say_its_id_waits_at_once_for_a_person_and_nothing_is_deleted(
    room: PostRoom,
) -> None:
    post = room.plan()
    room.send_due_but_lose_the_answer()
    room.confirm(post, LINK_WITHOUT_ID)
    assert room.of(post).receipt == Receipt(None, LINK_WITHOUT_ID)
    assert ask(room, post) == 1
    assert work(room) == 1
    assert room.platform.deleted == []
    assert of(room, post).needs_person
    assert of(room, post).said == (
        "Engage cannot delete it by itself: its link does not say the post's number. "
        "Delete it on X by hand, then confirm."
    )
    with room.unit() as unit:
        unit.takedowns.removed_by_hand(room.of(post).id, by="press.bailey", now=room.now())
    assert (room.of(post).state, of(room, post).state) == (D.WITHDRAWN, T.GONE)


def test_a_post_that_turns_out_never_to_have_been_public_has_nothing_to_delete(room: PostRoom) -> None:
    post = room.plan()
    room.send_due_but_lose_the_answer()
    ask(room, post)
    with room.unit() as unit:
        unit.deliveries.give_up(room.of(post).id, by="press.bailey", now=room.now())
    assert work(room) == 0
    assert of(room, post).state is T.NEVER_PUBLIC


def test_the_lost_part_of_a_thread_that_is_taken_down_ends_once_it_proves_not_to_be_public(
    room: PostRoom,
) -> None:
    """The part before it is gone, so its turn would never come: it waited until its latest time, being taken down."""
    thread = room.plan("First part.", "Second part.")
    assert room.send_due() == [D.SENT]
    room.send_due_but_lose_the_answer()
    with room.unit() as unit:
        unit.outbox.recall_rest(thread.id, why="taken down by Bailey", now=room.now())
    assert ask(room, thread) == 2
    assert work(room) == 1
    lost = room.all_of(thread)[1].id
    room.look_up(lost)
    room.later(2 * MINUTE)
    room.look_up(lost)
    go_round(room, by="d", send=_never, look_up=_never, take_down=_never)  # type: ignore[arg-type]
    first, second = room.all_of(thread)
    assert (first.state, second.state) == (D.WITHDRAWN, D.LAPSED)
    assert second.reason == "not public, and taken down by Bailey"
    assert not second.needs_person
    assert len(room.platform.requests) == 2
    with room.unit() as unit:
        assert {each.state for each in unit.takedowns.of_post(thread.id).values()} == {T.GONE, T.NEVER_PUBLIC}


def _never(ids: Sequence[UUID]) -> None:
    assert not ids


def test_a_receipt_that_comes_after_a_post_was_given_up_can_still_be_taken_down(room: PostRoom) -> None:
    post = room.plan()
    room.send_due_but_lose_the_answer()
    delivery = room.of(post)
    with room.unit() as unit:
        unit.deliveries.give_up(delivery.id, by="press.bailey", now=room.now())
    with room.unit() as unit:
        unit.deliveries.settle(delivery, Sent(Receipt("7", "https://x.example/7")), now=room.now())
    assert ask(room, post) == 1
    assert work(room) == 1
    assert room.platform.deleted == ["7"]
    assert of(room, post).state is T.GONE


def test_what_was_to_be_taken_down_and_proves_to_be_public_after_all_is_deleted(room: PostRoom) -> None:
    """Somebody wanted it gone, was told that it never became public, and cannot ask a second time."""
    post = room.plan()
    room.send_due_but_lose_the_answer()
    delivery = room.of(post)
    ask(room, post)
    with room.unit() as unit:
        unit.deliveries.give_up(delivery.id, by="press.bailey", now=room.now())
    assert work(room) == 0
    assert of(room, post).state is T.NEVER_PUBLIC
    with room.unit() as unit:
        unit.deliveries.settle(delivery, Sent(Receipt("7", "https://x.example/7")), now=room.now())
    assert of(room, post).state is T.ASKED
    assert work(room) == 1
    assert room.platform.deleted == ["7"]
    assert of(room, post).state is T.GONE


def test_tokens_that_no_key_opens_are_told_to_a_person(room: PostRoom) -> None:
    post = public(room)
    ask(room, post)
    room.vault = type(room.vault)("MDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDA=")
    work(room)
    assert of(room, post).needs_person
    assert "tokens cannot be read" in str(of(room, post).said)


def test_a_post_of_an_account_that_was_removed_waits_at_once_for_a_person_even_without_any_key(
    room: PostRoom,
) -> None:
    post = public(room)
    ask(room, post)
    with room.unit() as unit:
        unit.accounts.remove(room.of(post).account_id, now=room.now())
    room.vault = type(room.vault)("MDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDA=")
    work(room)
    assert room.platform.deleted == []
    assert of(room, post).needs_person
    assert of(room, post).said == (
        "The account DemoCamden was removed from Engage, so it cannot ask X. "
        "Delete the post there by hand, then confirm it here."
    )


def test_the_dispatcher_wakes_for_a_removal_before_it_sends_anything(room: PostRoom) -> None:
    post = public(room)
    ask(room, post)
    room.plan("Another.")
    woken: list[str] = []
    done = go_round(
        room,
        by="dispatcher",
        send=lambda _ids: woken.append("send"),
        look_up=lambda _ids: woken.append("look up"),
        take_down=lambda _ids: woken.append("take down"),
    )
    assert woken == ["take down", "send"]
    assert done.to_take_down == [room.of(post).id]
    assert done.sleep <= LONGEST_SLEEP


def test_while_a_post_is_still_being_sent_its_removal_is_looked_at_every_second(room: PostRoom) -> None:
    post = room.plan()
    sleeps: list[timedelta] = []

    def taken_down_meanwhile(_outgoing: object) -> Unknown:
        ask(room, post)
        with room.unit() as unit:
            now = room.now()
            assert unit.takedowns.to_take_down(10, now=now) == []
            soon = unit.takedowns.next_due(now=now)
            assert soon is not None
            sleeps.append(soon - now)
        return Unknown("")

    room.platform.outcome = taken_down_meanwhile
    room.send_due()
    assert sleeps == [timedelta(seconds=1)]


def test_waits_double_and_never_grow_beyond_the_longest() -> None:
    waits = [wait_after(number) for number in range(1, 60)]
    assert waits[:3] == [timedelta(seconds=2), timedelta(seconds=4), timedelta(seconds=8)]
    assert waits == sorted(waits)
    assert waits[-1] == LONGEST_WAIT
