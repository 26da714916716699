"""What changes in the world after a post was written or signed: other posts, cases, elections."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from engage.policy.decision import Verdict
from engage.posts.clock import utc_now
from engage.posts.evidence import Evidence, StatedSource
from engage.posts.kinds import Kind, Platform
from engage.posts.people import Person, Role
from engage.posts.post import Post, Variant
from engage.posts.states import DeliveryState, PostState
from engage.signoff import acts
from engage.signoff.refusals import NotYours
from engage.signoff.regimes import Hold, HoldScope, Window, lift_hold, open_window, place_hold
from engage.wiring import Engage

ASSAULT = {"cad": "1204/03OCT", "status": "report", "offence": "sexual assault"}
FIRST = "The victim, a 24 year old woman, was assaulted near Parkway. Were you there? Call 101."
SECOND = "The victim was on her way home when she was assaulted. Were you there? Call 101."
ADVICE = "Lock your bike's frame and both wheels."


def person(engage: Engage, name: str) -> Person:
    with engage.transaction() as unit:
        found = unit.people.by_id(name)
    assert found is not None
    return found


def a_post(words: str, *, kind: Kind = Kind.REASSURANCE, **context: Any) -> Post:
    stated = StatedSource(stated_by="PC Aisha Khan", stated_at=utc_now().isoformat())
    return Post(
        id=uuid4(),
        kind=kind,
        borough="Camden",
        topic=None,
        variants=(Variant(platform=Platform.X, account="MPSCamden", parts=(words,)),),
        evidence=(Evidence(field="words", value=words, source=stated),),
        context=context,
        writers=frozenset({"pc.khan"}),
        created_by="pc.khan",
        created_at=utc_now(),
    )


def kept(engage: Engage, post: Post) -> UUID:
    with engage.transaction() as unit:
        acts.create(engage.desk(unit), post, by=person(engage, "pc.khan"))
    return post.id


def signed_off(engage: Engage, post: Post) -> UUID:
    """Submitted, and signed off by everybody the policy asks for in its ordinary case."""
    kept(engage, post)
    with engage.transaction() as unit:
        desk = engage.desk(unit)
        acts.submit(desk, post.id, by=person(engage, "pc.khan"))
        bailey = person(engage, "press.bailey")
        acts.approve(desk, post.id, by=bailey, role=Role.PRESS_OFFICER, having_read=post.fingerprint)
    return post.id


def made_public(engage: Engage, words: str, **context: Any) -> UUID:
    """A post some of which a platform was asked to publish, as the ledger keeps it."""
    post = a_post(words, **context)
    kept(engage, post)
    with engage.transaction() as unit:
        unit.outbox.plan(post, due_at=utc_now(), latest=utc_now() + timedelta(hours=1), now=utc_now())
        unit.session.execute(
            text("UPDATE delivery SET first_attempt_at = now(), state = 'sent' WHERE post_id = :id"),
            {"id": post.id},
        )
    return post.id


def rules(engage: Engage, post_id: UUID) -> set[str]:
    with engage.transaction() as unit:
        decision = engage.decide(unit.posts.get(post_id), unit, now=utc_now())[Platform.X]
    return set(decision.rules)


def state(engage: Engage, post_id: UUID) -> PostState:
    with engage.transaction() as unit:
        return unit.posts.get(post_id).state


def hold_on_camden(engage: Engage, *, by: Person) -> Hold:
    with engage.transaction() as unit:
        desk = engage.desk(unit)
        return place_hold(desk, unit.regimes, HoldScope.BOROUGH, "Camden", reason="tension", by=by)


def test_what_is_public_of_a_victim_counts_together_with_a_new_post(engage: Engage) -> None:
    alone = kept(engage, a_post(SECOND, case=ASSAULT))
    assert "L03" not in rules(engage, alone)
    made_public(engage, FIRST, case=ASSAULT)
    assert "L03" in rules(engage, alone)


def test_what_was_public_still_counts_after_it_was_taken_down(engage: Engage) -> None:
    published = made_public(engage, FIRST, case=ASSAULT)
    with engage.transaction() as unit:
        unit.session.execute(text("UPDATE post SET state = 'withdrawn' WHERE id = :id"), {"id": published})
    assert "L03" in rules(engage, kept(engage, a_post(SECOND, case=ASSAULT)))


def test_a_case_is_one_case_however_its_reference_was_typed(engage: Engage) -> None:
    made_public(engage, FIRST, case={**ASSAULT, "cad": "CAD 1204/03OCT"})
    assert "L03" in rules(engage, kept(engage, a_post(SECOND, case=ASSAULT)))


def test_other_cases_and_drafts_nobody_published_do_not_count(engage: Engage) -> None:
    made_public(engage, FIRST, case={**ASSAULT, "cad": "77/04OCT"})
    kept(engage, a_post(FIRST, case=ASSAULT))
    assert "L03" not in rules(engage, kept(engage, a_post(SECOND, case=ASSAULT)))


def test_a_window_sends_back_what_may_not_go_out_in_it(engage: Engage) -> None:
    news = "Good news from our team in Camden: thank you to everybody who came to the market."
    stopped = signed_off(engage, a_post(news))
    advice = signed_off(engage, a_post(ADVICE, kind=Kind.PREVENTION))
    today = utc_now().date()
    window = Window(kind="pre_election", starts=today, ends=today + timedelta(days=20))
    with engage.transaction() as unit:
        queued = engage.signed_off(unit)
        open_window(engage.desk(unit), unit.regimes, window, by=person(engage, "press.bailey"), queued=queued)
    assert state(engage, stopped) is PostState.AWAITING
    assert state(engage, advice) is PostState.SIGNED_OFF
    with engage.transaction() as unit:
        last = unit.audit.chain_of(str(stopped))[-1]
    assert "pre-election window" in last["details"]["comment"]


def test_a_post_that_its_writer_changes_while_a_hold_is_lifted_stays_a_draft(engage: Engage) -> None:
    """Found by breaking it: it stood in the queue, half written, and was signed off there."""
    post_id = signed_off(engage, a_post(ADVICE, kind=Kind.PREVENTION))
    bailey, khan = person(engage, "press.bailey"), person(engage, "pc.khan")
    hold = hold_on_camden(engage, by=bailey)
    with engage.transaction() as unit:
        stopped = engage.signed_off(unit)
        with engage.transaction() as other:
            post = other.posts.get(post_id)
            acts.edit(
                engage.desk(other),
                post_id,
                by=khan,
                version=post.version,
                variants=post.variants,
                context=post.context,
            )
        assert lift_hold(engage.desk(unit), unit.regimes, hold.id, by=bailey, signed_off=stopped) == []
    assert state(engage, post_id) is PostState.DRAFT


def test_a_hold_is_lifted_though_a_post_it_stopped_is_withdrawn_at_that_moment(engage: Engage) -> None:
    """Found by breaking it: the lift failed as a whole, and the hold stayed."""
    post_id = signed_off(engage, a_post(ADVICE, kind=Kind.PREVENTION))
    bailey = person(engage, "press.bailey")
    hold = hold_on_camden(engage, by=bailey)
    with engage.transaction() as unit:
        stopped = engage.signed_off(unit)
        with engage.transaction() as other:
            acts.withdraw(engage.desk(other), post_id, by=bailey, reason="wrong place")
        assert lift_hold(engage.desk(unit), unit.regimes, hold.id, by=bailey, signed_off=stopped) == []
    with engage.transaction() as unit:
        assert unit.regimes.holds() == []
    assert state(engage, post_id) is PostState.WITHDRAWN


def test_what_a_lift_keeps_back_of_a_post_nobody_knows_the_rest_of_is_put_before_a_person(
    engage: Engage,
) -> None:
    """Found by breaking it: one half was unknown, the other was taken back, and nobody was told."""
    with engage.transaction() as unit:
        unit.accounts.add(Platform.MASTODON, "MPSCamden", credentials={"access_token": "none"})
    post = a_post(ADVICE, kind=Kind.PREVENTION)
    other = Variant(platform=Platform.MASTODON, account="MPSCamden", parts=(ADVICE,))
    post_id = signed_off(engage, replace(post, variants=(*post.variants, other)))
    bailey = person(engage, "press.bailey")
    with engage.transaction() as unit:
        unit.session.execute(text("UPDATE delivery SET state = 'unknown' WHERE platform = 'x'"))
        desk = engage.desk(unit)
        hold = place_hold(desk, unit.regimes, HoldScope.BOROUGH, "Camden", reason="tension", by=bailey)
    with engage.transaction() as unit:
        stopped = engage.signed_off(unit)
        assert lift_hold(engage.desk(unit), unit.regimes, hold.id, by=bailey, signed_off=stopped) == []
    with engage.transaction() as unit:
        [told] = unit.deliveries.needing_person()
    assert (told.post_id, told.platform, told.state) == (post_id, Platform.MASTODON, DeliveryState.WITHDRAWN)
    assert told.reason == "the hold on Camden was lifted"
    with engage.transaction() as unit:
        kept_back = {each.platform: each.kept_back for each in unit.deliveries.for_post(post_id)}
    assert kept_back == {Platform.X: "the hold on Camden was lifted", Platform.MASTODON: None}


def test_an_officer_opens_no_window(engage: Engage) -> None:
    window = Window(kind="pre_election", starts=utc_now().date(), ends=utc_now().date())
    with engage.transaction() as unit, pytest.raises(NotYours):
        open_window(engage.desk(unit), unit.regimes, window, by=person(engage, "pc.khan"), queued=[])


def test_a_charge_sends_back_words_that_were_right_before_it(engage: Engage) -> None:
    words = "We know the robbery near Camden Lock has worried people. Some of you know the thief."
    case = {"cad": "CAD 55/03OCT", "status": "report", "offence": "robbery", "proceedings_active": False}
    post_id = signed_off(engage, a_post(words, case=case))
    changed = {"status": "charged", "proceedings_active": True}
    with engage.transaction() as unit:
        done = engage.case_changed(unit, "55/03oct", changed, by=person(engage, "press.bailey"))
    assert list(done.sent_back) == [post_id]
    assert state(engage, post_id) is PostState.AWAITING


KNOWS_THE_THIEF = "We know the robbery near Camden Lock has worried people. Some of you know the thief."


def test_a_charge_puts_what_is_public_already_before_a_person_with_the_reason(engage: Engage) -> None:
    case = {"cad": "55/03OCT", "status": "report", "offence": "robbery", "proceedings_active": False}
    post_id = made_public(engage, KNOWS_THE_THIEF, case=case)
    harmless = made_public(engage, "We are in Camden High Street today. Come and talk to us.", case=case)
    changed = {"status": "charged", "proceedings_active": True}
    with engage.transaction() as unit:
        done = engage.case_changed(unit, "CAD 55/03oct", changed, by=person(engage, "di.fraser"))
        waiting = unit.deliveries.needing_person()
    assert list(done.still_public) == [post_id]
    assert harmless not in done.still_public
    assert [each.post_id for each in waiting] == [post_id]
    assert "would not be let out now: case 55/03OCT changed" in str(waiting[0].reason)


def test_a_change_that_harms_no_public_words_tells_nobody(engage: Engage) -> None:
    case = {"cad": "55/03OCT", "status": "report", "offence": "robbery"}
    made_public(engage, "We are in Camden High Street today. Come and talk to us.", case=case)
    with engage.transaction() as unit:
        done = engage.case_changed(unit, "55/03OCT", {"series": True}, by=person(engage, "press.bailey"))
        assert unit.deliveries.needing_person() == []
    assert not done.still_public


def test_only_those_who_know_cases_say_how_one_stands(engage: Engage) -> None:
    with engage.transaction() as unit, pytest.raises(NotYours):
        engage.case_changed(unit, "55/03OCT", {"status": "charged"}, by=person(engage, "pc.khan"))


def test_time_alone_can_stop_a_signed_off_post_and_its_people_hear_early(engage: Engage) -> None:
    news = "Good news from our team in Camden: thank you to everybody who came to the market."
    post_id = signed_off(engage, a_post(news))
    with engage.transaction() as unit:
        today = utc_now().date()
        unit.regimes.add_window(Window(kind="pre_election", starts=today, ends=today))
    assert engage.reconsider() == [post_id]
    assert engage.reconsider() == []
    assert state(engage, post_id) is PostState.AWAITING


def test_reconsidering_what_still_stands_leaves_no_trace(engage: Engage) -> None:
    post_id = signed_off(engage, a_post(ADVICE, kind=Kind.PREVENTION))
    with engage.transaction() as unit:
        before = len(list(unit.posts.all_for_policy()))
        entries = len(unit.audit.chain_of(str(post_id)))
    assert engage.reconsider() == []
    with engage.transaction() as unit:
        assert len(list(unit.posts.all_for_policy())) == before
        assert len(unit.audit.chain_of(str(post_id))) == entries
        decision = engage.decide(unit.posts.get(post_id), unit, now=utc_now())[Platform.X]
    assert decision.verdict is Verdict.ALLOW
