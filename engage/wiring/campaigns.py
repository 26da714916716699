"""A campaign from its beginning to its end: written ahead by the desk, signed post by post, kept in or ended.

Everything that a person or a worker does to many posts at once is done to each in a transaction of its own,
or to a few: a post is wholly done or not at all, and what stopped half-way is taken up again.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from engage.drafting.ahead import must_fit, written
from engage.drafting.desk import Brought
from engage.drafting.figures import CrimeFigures
from engage.posts.campaign import APART, Campaign, CampaignState, Occurrence, occurrences
from engage.posts.clock import utc_now
from engage.posts.errors import BadInput, NotAllowed
from engage.posts.people import PRESS_OFFICE, Person, Role
from engage.posts.post import Post
from engage.posts.states import PostState
from engage.signoff import acts, campaigns
from engage.signoff.refusals import Blocked
from engage.store.unit import Unit
from engage.wiring import Engage

HORIZON = timedelta(days=28)
"""How far ahead posts are written. A longer campaign is written on as its time comes nearer."""
AT_ONCE = 32
"""How many posts one transaction writes: the record is one chain, and nobody should wait for it long."""
OPEN = (CampaignState.DRAFT, CampaignState.SUBMITTED, CampaignState.RUNNING)
"""The states in which its posts are written ahead."""
_HANDED_IN = frozenset({CampaignState.SUBMITTED, CampaignState.RUNNING})


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What became of each post of a batch, by id: why it was refused, what it still waits for."""

    done: Collection[UUID] = ()
    refused: Mapping[UUID, str] = field(default_factory=dict)
    waiting: Collection[UUID] = ()


def begin(engage: Engage, campaign: Campaign, *, by: Person) -> Campaign:
    """Keep a new campaign and write its first posts. Raises BadInput where its wording does not fit it."""
    with engage.transaction() as unit:
        must_fit(campaign, engage.shelf)
        must_come_round(campaign, utc_now())
        campaigns.begin(engage.desk(unit), unit.campaigns, campaign, by=by)
    write_ahead(engage, campaign.id)
    return campaign


def write_ahead(engage: Engage, campaign_id: UUID) -> int:
    """Write some of the posts that are due within the horizon and not yet on record; say how many.

    0 means that all are. The campaign is locked meanwhile, so that two processes never write one twice.
    """
    with engage.transaction() as unit:
        campaign = unit.campaigns.for_change(campaign_id)
        if campaign.state not in OPEN:
            return 0
        now, known = utc_now(), unit.campaigns.known(campaign_id)
        missing = [each for each in due_ahead(campaign, now) if each not in known][:AT_ONCE]
        figures = RememberedFigures(CrimeFigures(unit.crime))
        for each in missing:
            _write(engage, unit, campaign, each, figures, now=now)
    return len(missing)


def keep_up(engage: Engage) -> int:
    """What a worker does every minute: write every open campaign ahead, lapse what nobody signed in time."""
    with engage.transaction() as unit:
        every = unit.campaigns.in_state(*OPEN)
    count = 0
    for campaign in every:
        while wrote := write_ahead(engage, campaign.id):
            count += wrote
        with engage.transaction() as unit:
            campaigns.lapse_unsigned(engage.desk(unit), unit.campaigns.posts_of(campaign.id))
    return count


def hand_in(engage: Engage, campaign_id: UUID, *, by: Person) -> Batch:
    """Hand in every post of a campaign that is still a draft; what the policy blocks stays one, with why."""
    with engage.transaction() as unit:
        if unit.campaigns.get(campaign_id).state not in _HANDED_IN:
            campaigns.hand_in(engage.desk(unit), unit.campaigns, campaign_id, by=by)
        drafts = [each for each in unit.campaigns.posts_of(campaign_id) if each.state is PostState.DRAFT]
    done: list[UUID] = []
    refused: dict[UUID, str] = {}
    for post in drafts:
        try:
            with engage.transaction() as unit:
                acts.submit(engage.desk(unit), post.id, by=by)
        except NotAllowed as refusal:
            refused[post.id] = str(refusal)
        else:
            done.append(post.id)
    return Batch(done=done, refused=refused)


