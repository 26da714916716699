"""Accounts while they work, while their token is refused, and after they were removed."""

from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import Engine, text

from engage.delivery.health import check
from engage.delivery.ports import (
    Account,
    Health,
    NotSent,
    Outcome,
    Outgoing,
    Receipt,
    Sent,
    TokenState,
    Unknown,
)
from engage.posts.errors import BadInput, NotAllowed
from engage.posts.kinds import Platform
from engage.posts.states import DeliveryState
from engage.store.unit import transaction
from engage.store.vault import Vault
from tests.delivery.post_room import HANDLE, PostRoom, ToldPlatform

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
D = DeliveryState
CAMDEN = f"x:{HANDLE}"
REVOKED = Health(TokenState.REVOKED, "X answered 401.")
WORKS = Health(TokenState.OK, "@DemoCamden")
NO_ANSWER = Health(TokenState.TRANSIENT, "The answer was lost.")


@pytest.fixture
def room(engine: Engine) -> PostRoom:
    return PostRoom(engine)


def refuse(_: Outgoing) -> Outcome:
    return NotSent("X answered 401.", account_wide=True, token_refused=True)


def checked(room: PostRoom, health: Health, account_id: str = CAMDEN) -> None:
    with room.accounts() as book:
        book.checked(account_id, health, now=book.clock())


def to_check(room: PostRoom, *, after: timedelta = timedelta(0)) -> list[str]:
    with room.accounts() as book:
        return sorted(book.to_check(10, now=book.clock() + after))


def test_what_an_attempt_learned_is_added_to_what_was_prepared(room: PostRoom) -> None:
    post = room.plan()
    room.platform.outcome = lambda _: NotSent("stopped half way", learned={"post_id": "7"})
    room.send_due()
    room.later(HOUR / 2)
    room.platform.outcome = lambda _: Unknown("cut", learned={"shown": "perhaps"})
    room.send_due()
    key = str(room.of(post).id)
    assert room.platform.requests[1].prepared == {"key": key, "post_id": "7"}
    assert room.of(post).prepared == {"key": key, "post_id": "7", "shown": "perhaps"}


def test_a_refused_token_stops_every_attempt_of_its_account_and_tells_a_person(room: PostRoom) -> None:
    first, second = room.plan(), room.plan("Second.")
    other = room.plan("Barnet.", handle="DemoBarnet")
    room.platform.outcome = refuse
    [first_id, *_] = room.claim(1)
    assert room.send(first_id) is D.READY
    room.platform.outcome = lambda _: Sent(Receipt("1", "https://x.example/1"))
    room.later(HOUR / 2)
    assert room.send_due() == [D.SENT]
    assert room.of(other).state is D.SENT
    assert [room.of(each).state for each in (first, second)] == [D.READY, D.READY]
    assert room.of(first).needs_person
    assert len(room.platform.requests) == 2
    with room.unit() as unit:
        [standing] = unit.accounts.to_renew(now=unit.deliveries.clock())
    assert (standing.account.handle, standing.detail) == (HANDLE, "X answered 401.")


def test_what_is_said_of_a_token_that_was_renewed_meanwhile_stops_no_post_of_the_new_one(
    room: PostRoom,
) -> None:
    class AskedWhileItIsRenewed(ToldPlatform):
        def check(self, account: Account) -> Health:
            if account.credentials == {"access_token": "new"}:
                return WORKS
            with room.unit() as unit:
                unit.accounts.renew(CAMDEN, {"access_token": "new"})
            return REVOKED

    room.platform = AskedWhileItIsRenewed()
    post = room.plan()
    assert check(CAMDEN, desk=room) is None
    assert CAMDEN in to_check(room)
    assert room.send_due() == [D.SENT]
    assert check(CAMDEN, desk=room) == WORKS
    assert not room.of(post).needs_person


def test_people_are_told_two_weeks_before_a_token_ends(room: PostRoom) -> None:
    with room.unit() as unit:
        now = unit.deliveries.clock()

    def told() -> list[str]:
        with room.unit() as unit:
            return [each.account.handle for each in unit.accounts.to_renew(now=now)]

    checked(room, replace(WORKS, expires_at=now + timedelta(days=15)))
    assert told() == []
    checked(room, replace(WORKS, expires_at=now + timedelta(days=14)))
    assert told() == [HANDLE]
    checked(room, NO_ANSWER)
    assert told() == [HANDLE]
    checked(room, WORKS)
    assert told() == []


def test_what_was_claimed_before_the_token_was_refused_waits_too(room: PostRoom) -> None:
    post = room.plan()
    [delivery_id] = room.claim()
    checked(room, REVOKED)
    assert room.send(delivery_id) is D.READY
    assert "has to be renewed" in (room.of(post).reason or "")
    assert room.platform.requests == []


def test_a_token_that_works_again_lets_its_posts_go_on(room: PostRoom) -> None:
    post = room.plan()
    room.platform.outcome = refuse
    room.send_due()
    checked(room, NO_ANSWER)
    room.later(MINUTE)
    assert room.claim() == []
    checked(room, WORKS)
    assert not room.of(post).needs_person
    room.platform.outcome = lambda _: Sent(Receipt("1", "https://x.example/1"))
    assert room.send_due() == [D.SENT]


def test_a_check_that_gets_no_answer_stops_nothing(room: PostRoom) -> None:
    room.plan()
    checked(room, NO_ANSWER)
    assert room.send_due() == [D.SENT]


def test_every_account_is_asked_about_by_one_asker_and_then_once_a_day(room: PostRoom) -> None:
    barnet = "x:DemoBarnet"
    assert to_check(room) == [barnet, CAMDEN]
    assert to_check(room) == []
    checked(room, WORKS)
    checked(room, NO_ANSWER, barnet)
    assert to_check(room, after=10 * MINUTE) == [barnet]
    checked(room, WORKS, barnet)
    assert to_check(room, after=23 * HOUR) == []
    assert to_check(room, after=25 * HOUR) == [barnet, CAMDEN]


