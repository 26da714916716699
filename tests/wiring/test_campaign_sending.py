"""Just before a campaign's post leaves it is asked once more: paused, aged figures, a forecast grown old."""

from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import text

from engage.crime.importing import import_paths
from engage.crime.months import in_words, later
from engage.delivery.dispatcher import go_round
from engage.delivery.ports import Allowance
from engage.delivery.rates import RatesHere
from engage.delivery.sending import send
from engage.posts.campaign import Campaign
from engage.posts.clock import in_london, utc_now
from engage.posts.kinds import Platform
from engage.posts.people import Role
from engage.posts.post import Post
from engage.posts.states import DeliveryState, PostState
from engage.signoff import campaigns
from engage.wiring import Engage
from engage.wiring.budget import MonthlyBudget
from engage.wiring.campaign_aged import send_back_all, write_again
from engage.wiring.campaigns import sign
from engage.wiring.counter import DeliveryBooks, SendingCounter
from engage.wiring.gate import SendingGate
from engage.wiring.world import World
from tests.crime.files import borough_csv, months_to
from tests.delivery.post_room import ToldPlatform
from tests.wiring.test_campaigns import handed_in, move_back, pause, person, posts, signed

LAST = later(f"{utc_now():%Y-%m}", -1)


@pytest.fixture
def platform() -> ToldPlatform:
    return ToldPlatform()


@pytest.fixture
def rates() -> RatesHere:
    return RatesHere()


@pytest.fixture
def counter(engage: Engage, platform: ToldPlatform, rates: RatesHere) -> SendingCounter:
    """The worker's counter over a platform that takes everything."""
    return SendingCounter(
        engage.engine,
        engage.vault,
        {Platform.X: platform},
        rates,
        lambda unit: DeliveryBooks(
            unit.deliveries,
            SendingGate(World(unit, engage.policies), engage.desk(unit), MonthlyBudget(unit, engage.prices)),
            unit.takedowns,
        ),
    )


def publish(engage: Engage, path: Path, last: str) -> None:
    """Bring the figures of 25 months up to `last` in, as one new file."""
    file = path / f"MPS Borough Level Crime {last}.csv"
    file.write_text(borough_csv(months_to(last, 61), newest=63), encoding="utf-8")
    with engage.transaction() as unit:
        import_paths(unit, [file])


def soon_due(engage: Engage, **changes: object) -> Campaign:
    """A campaign signed off whose first posts come due now."""
    first = in_london(utc_now() + timedelta(minutes=20)).replace(tzinfo=None)
    campaign = handed_in(engage, **{"boroughs": ("Camden",), "first": first, **changes})
    assert posts(engage, campaign)[0].id in signed(engage, campaign).done
    return campaign


def come_due(engage: Engage, campaign: Campaign) -> Post:
    """As if its time had come: posts, deliveries and campaign are half an hour earlier, signed in these words."""
    move_back(engage, campaign, minutes=30)
    due = [each for each in posts(engage, campaign) if each.publish_at and each.publish_at <= utc_now()]
    for post in due:
        _moved_with(engage, post, timedelta(minutes=30))
    return due[0]


def _moved_with(engage: Engage, post: Post, time: timedelta) -> None:
    """The deliveries and sign-offs of a post that was moved back."""
    with engage.transaction() as unit:
        about = {"id": post.id, "fingerprint": post.fingerprint, "time": time}
        unit.session.execute(
            text(
                "UPDATE delivery SET due_at = due_at - :time, not_before = not_before - :time, "
                "latest = latest - :time, fingerprint = :fingerprint WHERE post_id = :id"
            ),
            about,
        )
        unit.session.execute(text("UPDATE signoff SET fingerprint = :fingerprint WHERE post_id = :id"), about)


def dispatched(counter: SendingCounter) -> list[UUID]:
    """One round of the dispatcher, its worker done with everything it was woken for."""
    done = go_round(
        counter,
        by="dispatcher",
        send=lambda ids: [send(each, counter=counter, worker="worker") for each in ids],  # type: ignore[arg-type,return-value]
        look_up=lambda _ids: None,
        take_down=lambda _ids: None,
    )
    return list(done.to_send)


def stands(engage: Engage, post: Post) -> tuple[PostState, DeliveryState, str]:
    with engage.transaction() as unit:
        delivery = unit.deliveries.for_post(post.id)[0]
        return unit.posts.get(post.id).state, delivery.state, delivery.reason or ""


def test_a_campaigns_post_goes_out_at_its_time_in_its_exact_words(
    engage: Engage, counter: SendingCounter, platform: ToldPlatform
) -> None:
    first = come_due(engage, soon_due(engage))
    assert len(dispatched(counter)) == 1
    assert [each.text for each in platform.requests] == [first.variants[0].text]
    assert stands(engage, first)[:2] == (PostState.SIGNED_OFF, DeliveryState.SENT)