def sign(
    engage: Engage, campaign_id: UUID, *, by: Person, role: Role, having_read: Mapping[UUID, str]
) -> Batch:
    """Sign off the posts of a campaign that were read, each by its own fingerprint and as any post is.

    `having_read` is the fingerprint of each post on the page. A post is signed or it is not: what is
    refused says why, and keeps no other from being signed. What was written since is not among them.
    """
    with engage.transaction() as unit:
        known = {each.id: each for each in unit.campaigns.posts_of(campaign_id)}
    strange = having_read.keys() - known.keys()
    if strange:
        raise BadInput("a post on this page is not one of the campaign's. Open it again.", where="read")
    done: list[UUID] = []
    waiting: list[UUID] = []
    refused: dict[UUID, str] = {}
    for post_id, fingerprint in having_read.items():
        try:
            state = _signed(engage, known[post_id], by=by, role=role, having_read=fingerprint)
        except NotAllowed as refusal:
            refused[post_id] = str(refusal)
        else:
            (done if state is PostState.SIGNED_OFF else waiting).append(post_id)
    if done:
        with engage.transaction() as unit:
            campaigns.signed(engage.desk(unit), unit.campaigns, campaign_id, by=by)
    return Batch(done=done, waiting=waiting, refused=refused)


class RememberedFigures:
    """Figures read once for each borough, however often a campaign comes round there."""

    def __init__(self, figures: CrimeFigures) -> None:
        self._figures = figures
        self._read: dict[tuple[str, str, str, str | None], Brought] = {}

    def summary(self, borough: str, *, topic: str, month: str | None) -> Brought:
        """As `engage.drafting.desk.Figures`."""
        key = ("summary", borough, topic, month)
        if key not in self._read:
            self._read[key] = self._figures.summary(borough, topic=topic, month=month)
        return self._read[key]

    def forecast(self, borough: str, *, topic: str, month: str | None) -> Brought:
        """As `engage.drafting.desk.Figures`."""
        key = ("forecast", borough, topic, month)
        if key not in self._read:
            self._read[key] = self._figures.forecast(borough, topic=topic, month=month)
        return self._read[key]


def must_come_round(campaign: Campaign, now: datetime) -> None:
    """Raises BadInput where nothing of it is due within the horizon."""
    if not due_ahead(campaign, now):
        raise BadInput("it does not come round in the next four weeks.", where="first")


def due_ahead(campaign: Campaign, now: datetime) -> list[Occurrence]:
    """What of it comes due within the horizon, in order, written already or not: whole rounds only.

    A round of which the last post is not within it yet waits as a whole, to be read and signed together.
    """
    place = {name: number for number, name in enumerate(campaign.boroughs)}
    after = {name: (len(place) - 1 - number) * APART for name, number in place.items()}
    ahead = occurrences(campaign, now, now + HORIZON)
    return [each for each in ahead if each.due + after[each.borough] < now + HORIZON]


def _write(
    engage: Engage,
    unit: Unit,
    campaign: Campaign,
    occurrence: Occurrence,
    figures: RememberedFigures,
    *,
    now: datetime,
) -> None:
    author, desk = _author(unit, campaign), engage.desk(unit)
    try:
        post = written(
            campaign,
            occurrence,
            shelf=engage.shelf,
            figures=figures,
            rules=engage.policy_in(unit),
            accounts=unit.accounts.speaking_for(occurrence.borough),
            by=author,
            now=now,
        )
    except BadInput as error:
        unit.campaigns.keep(campaign.id, occurrence, problem=str(error))
        return
    acts.create(desk, post, by=author)
    unit.campaigns.keep(campaign.id, occurrence, post_id=post.id)
    if campaign.state in _HANDED_IN:
        try:
            acts.submit(desk, post.id, by=author)
        except Blocked:
            return  # It stays a draft, and the campaign's page says what blocks it.


def _author(unit: Unit, campaign: Campaign) -> Person:
    """Whoever began the campaign, who was of the press office then: the words stay theirs when they have left."""
    there = unit.people.by_id(campaign.created_by)
    name = there.name if there else campaign.created_by
    return Person(id=campaign.created_by, name=name, roles=PRESS_OFFICE)


def _signed(engage: Engage, post: Post, *, by: Person, role: Role, having_read: str) -> PostState:
    if post.publish_at is not None and post.publish_at <= utc_now():
        raise NotAllowed("Its time has passed: it would go out at once.")
    with engage.transaction() as unit:
        return acts.approve(engage.desk(unit), post.id, by=by, role=role, having_read=having_read).state
