"""A campaign on the real database: written ahead once, signed post by post, kept in, ended, and never late."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from engage.posts.campaign import LATE, Campaign, CampaignState
from engage.posts.clock import in_london, utc_now
from engage.posts.errors import BadInput
from engage.posts.kinds import Platform
from engage.posts.people import Person, Role
from engage.posts.post import Post
from engage.posts.recurrence import Recurrence
from engage.posts.states import IllegalMove, PostState
from engage.signoff import acts, campaigns
from engage.signoff.refusals import NoSuchCampaign, NotNeeded, NotYours
from engage.wiring import Engage
from engage.wiring.campaigns import (
    AT_ONCE,
    HORIZON,
    Batch,
    begin,
    due_ahead,
    hand_in,
    keep_up,
    sign,
    write_ahead,
)

BICYCLE = "prevention_bicycle_theft"


def person(engage: Engage, name: str) -> Person:
    with engage.transaction() as unit:
        found = unit.people.by_id(name)
    assert found is not None
    return found


def a_campaign(
    *, first: datetime | None = None, rule: str = "FREQ=WEEKLY;COUNT=3", **changes: Any
) -> Campaign:
    tomorrow = in_london(utc_now() + timedelta(days=1)).replace(tzinfo=None, hour=10, minute=0)
    usual: dict[str, Any] = {
        "id": uuid4(),
        "title": "Bikes",
        "recurrence": Recurrence.read(rule, first=first or tomorrow),
        "template": BICYCLE,
        "boroughs": ("Camden", "Brent"),
        "platforms": (Platform.X,),
        "created_by": "press.bailey",
        "created_at": utc_now(),
    }
    return Campaign(**{**usual, **changes})


def begun(engage: Engage, **changes: Any) -> Campaign:
    return begin(engage, a_campaign(**changes), by=person(engage, "press.bailey"))


def handed_in(engage: Engage, **changes: Any) -> Campaign:
    campaign = begun(engage, **changes)
    hand_in(engage, campaign.id, by=person(engage, "press.bailey"))
    return campaign


def posts(engage: Engage, campaign: Campaign) -> Sequence[Post]:
    with engage.transaction() as unit:
        return unit.campaigns.posts_of(campaign.id)


def signed(engage: Engage, campaign: Campaign, *, by: str = "press.lee") -> Batch:
    read = {each.id: each.fingerprint for each in posts(engage, campaign)}
    return sign(engage, campaign.id, by=person(engage, by), role=Role.PRESS_OFFICER, having_read=read)


def standing(engage: Engage, campaign: Campaign) -> CampaignState:
    with engage.transaction() as unit:
        return unit.campaigns.get(campaign.id).state


def said(engage: Engage, subject: object) -> list[str]:
    with engage.transaction() as unit:
        return [each.action for each in unit.audit.about(str(subject))]


def test_every_occurrence_is_written_ahead_as_an_ordinary_post_in_its_exact_words(engage: Engage) -> None:
    campaign = begun(engage)
    made = posts(engage, campaign)
    assert [each.borough for each in made] == ["Brent", "Camden"] * 3
    assert all(each.state is PostState.DRAFT for each in made)
    assert all(f"Locking up a bike in {each.borough}?" in each.variants[0].text for each in made)
    assert all(each.evidence and each.context["campaign"]["title"] == "Bikes" for each in made)
    assert all(each.publish_at and each.latest == each.publish_at + LATE for each in made)
    assert len({each.publish_at for each in made}) == len(made)
    assert len({each.fingerprint for each in made}) == len(made)
    assert said(engage, made[0].id) == ["drafted"]


def test_writing_again_or_from_two_processes_at_once_makes_no_doubles(engage: Engage) -> None:
    campaign = a_campaign(rule="FREQ=DAILY;COUNT=20", boroughs=("Camden", "Brent", "Ealing"))
    with engage.transaction() as unit:
        campaigns.begin(engage.desk(unit), unit.campaigns, campaign, by=person(engage, "press.bailey"))
    with ThreadPoolExecutor(2) as pool:
        counts = list(pool.map(lambda _: write_ahead(engage, campaign.id), range(2)))
    assert sorted(counts) == [60 - AT_ONCE, AT_ONCE]
    assert write_ahead(engage, campaign.id) == 0
    made = posts(engage, campaign)
    assert len({(each.borough, each.publish_at) for each in made}) == len(made) == 60


def test_the_database_itself_refuses_a_second_post_for_one_time(engage: Engage) -> None:
    campaign = begun(engage)
    with engage.transaction() as unit:
        occurrence = unit.campaigns.planned(campaign.id)[0].occurrence
    with pytest.raises(Exception, match="pk_campaign_occurrence"), engage.transaction() as unit:
        unit.campaigns.keep(campaign.id, occurrence, problem="again")


def test_only_four_weeks_are_written_ahead_and_the_rest_as_its_time_comes_nearer(engage: Engage) -> None:
    campaign = begun(engage, rule="FREQ=WEEKLY;COUNT=10", boroughs=("Camden",))
    assert len(posts(engage, campaign)) == 4
    move_back(engage, campaign, days=7)
    assert keep_up(engage) == 1
    assert keep_up(engage) == 0


def test_a_round_is_written_whole_once_its_last_post_is_within_four_weeks() -> None:
    """Or one borough's post would wait alone for a signature, and the next a minute later."""
    campaign = a_campaign(rule="FREQ=DAILY;COUNT=60", boroughs=("Camden", "Brent", "Ealing"))
    first = min(campaign.recurrence.moments())
    for minutes in range(6):
        now = first - HORIZON + timedelta(minutes=minutes - 1, seconds=30)
        found = [each for each in due_ahead(campaign, now) if each.due < first + timedelta(hours=1)]
        assert len(found) in {0, 3}
    assert [each.borough for each in due_ahead(campaign, first - HORIZON + timedelta(minutes=3))][:3] == [
        "Brent", "Camden", "Ealing",
    ]  # fmt: skip


