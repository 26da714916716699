"""What people may do with a post, told as they would tell it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import Engine

from engage.posts.errors import BadInput
from engage.posts.people import Person, Role
from engage.posts.post import Post
from engage.posts.states import IllegalMove, PostState
from engage.signoff import acts
from engage.signoff.refusals import (
    AlreadyLeft,
    BadTime,
    Blocked,
    NotNeeded,
    NotYours,
    OwnWork,
    WordsChanged,
)
from tests.signoff.office import BAILEY, CLARKE, KHAN, LEE, NOON, OWUSU, WORDS, Office, a_post


@pytest.fixture
def office(engine: Engine) -> Office:
    return Office(engine)


def drafted(office: Office, **given: object) -> Post:
    with office.desk() as desk:
        return acts.create(desk, a_post(**given), by=KHAN)  # type: ignore[arg-type]


def waiting(office: Office, **given: object) -> Post:
    post = drafted(office, **given)
    with office.desk() as desk:
        return acts.submit(desk, post.id, by=KHAN)


def approve(office: Office, post: Post, by: Person = BAILEY, role: Role = Role.PRESS_OFFICER) -> Post:
    with office.desk() as desk:
        return acts.approve(desk, post.id, by=by, role=role, having_read=post.fingerprint)


def reword(
    office: Office, post_id: UUID, text: str, *, by: Person = KHAN, version: int | None = None
) -> Post:
    post = office.post(post_id)
    variants = tuple(replace(each, parts=(text,)) for each in post.variants)
    with office.desk() as desk:
        return acts.edit(
            desk, post_id, by=by, version=version or post.version, variants=variants, context=post.context
        )


def test_an_approved_post_is_signed_off_and_left_for_delivery_at_its_time(office: Office) -> None:
    due = NOON + timedelta(hours=3)
    post = waiting(office, publish_at=due)
    signed = approve(office, post)
    assert signed.state is PostState.SIGNED_OFF
    assert office.outbox.planned == [(post.id, due, NOON + timedelta(hours=24))]
    assert office.history(post.id) == ["drafted", "submitted", "approved", "signed off"]


def test_a_post_whose_time_has_passed_is_signed_only_by_one_who_knows_that_it_goes_out_at_once(
    office: Office,
) -> None:
    post = waiting(office, publish_at=NOON - timedelta(minutes=2))
    with pytest.raises(BadTime, match="11:58, passed while you read"):
        approve(office, post)
    assert office.outbox.planned == []
    with office.desk() as desk:
        acts.approve(
            desk, post.id, by=BAILEY, role=Role.PRESS_OFFICER, having_read=post.fingerprint, at_once=True
        )
    assert office.outbox.planned == [(post.id, NOON, NOON + timedelta(hours=24))]


@pytest.mark.parametrize("at_once", [False, True])
def test_what_could_not_go_out_any_more_is_signed_by_nobody(office: Office, at_once: bool) -> None:
    post = waiting(office, publish_at=NOON + timedelta(minutes=5))
    with office.desk() as desk:
        latest = NOON + timedelta(minutes=30)
        post = acts.schedule(desk, post.id, by=BAILEY, publish_at=post.publish_at, latest=latest)
    office.wait(minutes=30)
    with office.desk() as desk, pytest.raises(BadTime, match=r"Its latest time, .* 12:30, has passed"):
        acts.approve(
            desk, post.id, by=LEE, role=Role.PRESS_OFFICER, having_read=post.fingerprint, at_once=at_once
        )
    assert office.outbox.planned == []


def test_a_minute_of_reading_makes_no_post_late(office: Office) -> None:
    assert (
        approve(office, waiting(office, publish_at=NOON - timedelta(seconds=50))).state
        is PostState.SIGNED_OFF
    )


def test_nobody_drafts_for_a_borough_that_is_not_theirs(office: Office) -> None:
    with office.desk() as desk, pytest.raises(NotYours, match="Camden"):
        acts.create(desk, a_post(by=OWUSU), by=OWUSU)


def test_a_blocked_draft_is_not_submitted_and_says_which_rule(office: Office) -> None:
    post = drafted(office, text="A burglar was seen.")
    with office.desk() as desk, pytest.raises(Blocked, match="L02: This implies guilt"):
        acts.submit(desk, post.id, by=KHAN)
    assert office.post(post.id).state is PostState.DRAFT


def test_nobody_signs_off_words_of_their_own(office: Office) -> None:
    post = waiting(office)
    edited = reword(office, post.id, WORDS + " Thank you.", by=BAILEY)
    with office.desk() as desk:
        acts.submit(desk, edited.id, by=BAILEY)
    with pytest.raises(OwnWork):
        approve(office, edited, by=BAILEY)
    assert approve(office, edited, by=LEE).state is PostState.SIGNED_OFF


def test_an_approval_of_words_that_changed_since_they_were_read_is_refused(office: Office) -> None:
    post = waiting(office)
    changed = reword(office, post.id, WORDS + " Please.")
    with office.desk() as desk:
        acts.submit(desk, post.id, by=KHAN)
    with pytest.raises(WordsChanged):
        approve(office, post)
    assert approve(office, changed).state is PostState.SIGNED_OFF


def test_two_people_editing_at_once_cannot_overwrite_each_other_unseen(office: Office) -> None:
    post = drafted(office)
    reword(office, post.id, "Mine.", version=post.version)
    with pytest.raises(WordsChanged):
        reword(office, post.id, "Also mine.", version=post.version)
    assert office.post(post.id).variants[0].text == "Mine."


UNREADABLE = [("Seen near \u202eere.", "cannot be seen"), ("x" * 100_001, "longer than 100,000")]


@pytest.mark.parametrize(("words", "why"), UNREADABLE)
def test_words_that_could_never_be_judged_are_not_kept(office: Office, words: str, why: str) -> None:
    with pytest.raises(BadInput, match=why):
        drafted(office, text=words)
    post = drafted(office)
    with pytest.raises(BadInput, match=why):
        reword(office, post.id, words)
    assert office.post(post.id) == post


def test_what_is_recorded_with_the_words_can_be_read_too(office: Office) -> None:
    post = drafted(office)
    with office.desk() as desk, pytest.raises(BadInput, match=r"case\.offence: holds a character"):
        acts.edit(
            desk,
            post.id,
            by=KHAN,
            version=post.version,
            variants=post.variants,
            context={"case": {"offence": "rob\x00bery"}},
        )


def test_editing_an_approved_post_voids_its_sign_off_and_takes_it_back(office: Office) -> None:
    post = waiting(office)
    approve(office, post)
    changed = reword(office, post.id, WORDS + " Please.")
    assert changed.state is PostState.DRAFT
    assert office.signoffs(post.id) == []
    assert office.outbox.recalled == [post.id]


def test_a_post_of_which_some_is_public_cannot_be_edited(office: Office) -> None:
    post = waiting(office)
    approve(office, post)
    office.outbox.left.add(post.id)
    with pytest.raises(AlreadyLeft):
        reword(office, post.id, "Other words.")
    assert office.post(post.id).state is PostState.SIGNED_OFF
    assert len(office.signoffs(post.id)) == 1


def test_two_sign_offs_mean_two_people(office: Office) -> None:
    office.policy.required = {"press_officer": 2}
    post = waiting(office)
    assert approve(office, post, BAILEY).state is PostState.AWAITING
    with pytest.raises(NotNeeded, match="another person"):
        approve(office, post, BAILEY)
    assert approve(office, post, LEE).state is PostState.SIGNED_OFF


def test_each_role_the_policy_asks_for_must_sign(office: Office) -> None:
    office.policy.required = {"press_officer": 1, "superintendent": 1}
    post = waiting(office)
    assert approve(office, post, BAILEY).state is PostState.AWAITING
    with pytest.raises(NotNeeded, match="superintendent"):
        approve(office, post, LEE, Role.LEGAL)
    assert approve(office, post, CLARKE, Role.SUPERINTENDENT).state is PostState.SIGNED_OFF


def test_nobody_signs_in_a_role_that_is_not_theirs(office: Office) -> None:
    post = waiting(office)
    with pytest.raises(NotYours):
        approve(office, post, CLARKE, Role.PRESS_OFFICER)


def test_a_sign_off_lapses_and_a_lapsed_one_no_longer_counts(office: Office) -> None:
    office.policy.required = {"press_officer": 1, "superintendent": 1}
    post = waiting(office)
    approve(office, post, BAILEY)
    office.wait(hours=25)
    assert approve(office, post, CLARKE, Role.SUPERINTENDENT).state is PostState.AWAITING
    assert approve(office, post, BAILEY).state is PostState.SIGNED_OFF


def test_a_time_at_which_the_sign_off_will_have_lapsed_is_refused_at_once(office: Office) -> None:
    post = waiting(office, publish_at=NOON + timedelta(days=3))
    with pytest.raises(BadTime, match="holds until"):
        approve(office, post)


def test_setting_the_time_is_not_writing_but_voids_what_was_signed_before(office: Office) -> None:
    office.policy.required = {"press_officer": 2}
    post = waiting(office)
    approve(office, post, BAILEY)
    with office.desk() as desk:
        timed = acts.schedule(desk, post.id, by=LEE, publish_at=NOON + timedelta(hours=1))
    assert office.signoffs(post.id) == []
    approve(office, timed, LEE)
    assert approve(office, timed, BAILEY).state is PostState.SIGNED_OFF


@pytest.mark.parametrize(
    ("publish_at", "latest"),
    [(NOON - timedelta(hours=1), None), (NOON + timedelta(hours=2), NOON + timedelta(hours=1))],
)
def test_a_time_that_cannot_be_kept_is_refused(
    office: Office, publish_at: datetime, latest: datetime | None
) -> None:
    post = waiting(office)
    with office.desk() as desk, pytest.raises(BadTime):
        acts.schedule(desk, post.id, by=BAILEY, publish_at=publish_at, latest=latest)


def test_a_returned_post_says_why_and_can_be_mended_and_submitted_again(office: Office) -> None:
    post = waiting(office)
    with office.desk() as desk:
        acts.return_(desk, post.id, by=BAILEY, comment="Say which months.")
    reword(office, post.id, "Mended words.")
    with office.desk() as desk:
        acts.submit(desk, post.id, by=KHAN)
    assert office.history(post.id) == ["drafted", "submitted", "returned", "edited", "submitted"]


@pytest.mark.parametrize("act", [acts.return_, acts.reject])
def test_only_the_press_office_returns_or_rejects_and_never_without_a_reason(
    office: Office, act: Callable[..., Post]
) -> None:
    post = waiting(office)
    with office.desk() as desk, pytest.raises(NotYours):
        act(desk, post.id, by=CLARKE, comment="No.")
    with office.desk() as desk, pytest.raises(NotNeeded):
        act(desk, post.id, by=BAILEY, comment="  ")
    assert office.post(post.id).state is PostState.AWAITING


def test_a_rejected_post_has_reached_its_end(office: Office) -> None:
    post = waiting(office)
    with office.desk() as desk:
        acts.reject(desk, post.id, by=BAILEY, comment="Not for us.")
    with pytest.raises(IllegalMove):
        reword(office, post.id, "Again.")


def test_a_withdrawn_post_is_taken_back_before_it_leaves(office: Office) -> None:
    post = waiting(office)
    approve(office, post)
    with office.desk() as desk:
        acts.withdraw(desk, post.id, by=BAILEY, reason="Overtaken by events.")
    assert office.post(post.id).state is PostState.WITHDRAWN
    assert office.outbox.recalled == [post.id]


def test_a_change_of_the_world_sends_a_signed_off_post_back_to_people(office: Office) -> None:
    post = waiting(office)
    approve(office, post)
    with office.desk() as desk:
        acts.ask_again(desk, post.id, actor=acts.SYSTEM, why="The case changed.")
    assert office.post(post.id).state is PostState.AWAITING
    assert office.signoffs(post.id) == []


@pytest.mark.parametrize("here", set(PostState) - {PostState.SIGNED_OFF})
def test_only_a_signed_off_post_is_asked_about_again_and_nobody_elses_draft_is_submitted(
    office: Office, here: PostState
) -> None:
    """Found by breaking it: a post edited while a hold was lifted stood in the queue without its writer's doing."""
    post = waiting(office)
    with office.desk() as desk:
        desk.posts.save(replace(desk.posts.for_change(post.id), state=here))
    with pytest.raises(IllegalMove), office.desk() as desk:
        acts.ask_again(desk, post.id, actor=acts.SYSTEM, why="The hold was lifted.")
    assert office.post(post.id).state is here


def test_what_nobody_approved_in_time_lapses_and_is_never_approved_by_itself(office: Office) -> None:
    post = waiting(office)
    with office.desk() as desk:
        acts.lapse(desk, post.id, why="Nobody signed it off in time.")
    assert office.post(post.id).state is PostState.LAPSED
    assert office.outbox.planned == []
