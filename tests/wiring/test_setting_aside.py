"""The head of communications may let exactly some words stand against a rule, with a reason on record."""

from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from engage.policy import load_policy
from engage.policy.decision import Verdict
from engage.posts.clock import utc_now
from engage.posts.errors import NotAllowed
from engage.posts.kinds import Kind, Platform
from engage.posts.people import Role
from engage.posts.states import PostState
from engage.signoff import acts
from engage.signoff.refusals import Blocked, NobodyMay, NotNeeded, NotYours, WordsChanged
from engage.signoff.setting_aside import set_aside
from engage.wiring import Engage
from tests.policy.builders import MET
from tests.wiring.test_changes import a_post, kept, person

WORDS = "Stay indoors tonight: we are dealing with a chemical spill in Camden."
BLOCKING = "T02"
REASON = "The fire service asks for exactly these words."


@pytest.fixture
def post_id(engage: Engage) -> UUID:
    """A prevention post that the policy blocks for its tone."""
    return kept(engage, a_post(WORDS, kind=Kind.PREVENTION))


def aside(engage: Engage, post_id: UUID, **changes: str) -> None:
    """Set the blocking rule aside, as the head of communications or whoever is named."""
    with engage.transaction() as unit:
        post = unit.posts.get(post_id)
        asked = {"by": "head.morgan", "rule": BLOCKING, "reason": REASON, "having_read": post.fingerprint}
        asked |= changes
        set_aside(
            engage.desk(unit),
            unit.asides,
            post_id,
            by=person(engage, asked.pop("by")),
            never=engage.policy_in(unit).never_set_aside,
            **asked,
        )


def submit(engage: Engage, post_id: UUID) -> None:
    """Hand it in."""
    with engage.transaction() as unit:
        acts.submit(engage.desk(unit), post_id, by=person(engage, "pc.khan"))


def test_words_a_rule_blocks_may_stand_once_it_is_set_aside_and_still_need_their_sign_off(
    engage: Engage, post_id: UUID
) -> None:
    with pytest.raises(Blocked):
        submit(engage, post_id)
    aside(engage, post_id)
    submit(engage, post_id)
    with engage.transaction() as unit:
        post = unit.posts.get(post_id)
        decision = engage.decide(post, unit, now=utc_now())[Platform.X]
    assert post.state is PostState.AWAITING
    assert decision.verdict is Verdict.ALLOW
    told = next(finding for finding in decision.findings if finding.rule == BLOCKING)
    assert told.set_aside == f"head.morgan: {REASON}"
    assert [need.role for need in decision.signoffs.missing] == ["press_officer"]


def test_a_changed_word_ends_it(engage: Engage, post_id: UUID) -> None:
    aside(engage, post_id)
    with engage.transaction() as unit:
        post = unit.posts.get(post_id)
        acts.edit(
            engage.desk(unit),
            post_id,
            by=person(engage, "pc.khan"),
            version=post.version,
            variants=[replace(each, parts=(f"{each.text} Thank you.",)) for each in post.variants],
            context=post.context,
        )
    with pytest.raises(Blocked):
        submit(engage, post_id)


def test_it_is_on_record_with_the_reason_and_in_the_disclosure_pack(engage: Engage, post_id: UUID) -> None:
    aside(engage, post_id)
    with engage.transaction() as unit:
        pack = engage.disclosure_pack(unit, post_id)
    entry = next(each for each in pack["record"] if each["action"] == "rule set aside")
    assert entry["actor"] == "head.morgan"
    assert entry["details"]["rule"] == BLOCKING
    assert entry["details"]["comment"] == REASON


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"by": "press.bailey"}, NotYours),
        ({"by": "pc.khan"}, NotYours),
        ({"rule": "L04"}, NobodyMay),
        ({"rule": "A02"}, NotNeeded),
        ({"reason": "  "}, NotNeeded),
        ({"having_read": "other words"}, WordsChanged),
    ],
)
def test_what_may_not_be_set_aside_or_not_by_them_is_refused(
    engage: Engage, post_id: UUID, changes: dict[str, str], refusal: type[NotAllowed]
) -> None:
    with pytest.raises(refusal):
        aside(engage, post_id, **changes)
    with pytest.raises(Blocked):
        submit(engage, post_id)


def test_no_one_sets_aside_a_rule_for_words_of_their_own(engage: Engage) -> None:
    own = replace(a_post(WORDS, kind=Kind.PREVENTION), writers=frozenset({"head.morgan"}))
    with engage.transaction() as unit:
        unit.posts.add(own)
    with pytest.raises(NotAllowed):
        aside(engage, own.id)


def test_the_five_rules_that_protect_people_and_sign_off_are_never_set_aside() -> None:
    assert load_policy(MET).never_set_aside == {"L03", "L04", "O03", "G01", "G02"}


def test_a_reason_given_cannot_be_changed_afterwards(engage: Engage, post_id: UUID) -> None:
    aside(engage, post_id)
    with engage.engine.begin() as connection, pytest.raises(DBAPIError, match="append-only"):
        connection.execute(text("UPDATE rule_set_aside SET reason = 'another'"))


def test_sign_off_in_the_end_is_for_the_same_words(engage: Engage, post_id: UUID) -> None:
    aside(engage, post_id)
    submit(engage, post_id)
    with engage.transaction() as unit:
        post = unit.posts.get(post_id)
        signed = acts.approve(
            engage.desk(unit),
            post_id,
            by=person(engage, "press.bailey"),
            role=Role.PRESS_OFFICER,
            having_read=post.fingerprint,
        )
    assert signed.state is PostState.SIGNED_OFF