def test_what_cannot_be_worded_is_listed_with_its_reason_and_the_rest_is_written(engage: Engage) -> None:
    campaign = begun(engage, platforms=(Platform.X, Platform.FACEBOOK))
    with engage.transaction() as unit:
        planned = unit.campaigns.planned(campaign.id)
    assert planned[0].problem == "No account on Facebook speaks for Brent."
    with engage.transaction() as unit:
        unit.accounts.add(Platform.FACEBOOK, "met", credentials={"token": "none"})
        unit.campaigns.forget_problems(campaign.id)
    write_ahead(engage, campaign.id)
    assert len(posts(engage, campaign)) == 6


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"template": "appeal_witness"}, "cannot come round by itself"),
        ({"template": "crime_summary"}, "choose what they are about"),
        ({"template": "no_such"}, "There is no template"),
    ],
)
def test_a_wording_that_may_not_come_round_is_refused(
    engage: Engage, changes: dict[str, str], refusal: str
) -> None:
    with pytest.raises(BadInput, match=refusal):
        begun(engage, **changes)


def test_a_campaign_that_begins_in_the_far_future_or_is_over_is_refused(engage: Engage) -> None:
    for days in (-400, 60):
        first = in_london(utc_now() + timedelta(days=days)).replace(tzinfo=None)
        with pytest.raises(BadInput, match="next four weeks"):
            begun(engage, first=first)


def test_only_the_press_office_begins_a_campaign(engage: Engage) -> None:
    with pytest.raises(NotYours):
        begin(engage, a_campaign(), by=person(engage, "pc.khan"))
    with engage.transaction() as unit, pytest.raises(NoSuchCampaign):
        unit.campaigns.get(uuid4())


def test_a_batch_is_signed_post_by_post_each_with_its_own_fingerprint(engage: Engage) -> None:
    campaign = handed_in(engage)
    assert standing(engage, campaign) is CampaignState.SUBMITTED
    batch = signed(engage, campaign)
    made = posts(engage, campaign)
    assert list(batch.done) == [each.id for each in made]
    assert (batch.refused, batch.waiting) == ({}, [])
    assert all(each.state is PostState.SIGNED_OFF for each in made)
    assert standing(engage, campaign) is CampaignState.RUNNING
    with engage.transaction() as unit:
        prints = {unit.signoffs.of(each.id)[0].fingerprint for each in made}
        due = [unit.deliveries.for_post(each.id)[0].due_at for each in made]
    assert prints == {each.fingerprint for each in made}
    assert due == [each.publish_at for each in made]


def test_nobody_signs_a_batch_of_their_own(engage: Engage) -> None:
    campaign = handed_in(engage)
    batch = signed(engage, campaign, by="press.bailey")
    assert not batch.done
    assert set(batch.refused.values()) == {"You wrote some of this post, so somebody else must sign it off."}
    assert standing(engage, campaign) is CampaignState.SUBMITTED


def test_one_post_that_was_changed_stays_out_and_keeps_no_other_from_being_signed(engage: Engage) -> None:
    campaign = handed_in(engage)
    read = {each.id: each.fingerprint for each in posts(engage, campaign)}
    first = posts(engage, campaign)[0]
    with engage.transaction() as unit:
        latest = first.publish_at + timedelta(hours=1) if first.publish_at else None
        acts.schedule(
            engage.desk(unit), first.id, by=person(engage, "press.bailey"), publish_at=first.publish_at, latest=latest
        )  # fmt: skip
    batch = sign(
        engage, campaign.id, by=person(engage, "press.lee"), role=Role.PRESS_OFFICER, having_read=read
    )
    assert list(batch.refused) == [first.id]
    assert "changed after you opened this page" in batch.refused[first.id]
    assert len(batch.done) == 5