def test_nothing_of_a_paused_campaign_leaves_and_nothing_of_it_is_sent_late(
    engage: Engage, counter: SendingCounter, platform: ToldPlatform
) -> None:
    campaign = soon_due(engage)
    pause(engage, campaign)
    first = come_due(engage, campaign)
    dispatched(counter)
    state, delivery, reason = stands(engage, first)
    assert (state, delivery) == (PostState.SIGNED_OFF, DeliveryState.READY)
    assert reason == "The campaign “Bikes” is paused."
    with engage.transaction() as unit:
        missed = campaigns.resume(
            engage.desk(unit), unit.campaigns, campaign.id, by=person(engage, "press.lee")
        )
    assert list(missed) == [first.id]
    dispatched(counter)
    assert stands(engage, first)[:2] == (PostState.LAPSED, DeliveryState.WITHDRAWN)
    assert platform.requests == []


def test_what_a_pause_cost_a_post_that_is_public_elsewhere_is_put_before_a_person(
    engage: Engage, counter: SendingCounter, platform: ToldPlatform
) -> None:
    """Its rest is not sent late, and not forgotten either."""
    with engage.transaction() as unit:
        unit.accounts.add(Platform.MASTODON, "MPSCamden", credentials={"token": "none"})
    campaign = soon_due(engage, platforms=(Platform.X, Platform.MASTODON))
    first = come_due(engage, campaign)
    dispatched(counter)
    assert len(platform.requests) == 1
    pause(engage, campaign)
    with engage.transaction() as unit:
        campaigns.resume(engage.desk(unit), unit.campaigns, campaign.id, by=person(engage, "press.lee"))
        found = {each.platform: each for each in unit.deliveries.for_post(first.id)}
    assert found[Platform.X].state is DeliveryState.SENT
    assert found[Platform.MASTODON].state is DeliveryState.WITHDRAWN
    assert found[Platform.MASTODON].needs_person
    assert not found[Platform.X].needs_person


def test_a_pause_stops_even_what_a_worker_has_taken(
    engage: Engage, counter: SendingCounter, platform: ToldPlatform
) -> None:
    campaign = soon_due(engage)
    first = come_due(engage, campaign)
    taken: list[UUID] = []
    go_round(counter, by="dispatcher", send=taken.extend, look_up=_nothing, take_down=_nothing)
    assert stands(engage, first)[1] is DeliveryState.LEASED
    pause(engage, campaign)
    for each in taken:
        send(each, counter=counter, worker="worker")
    assert platform.requests == []
    assert stands(engage, first)[2] == "The campaign “Bikes” is paused."


def test_a_campaign_by_one_account_keeps_to_what_its_platform_takes_and_loses_none(
    engage: Engage, counter: SendingCounter, platform: ToldPlatform, rates: RatesHere
) -> None:
    """Six boroughs, one account, two posts left in its window: two go, four wait for the next window and then go."""
    boroughs = ("Barnet", "Brent", "Camden", "Ealing", "Enfield", "Harrow")
    campaign = soon_due(engage, boroughs=boroughs, rule="FREQ=DAILY;COUNT=1")
    rates.heard("x:MPSCamden", Allowance(20, 2, utc_now() + timedelta(minutes=15)))
    come_due(engage, campaign)
    dispatched(counter)
    assert len(platform.requests) == 2
    with engage.transaction() as unit:
        waiting = unit.session.scalars(text("SELECT not_before FROM delivery WHERE state = 'ready'")).all()
        assert len(waiting) == 4
        assert all(each > utc_now() + timedelta(minutes=14) for each in waiting)
        unit.session.execute(text("UPDATE delivery SET not_before = now() WHERE state = 'ready'"))
        unit.session.execute(text("UPDATE account SET paused_until = NULL"))
    rates.heard("x:MPSCamden", Allowance(20, 20, utc_now() + timedelta(minutes=30)))
    dispatched(counter)
    words = [each.text for each in platform.requests]
    assert len(words) == len(set(words)) == 6


def test_figures_that_age_long_before_their_time_are_sent_back_at_once_and_written_again(
    engage: Engage, tmp_path: Path
) -> None:
    publish(engage, tmp_path, later(LAST, -1))
    campaign = soon_due(engage, template="crime_summary", topic="home_burglary", rule="FREQ=DAILY;COUNT=2")
    assert send_back_all(engage) == 0
    publish(engage, tmp_path, LAST)
    assert send_back_all(engage) == 2
    assert send_back_all(engage) == 0
    before = posts(engage, campaign)
    assert {each.state for each in before} == {PostState.LAPSED}
    bailey, lee = person(engage, "press.bailey"), person(engage, "press.lee")
    batch = write_again(engage, campaign.id, by=bailey)
    after = posts(engage, campaign)
    assert (list(batch.done), batch.refused) == ([each.id for each in before], {})
    assert {each.state for each in after} == {PostState.AWAITING}
    assert [each.publish_at for each in after] == [each.publish_at for each in before]
    assert all(in_words(LAST) in each.variants[0].text for each in after)
    assert not any(in_words(LAST) in each.variants[0].text for each in before)
    read = {each.id: each.fingerprint for each in after}
    done = sign(engage, campaign.id, by=lee, role=Role.PRESS_OFFICER, having_read=read).done
    assert list(done) == [each.id for each in after]
    assert write_again(engage, campaign.id, by=bailey).done == []


