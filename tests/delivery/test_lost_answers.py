"""A delivery whose answer was lost: looked up, never sent twice, and settled by a person in the end."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import Engine

from engage.delivery.ledger import LOOKS_BEFORE_A_PERSON
from engage.delivery.ports import (
    Absent,
    CannotTell,
    Found,
    Outgoing,
    Receipt,
    Sent,
    Shown,
    Unknown,
)
from engage.posts.errors import BadInput
from engage.posts.kinds import Platform
from engage.posts.post import Post
from engage.posts.states import DeliveryState
from engage.signoff.refusals import AlreadyLeft
from engage.store.vault import Vault
from tests.delivery.post_room import LINK_WITHOUT_ID, PostRoom

MINUTE = timedelta(minutes=1)
D = DeliveryState


@pytest.fixture
def room(engine: Engine) -> PostRoom:
    return PostRoom(engine)


def test_a_lost_answer_is_never_sent_again_by_itself(room: PostRoom) -> None:
    post = room.plan()
    room.lose_the_answer()
    assert room.send_due() == [D.UNKNOWN]
    room.later(30 * MINUTE)
    assert room.claim() == []
    assert len(room.platform.requests) == 1
    assert room.of(post).state is D.UNKNOWN


def test_an_unknown_delivery_that_is_found_on_the_platform_is_sent(room: PostRoom) -> None:
    post = room.plan()
    room.lose_the_answer()
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
    room.lose_the_answer()
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


def found_beside_one_without_an_id(room: PostRoom, their_words: str) -> Post:
    """A lost post that was looked up and found, after one in their words was confirmed by a link without its id."""
    theirs = room.plan(their_words)
    room.send_due_but_lose_the_answer()
    room.confirm(theirs, LINK_WITHOUT_ID)
    post = room.plan("Lock windows.")
    room.send_due_but_lose_the_answer()
    room.platform.lookup = Found(Receipt("77", "https://x.example/77"))
    room.look_up(room.of(post).id)
    return post


def test_a_post_that_a_person_confirmed_without_its_id_is_not_taken_for_another_lost_one(
    room: PostRoom,
) -> None:
    """What the look-up finds may be that one: then this is not public, and nobody would ever hear of it."""
    post = found_beside_one_without_an_id(room, "Lock windows.")
    assert (room.of(post).state, room.of(post).receipt) == (D.UNKNOWN, None)
    assert "perhaps only as another delivery's post" in (room.of(post).reason or "")


def test_a_post_of_other_words_confirmed_without_its_id_is_not_in_the_way(room: PostRoom) -> None:
    post = found_beside_one_without_an_id(room, "Other words.")
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
    room.lose_the_answer()
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
    room.lose_the_answer()
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
    room.lose_the_answer()
    room.send_due()
    with room.unit() as unit:
        unit.outbox.recall_rest(post.id, why="the hold on Camden was lifted", now=room.now())
    room.platform.lookup = Found(Receipt("77", "https://x.example/77"))
    room.look_up(room.of(post).id)
    assert room.of(post).state is D.SENT


def test_an_unknown_delivery_is_sent_a_second_time_once_and_then_waits_for_a_person(room: PostRoom) -> None:
    post = room.plan()
    room.lose_the_answer()
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
    room.lose_the_answer()
    room.send_due()
    room.platform.lookup = CannotTell("the timeline is private")
    for _ in range(6):
        room.look_up(room.of(post).id)
    assert room.of(post).needs_person
    with room.unit() as unit:
        assert [each.id for each in unit.deliveries.needing_person()] == [room.of(post).id]


def test_a_lost_post_of_a_platform_that_was_switched_off_comes_to_a_person_in_the_end(room: PostRoom) -> None:
    post = room.plan()
    room.lose_the_answer()
    room.send_due()
    room.platform.name = Platform.MASTODON
    for looks in range(1, LOOKS_BEFORE_A_PERSON + 1):
        room.look_up(room.of(post).id)
        assert room.of(post).needs_person is (looks == LOOKS_BEFORE_A_PERSON)
    assert room.of(post).reason == "X is not switched on here."


def test_a_lost_post_whose_accounts_tokens_no_key_opens_comes_to_a_person_in_the_end(room: PostRoom) -> None:
    post = room.plan()
    room.lose_the_answer()
    room.send_due()
    room.vault = Vault(Fernet.generate_key().decode())
    for looks in range(1, LOOKS_BEFORE_A_PERSON + 1):
        room.look_up(room.of(post).id)
        assert room.of(post).needs_person is (looks == LOOKS_BEFORE_A_PERSON)
    assert "The account's tokens cannot be read" in (room.of(post).reason or "")


def test_a_lost_post_of_an_account_that_was_removed_comes_to_a_person_at_once(room: PostRoom) -> None:
    post = room.plan()
    room.lose_the_answer()
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
    room.lose_the_answer()
    room.send_due()
    room.platform.lookup = CannotTell(
        "too many posts", (Shown("Other\0 \ud800words", "https://x.example/1"),)
    )
    room.look_up(room.of(post).id)
    assert [each.text for each in room.of(post).shown] == ["Other� �words"]


def test_what_the_account_showed_is_kept_for_the_person_who_decides(room: PostRoom) -> None:
    post = room.plan()
    room.lose_the_answer()
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
    room.lose_the_answer()
    room.send_due()
    with room.unit() as unit:
        now = unit.deliveries.clock()
        seen = Receipt("9", "https://x.example/DemoCamden/status/9")
        unit.deliveries.confirm_sent(room.of(post).id, receipt=seen, by="Bailey", now=now)
    assert room.of(post).state is D.SENT
    assert room.of(post).receipt == seen
