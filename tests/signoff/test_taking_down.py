"""Who may take a public post down, and what that ends."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import pytest
from sqlalchemy import Engine

from engage.posts.people import Person, Role
from engage.posts.post import Post
from engage.posts.states import PostState
from engage.signoff import acts
from engage.signoff.refusals import NotNeeded, NotYours
from engage.signoff.taking_down import take_down
from tests.signoff.office import BAILEY, CLARKE, KHAN, Office, a_post


@dataclass
class ToldTakedowns:
    """Finds as much public as it is told; remembers what it was asked."""

    public: int = 2
    asked: list[tuple[UUID, str]] = field(default_factory=list)

    def ask(self, post_id: UUID, *, by: str, reason: str, now: datetime) -> int:
        assert by
        assert now
        self.asked.append((post_id, reason))
        return self.public


@pytest.fixture
def office(engine: Engine) -> Office:
    return Office(engine)


def signed_off(office: Office) -> Post:
    with office.desk() as desk:
        post = acts.create(desk, a_post(), by=KHAN)
        acts.submit(desk, post.id, by=KHAN)
        return acts.approve(desk, post.id, by=BAILEY, role=Role.PRESS_OFFICER, having_read=post.fingerprint)


def take(
    office: Office, post: Post, found: ToldTakedowns, *, by: Person = BAILEY, reason: str = " wrong picture "
) -> Post:
    with office.desk() as desk:
        return take_down(desk, found, post.id, by=by, reason=reason)


def test_one_press_officer_alone_ends_the_post_and_has_all_of_it_deleted(office: Office) -> None:
    post, found = signed_off(office), ToldTakedowns()
    assert take(office, post, found).state is PostState.WITHDRAWN
    assert office.post(post.id).state is PostState.WITHDRAWN
    assert found.asked == [(post.id, "wrong picture")]
    assert office.outbox.recalled == [post.id]
    with office.desk() as desk:
        assert desk.signoffs.of(post.id) == []


def test_the_record_says_who_took_it_down_and_why(office: Office) -> None:
    post = signed_off(office)
    take(office, post, ToldTakedowns())
    with office.desk() as desk:
        entry = desk.record.about(str(post.id))[-1]  # type: ignore[attr-defined]
    assert (entry.actor, entry.action) == (BAILEY.id, "taken down")
    assert (entry.details["comment"], entry.details["deliveries"]) == ("wrong picture", 2)


def test_a_post_withdrawn_earlier_that_turns_out_to_be_public_can_still_be_taken_down(
    office: Office,
) -> None:
    post = signed_off(office)
    with office.desk() as desk:
        acts.withdraw(desk, post.id, by=BAILEY, reason="out of date")
    found = ToldTakedowns(public=1)
    assert take(office, post, found).state is PostState.WITHDRAWN
    assert len(found.asked) == 1


@pytest.mark.parametrize("who", [KHAN, CLARKE])
def test_nobody_outside_the_press_office_takes_a_public_post_down(office: Office, who: Person) -> None:
    post = signed_off(office)
    with pytest.raises(NotYours):
        take(office, post, ToldTakedowns(), by=who)
    assert office.post(post.id).state is PostState.SIGNED_OFF


def test_without_a_reason_or_with_nothing_public_nothing_is_changed(office: Office) -> None:
    post = signed_off(office)
    with pytest.raises(NotNeeded, match="Say why"):
        take(office, post, ToldTakedowns(), reason=" ")
    with pytest.raises(NotNeeded, match="public"):
        take(office, post, ToldTakedowns(public=0))
    assert office.post(post.id).state is PostState.SIGNED_OFF