def test_an_account_is_asked_about_again_in_the_hours_before_its_next_post(room: PostRoom) -> None:
    to_check(room)
    for account_id in (CAMDEN, "x:DemoBarnet"):
        checked(room, WORKS, account_id)
    room.plan(due_in=5 * HOUR, latest_in=6 * HOUR)
    assert to_check(room, after=2 * HOUR) == []
    assert to_check(room, after=3 * HOUR + MINUTE) == [CAMDEN]


def test_a_check_keeps_what_the_platform_said(room: PostRoom) -> None:
    room.platform.health = Health(TokenState.REVOKED, "The token belongs to @Other, not to @DemoCamden.")
    assert check(CAMDEN, desk=room) == room.platform.health
    with room.unit() as unit:
        [standing] = unit.accounts.to_renew(now=unit.deliveries.clock())
    assert standing.detail == "The token belongs to @Other, not to @DemoCamden."
    assert standing.checked_at is not None


def test_what_an_accounts_server_takes_is_kept_for_every_worker(room: PostRoom) -> None:
    room.platform.health = Health(TokenState.OK, "@DemoCamden", characters=5_000)
    check(CAMDEN, desk=room)
    checked(room, NO_ANSWER)
    room.plan()
    room.send_due()
    assert room.platform.requests[0].account.characters == 5_000


def test_renewed_tokens_are_used_and_the_old_refusal_is_forgotten(room: PostRoom) -> None:
    room.plan()
    checked(room, REVOKED)
    with room.unit() as unit:
        unit.accounts.renew(CAMDEN, {"access_token": "new"})
    assert room.send_due() == [D.SENT]
    assert room.platform.requests[0].account.credentials == {"access_token": "new"}


def test_what_waits_to_leave_by_a_removed_account_lapses_to_a_person(room: PostRoom) -> None:
    post, other = room.plan(due_in=HOUR), room.plan("Barnet.", handle="DemoBarnet")
    with room.unit() as unit:
        now = unit.deliveries.clock()
        unit.accounts.remove(CAMDEN, now=now)
        [lapsed] = unit.deliveries.orphaned(CAMDEN, reason="The account was removed.", now=now)
    assert lapsed.id == room.of(post).id
    assert (room.of(post).state, room.of(post).needs_person) == (D.LAPSED, True)
    assert room.send_due() == [D.SENT]
    assert room.of(other).state is D.SENT


def test_what_was_claimed_before_its_account_was_removed_is_not_sent(room: PostRoom) -> None:
    post = room.plan()
    [delivery_id] = room.claim()
    with room.unit() as unit:
        unit.accounts.remove(CAMDEN, now=room.now())
    assert room.send(delivery_id) is D.LAPSED
    assert room.gate.stopped_for == [f"The account {HANDLE} was removed."]
    assert room.of(post).state is D.LAPSED


def test_nothing_is_planned_for_a_removed_account_until_it_is_added_again(room: PostRoom) -> None:
    with room.unit() as unit:
        unit.accounts.remove(CAMDEN, now=room.now())
    with pytest.raises(NotAllowed, match="There is no account"):
        room.plan()
    with room.unit() as unit:
        unit.accounts.add(Platform.X, HANDLE, credentials={"access_token": "t2"}, borough="Camden")
    room.plan()
    assert room.send_due() == [D.SENT]


def test_tokens_are_not_kept_for_an_account_that_was_removed(room: PostRoom) -> None:
    with room.unit() as unit:
        unit.accounts.remove(CAMDEN, now=room.now())
    with room.unit() as unit, pytest.raises(BadInput, match="was removed"):
        unit.accounts.renew(CAMDEN, {"access_token": "new"})


def test_after_the_keys_are_rotated_only_the_new_key_is_needed(engine: Engine) -> None:
    old, new = (Fernet.generate_key().decode() for _ in range(2))
    room = PostRoom(engine, vault=Vault(old))
    with transaction(engine, Vault(f"{new},{old}")) as unit:
        assert unit.accounts.rotate() == 2
    with transaction(engine, Vault(new)) as unit:
        assert unit.accounts.with_tokens(CAMDEN).credentials == {"access_token": "t"}
    with room.unit() as unit, pytest.raises(BadInput, match="ENGAGE_TOKEN_KEYS"):
        unit.accounts.with_tokens(CAMDEN)


def test_a_rotation_that_cannot_open_an_account_changes_nothing(engine: Engine) -> None:
    room = PostRoom(engine)
    with engine.begin() as connection:
        connection.execute(
            text("UPDATE account SET credentials = :lost WHERE id = 'x:DemoCamden'"), {"lost": b"x"}
        )
    with pytest.raises(BadInput, match="no key opens"), room.unit() as unit:
        unit.accounts.rotate()
    with room.unit() as unit:
        assert unit.accounts.with_tokens("x:DemoBarnet").credentials == {"access_token": "t"}


def test_an_account_whose_tokens_no_key_opens_waits_and_stops_nothing_else(room: PostRoom) -> None:
    room.plan("Barnet.", handle="DemoBarnet")
    with room.engine.begin() as connection:
        connection.execute(
            text("UPDATE account SET credentials = :lost WHERE id = 'x:DemoCamden'"), {"lost": b"x"}
        )
    room.plan()
    found = check(CAMDEN, desk=room)
    assert found is not None
    assert found.state is TokenState.TRANSIENT
    assert sorted(str(each) for each in room.send_due()) == ["ready", "sent"]