def test_what_is_written_later_is_not_signed_with_the_batch(engage: Engage) -> None:
    campaign = handed_in(engage, rule="FREQ=WEEKLY;COUNT=10", boroughs=("Camden",))
    signed(engage, campaign)
    move_back(engage, campaign, days=7)
    keep_up(engage)
    states = [each.state for each in posts(engage, campaign)]
    assert states == [PostState.SIGNED_OFF] * 4 + [PostState.AWAITING]


def test_a_post_of_another_campaign_cannot_be_slipped_into_a_batch(engage: Engage) -> None:
    campaign, other = handed_in(engage), handed_in(engage)
    read = {each.id: each.fingerprint for each in posts(engage, other)}
    with pytest.raises(BadInput, match="not one of the campaign's"):
        sign(engage, campaign.id, by=person(engage, "press.lee"), role=Role.PRESS_OFFICER, having_read=read)
    assert {each.state for each in posts(engage, other)} == {PostState.AWAITING}


def test_what_was_due_while_it_was_paused_is_not_sent_late_and_the_rest_keeps_its_sign_off(
    engage: Engage,
) -> None:
    campaign = handed_in(engage, first=in_london(utc_now() + timedelta(minutes=20)).replace(tzinfo=None))
    signed(engage, campaign)
    pause(engage, campaign)
    move_back(engage, campaign, hours=1)
    with engage.transaction() as unit:
        desk = engage.desk(unit)
        missed = campaigns.resume(desk, unit.campaigns, campaign.id, by=person(engage, "press.lee"))
    made = posts(engage, campaign)
    due = [each.id for each in made if each.publish_at and each.publish_at <= utc_now()]
    assert len(due) == 2
    assert list(missed) == due
    assert [each.state for each in made if each.id in due] == [PostState.LAPSED] * len(due)
    assert {each.state for each in made if each.id not in due} == {PostState.SIGNED_OFF}
    assert standing(engage, campaign) is CampaignState.RUNNING


def test_a_campaign_ends_for_good_and_what_has_not_left_is_withdrawn(engage: Engage) -> None:
    campaign = handed_in(engage)
    signed(engage, campaign)
    with engage.transaction() as unit:
        desk, lee = engage.desk(unit), person(engage, "press.lee")
        with pytest.raises(NotNeeded):
            campaigns.end(desk, unit.campaigns, campaign.id, by=lee, reason=" ")
        ended = campaigns.end(desk, unit.campaigns, campaign.id, by=lee, reason="Lighter evenings")
    assert len(ended) == 6
    assert {each.state for each in posts(engage, campaign)} == {PostState.WITHDRAWN}
    assert write_ahead(engage, campaign.id) == 0
    with engage.transaction() as unit, pytest.raises(IllegalMove):
        campaigns.resume(engage.desk(unit), unit.campaigns, campaign.id, by=person(engage, "press.lee"))
    assert said(engage, f"campaign:{campaign.id}") == [
        "campaign begun", "campaign handed in", "campaign running", "campaign ended",
    ]  # fmt: skip


def test_what_nobody_signed_in_time_lapses_and_is_not_signed_with_the_batch(engage: Engage) -> None:
    campaign = handed_in(engage)
    before = posts(engage, campaign)
    read = {each.id: each.fingerprint for each in before}
    move_back(engage, campaign, days=2)
    first = posts(engage, campaign)[0]
    batch = sign(
        engage, campaign.id, by=person(engage, "press.lee"), role=Role.PRESS_OFFICER, having_read=read
    )
    assert "Its time has passed" in batch.refused[first.id]
    keep_up(engage)
    assert posts(engage, campaign)[0].state is PostState.LAPSED


def pause(engage: Engage, campaign: Campaign) -> None:
    with engage.transaction() as unit:
        lee = person(engage, "press.lee")
        campaigns.pause(engage.desk(unit), unit.campaigns, campaign.id, by=lee, reason="A serious incident")


def move_back(engage: Engage, campaign: Campaign, **time: float) -> None:
    """As if this much time had passed: everything of the campaign is so much earlier."""
    with engage.transaction() as unit:
        shift = {"time": timedelta(**time), "id": campaign.id}
        first = (campaign.recurrence.first - timedelta(**time)).isoformat(timespec="minutes")
        unit.session.execute(
            text("UPDATE campaign SET first = :first WHERE id = :id"), {"first": first, "id": campaign.id}
        )
        unit.session.execute(
            text(
                "UPDATE post SET publish_at = publish_at - :time, latest = latest - :time WHERE id IN "
                "(SELECT post_id FROM campaign_occurrence WHERE campaign_id = :id)"
            ),
            shift,
        )
        unit.session.execute(
            text("UPDATE campaign_occurrence SET due = due - :time WHERE campaign_id = :id"), shift
        )
