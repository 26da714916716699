"""What the public did with a post, and what is said when somebody deleted it on its platform."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine

from engage.delivery.engagement import count
from engage.delivery.ports import Counted, NotCounted
from engage.posts.states import DeliveryState
from tests.delivery.post_room import HANDLE, LINK_WITHOUT_ID, PostRoom

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.fixture
def room(engine: Engine) -> PostRoom:
    return PostRoom(engine)


def count_what_is_due(room: PostRoom) -> int:
    with room.engagement() as book:
        due = book.to_count(10, now=book.clock())
    for each in due:
        count(each, desk=room)
    return len(due)


def test_counts_are_asked_for_an_hour_a_day_and_a_week_after_a_post_was_sent(room: PostRoom) -> None:
    room.plan()
    room.send_due()
    asked = []
    for wait in (0 * HOUR, HOUR, HOUR, DAY, HOUR, 6 * DAY, HOUR, 2 * DAY):
        room.later(wait)
        asked.append(count_what_is_due(room))
    assert asked == [0, 1, 0, 1, 0, 1, 0, 0]


def test_the_last_counts_are_kept_with_their_time_by_the_platforms_own_names(room: PostRoom) -> None:
    post = room.plan()
    room.send_due()
    room.later(HOUR)
    count_what_is_due(room)
    with room.unit() as unit:
        [known] = unit.engagement.of_post(post.id).values()
    assert known.counts == {"like_count": 3}
    assert known.note is None


def test_an_answer_that_never_came_keeps_the_counts_there_were(room: PostRoom) -> None:
    post = room.plan()
    room.send_due()
    room.later(HOUR)
    count_what_is_due(room)
    room.platform.counted = NotCounted("The answer was lost.")
    room.later(DAY)
    assert count_what_is_due(room) == 1
    with room.unit() as unit:
        [known] = unit.engagement.of_post(post.id).values()
    assert (known.counts, known.note) == ({"like_count": 3}, "The answer was lost.")
    assert not room.of(post).needs_person


def test_a_post_somebody_deleted_on_the_platform_is_told_to_a_person_once_and_stays_sent(
    room: PostRoom,
) -> None:
    post = room.plan()
    room.send_due()
    room.platform.counted = NotCounted("X no longer has this post.", gone=True)
    room.later(HOUR)
    count_what_is_due(room)
    assert room.of(post).state is DeliveryState.SENT
    assert room.of(post).needs_person
    assert room.of(post).reason == "Deleted on the platform. X no longer has this post."
    with room.unit() as unit:
        unit.deliveries.noticed(room.of(post).id)
    room.later(DAY)
    assert count_what_is_due(room) == 1
    assert not room.of(post).needs_person


def test_a_removed_account_is_asked_nothing(room: PostRoom) -> None:
    room.plan()
    room.send_due()
    with room.unit() as unit:
        unit.accounts.remove(f"x:{HANDLE}", now=room.now())
    room.later(HOUR)
    assert count_what_is_due(room) == 0


def test_a_post_that_is_not_public_has_no_counts(room: PostRoom) -> None:
    post = room.plan()
    assert count(room.of(post).id, desk=room) is None
    room.send_due()
    assert isinstance(count(room.of(post).id, desk=room), Counted)


def test_a_post_whose_link_does_not_say_its_id_is_not_asked_about(room: PostRoom) -> None:
    post = room.plan()
    room.send_due_but_lose_the_answer()
    room.confirm(post, LINK_WITHOUT_ID)
    room.later(HOUR)
    assert count_what_is_due(room) == 0
    assert count(room.of(post).id, desk=room) is None
