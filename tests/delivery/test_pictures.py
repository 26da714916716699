"""A post leaves with exactly the pictures that were signed off, or it does not leave."""

import hashlib
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import Engine, text

from engage.delivery.pictures import PictureLost, pictures
from engage.delivery.ports import Absent
from engage.posts.kinds import Platform
from engage.posts.post import Media
from engage.posts.states import DeliveryState
from tests.delivery.platforms.rigs import EDGES, HANDLE, Rig, an_account
from tests.delivery.post_room import PostRoom
from tests.pictures import ALT, kept

D = DeliveryState
SECOND = "The same lock, closed, with its key taken out."


@pytest.fixture
def room(engine: Engine) -> PostRoom:
    return PostRoom(engine)


def two_pictures(room: PostRoom) -> tuple[Media, ...]:
    with room.unit() as unit:
        return kept(unit), kept(unit, colour="teal", alt=SECOND)


@pytest.mark.parametrize("platform", sorted(EDGES))
def test_the_platform_gets_exactly_the_bytes_that_were_signed_off(room: PostRoom, platform: Platform) -> None:
    rig = Rig.start(platform)
    try:
        room.platform = rig.adapter  # type: ignore[assignment]
        with room.unit() as unit:
            account = an_account(platform)
            unit.accounts.add(platform, HANDLE, credentials=dict(account.credentials))
        media = two_pictures(room)
        room.plan("Lock your bike.", handle=HANDLE, media=media)
        assert room.send_due() == [D.SENT]
        [shown] = rig.shown
        assert [(each["sha256"], each["alt"]) for each in shown.media] == [
            (each.sha256, each.alt) for each in media
        ]
    finally:
        rig.stop()


def lose(room: PostRoom, picture: Media) -> None:
    with room.engine.begin() as connection:
        connection.execute(text("DELETE FROM picture WHERE sha256 = :sha"), {"sha": picture.sha256})


def exchange(room: PostRoom, picture: Media) -> None:
    with room.engine.begin() as connection:
        change = text("UPDATE picture SET content = content || '!' WHERE sha256 = :sha")
        connection.execute(change, {"sha": picture.sha256})


@pytest.mark.parametrize(
    ("harm", "said"), [(lose, "Picture 2 is not kept any more"), (exchange, "not the picture")]
)
def test_a_missing_or_exchanged_picture_stops_the_post_before_a_person(
    room: PostRoom, harm: Callable[[PostRoom, Media], None], said: str
) -> None:
    media = two_pictures(room)
    post = room.plan(media=media)
    harm(room, media[1])
    assert room.send_due() == [D.LAPSED]
    assert room.platform.requests == []
    stopped = room.of(post)
    assert stopped.needs_person
    assert said in (stopped.reason or "")
    assert [said in each for each in room.gate.stopped_for] == [True]


def test_the_first_part_of_a_thread_carries_the_pictures(room: PostRoom) -> None:
    room.plan("First.", "Second.", media=two_pictures(room))
    room.send_due()
    room.send_due()
    assert [[each.alt for each in request.media] for request in room.platform.requests] == [[ALT, SECOND], []]


def test_what_is_sent_again_after_a_lost_answer_has_its_pictures_again(room: PostRoom) -> None:
    post = room.plan(media=two_pictures(room))
    room.send_due_but_lose_the_answer()
    lookups = 0
    while room.of(post).state is D.UNKNOWN:
        lookups += 1
        assert lookups < 4
        room.platform.lookup = Absent()
        room.look_up(room.of(post).id)
        room.later(timedelta(minutes=2))
    room.send_due()
    assert [len(each.media) for each in room.platform.requests] == [2, 2]


def test_a_hash_that_is_not_of_the_bytes_is_refused() -> None:
    picture = Media(
        sha256=hashlib.sha256(b"one").hexdigest(), content_type="image/png", alt=ALT, original="0"
    )
    [file] = pictures([picture], lambda _sha256: b"one")
    assert (file.content, file.alt) == (b"one", ALT)
    with pytest.raises(PictureLost, match="Picture 1 is not the picture"):
        pictures([picture], lambda _sha256: b"two")
