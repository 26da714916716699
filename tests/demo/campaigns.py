"""The demo's campaigns: one that runs and one that waits to be signed. Neither is due before tomorrow."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from uuid import uuid4

from engage.drafting.ahead import topic_of
from engage.posts.campaign import Campaign
from engage.posts.clock import in_london, utc_now
from engage.posts.errors import BadInput
from engage.posts.how_often import Often, coming_round
from engage.posts.kinds import DRAFTED_FOR, Platform
from engage.posts.people import Person
from engage.posts.places import BOROUGHS
from engage.posts.recurrence import Recurrence
from engage.posts.states import PostState
from engage.wiring import Engage
from engage.wiring.campaigns import begin, hand_in, keep_up, sign

WRITER, SIGNER = "press.bailey", "press.lee"
BIKES, COURIERS = "Bikes on winter evenings", "Courier fraud, all of London"
LASTS = timedelta(days=120)
_SOME = ("Camden", "Hackney", "Islington", "Lambeth", "Southwark", "Tower Hamlets")
_EVERYWHERE = tuple(place.name for place in BOROUGHS)


def begin_campaigns(engage: Engage) -> int:
    """Begin those that are not there yet, and say how many."""
    with engage.transaction() as unit:
        there = {each.title for each in unit.campaigns.all()}
    new = [each for each in _campaigns(engage) if each.title not in there]
    for campaign in new:
        begin(engage, campaign, by=person(engage, WRITER))
    keep_up(engage)
    for campaign in new:
        hand_in(engage, campaign.id, by=person(engage, WRITER))
        if campaign.title == BIKES:
            sign_all(engage, campaign, by=person(engage, SIGNER))
    return len(new)


def a_campaign(
    engage: Engage,
    title: str,
    recurrence: Recurrence,
    *,
    wording: str,
    boroughs: tuple[str, ...],
    platforms: tuple[Platform, ...],
    topic: str | None = None,
) -> Campaign:
    """A campaign of the demo's press officer, not yet kept."""
    return Campaign(
        id=uuid4(),
        title=title,
        recurrence=recurrence,
        template=wording,
        topic=topic_of(engage.shelf.named(wording), topic),
        boroughs=boroughs,
        platforms=platforms,
        created_by=WRITER,
        created_at=utc_now(),
    )


def sign_all(engage: Engage, campaign: Campaign, *, by: Person) -> None:
    """Sign what waits of a campaign, in each of one's roles: outside office hours another is asked for."""
    for role in sorted(by.roles):
        with engage.transaction() as unit:
            posts = unit.campaigns.posts_of(campaign.id)
        read = {each.id: each.fingerprint for each in posts if each.state is PostState.AWAITING}
        sign(engage, campaign.id, by=by, role=role, having_read=read)


def person(engage: Engage, username: str) -> Person:
    """One of the demo's people. Raises BadInput where there is no such person."""
    with engage.transaction() as unit:
        found = unit.people.by_id(username)
    if found is None:
        raise BadInput(f"{username} is not one of the demo's people.")
    return found


def _campaigns(engage: Engage) -> Iterator[Campaign]:
    tomorrow = in_london(utc_now()).date() + timedelta(days=1)
    yield a_campaign(
        engage,
        BIKES,
        _from(tomorrow, time(16, 30), Often.WEEK, "TU", "FR"),
        wording="prevention_bicycle_theft",
        boroughs=_SOME,
        platforms=DRAFTED_FOR,
    )
    yield a_campaign(
        engage,
        COURIERS,
        _from(tomorrow, time(10), Often.TWO_WEEKS, "WE"),
        wording="prevention_courier_fraud",
        boroughs=_EVERYWHERE,
        platforms=(Platform.X, Platform.FACEBOOK),
    )


def _from(first: date, clock: time, often: Often, *days: str) -> Recurrence:
    return coming_round(often, first=datetime.combine(first, clock), until=first + LASTS, days=days)