def test_what_is_too_late_to_go_out_is_not_written_again(engage: Engage, tmp_path: Path) -> None:
    publish(engage, tmp_path, later(LAST, -1))
    campaign = soon_due(engage, template="crime_summary", topic="home_burglary", rule="FREQ=DAILY;COUNT=1")
    publish(engage, tmp_path, LAST)
    send_back_all(engage)
    move_back(engage, campaign, hours=3)
    batch = write_again(engage, campaign.id, by=person(engage, "press.bailey"))
    assert set(batch.refused.values()) == {"It is too late for it to go out."}
    assert posts(engage, campaign)[0].state is PostState.LAPSED


def _nothing(_ids: object) -> None:
    """Look nothing up and take nothing down."""


def test_figures_that_aged_before_their_time_go_back_to_a_person_by_name(
    engage: Engage, counter: SendingCounter, platform: ToldPlatform, tmp_path: Path
) -> None:
    publish(engage, tmp_path, later(LAST, -1))
    campaign = soon_due(engage, template="crime_summary", topic="home_burglary")
    first = come_due(engage, campaign)
    assert "63 recorded by police" in first.variants[0].text
    publish(engage, tmp_path, LAST)
    dispatched(counter)
    state, delivery, reason = stands(engage, first)
    assert (state, delivery, platform.requests) == (PostState.LAPSED, DeliveryState.LAPSED, [])
    assert reason.startswith("Its figures have aged: “63” (home burglary, ")
    with engage.transaction() as unit:
        last = unit.audit.about(str(first.id))[-1]
    assert (last.action, last.details["comment"]) == ("lapsed", reason)


def test_a_forecast_grown_too_old_by_the_policy_goes_back_to_a_person(
    engage: Engage, counter: SendingCounter, platform: ToldPlatform, tmp_path: Path
) -> None:
    """Its fingerprint says nothing of the age of its data: only the policy, asked once more, can tell."""
    publish(engage, tmp_path, LAST)
    first = come_due(engage, soon_due(engage, template="crime_summary", topic="home_burglary"))
    old = f"{in_london(utc_now()) - timedelta(days=60):%Y-%m-%d}"
    with engage.transaction() as unit:
        unit.session.execute(
            text(
                "UPDATE post SET kind = 'forecast_advisory', context = context || "
                "jsonb_build_object('forecast', jsonb_build_object('data_to', CAST(:old AS text))) WHERE id = :id"
            ),
            {"old": old, "id": first.id},
        )
    dispatched(counter)
    state, delivery, reason = stands(engage, first)
    assert (state, delivery, platform.requests) == (PostState.LAPSED, DeliveryState.LAPSED, [])
    assert "The data behind the forecast is 60 days old; at most 45 days are allowed." in reason


def test_a_forecast_that_will_be_too_old_when_it_is_due_is_never_handed_in(
    engage: Engage, tmp_path: Path
) -> None:
    last = LAST if utc_now().day >= 18 else later(LAST, -1)
    publish(engage, tmp_path, last)
    campaign = handed_in(
        engage,
        rule="FREQ=DAILY;INTERVAL=9;COUNT=4",
        boroughs=("Camden",),
        first=in_london(utc_now() + timedelta(minutes=20)).replace(tzinfo=None),
        template="forecast_advisory",
        topic="home_burglary",
    )
    made = posts(engage, campaign)
    ages = [_age(each) for each in made]
    assert any(age > timedelta(days=45) for age in ages)
    assert [each.state is PostState.DRAFT for each in made] == [age > timedelta(days=45) for age in ages]


def test_a_forecast_is_of_the_month_it_goes_out_in(engage: Engage, tmp_path: Path) -> None:
    publish(engage, tmp_path, LAST)
    campaign = handed_in(
        engage,
        boroughs=("Camden",),
        template="forecast_advisory",
        topic="home_burglary",
        rule="FREQ=WEEKLY;COUNT=4",
    )
    for post in posts(engage, campaign):
        assert post.publish_at
        assert f"{in_london(post.publish_at):%B %Y}: our estimate" in post.variants[0].text


def _age(post: Post) -> timedelta:
    assert post.publish_at
    due = in_london(post.publish_at).replace(tzinfo=None)
    return due - datetime.fromisoformat(post.context["forecast"]["data_to"])
