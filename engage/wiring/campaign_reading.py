"""A campaign as people read it: its first round before it is kept, and how each of its posts stands."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from engage.drafting.ahead import must_fit, written
from engage.drafting.figures import CrimeFigures
from engage.posts.campaign import Campaign, Occurrence
from engage.posts.clock import utc_now
from engage.posts.errors import BadInput
from engage.posts.people import Person, Role
from engage.posts.post import Post
from engage.posts.states import PostState
from engage.signoff.ports import SignOff
from engage.signoff.ruling import Ruling, roles_to_sign_in
from engage.store.campaigns import Planned
from engage.store.unit import Unit
from engage.wiring import Engage
from engage.wiring.campaigns import OPEN, due_ahead, must_come_round

MOST_AT_ONCE = 160
"""How many posts one page shows to be read and signed: all 32 boroughs for four weeks, and some room."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A post, what the policy says of it now, and the sign-offs that count for it."""

    post: Post
    ruling: Ruling
    held: Sequence[SignOff] = ()

    def too_early(self, now: datetime) -> bool:
        """Whether a sign-off given now would lapse before the post's time."""
        return self.ruling.too_early(self.post, now)


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstRound:
    """What a campaign would make of its first time round, nothing of it kept; and which boroughs it would fail."""

    posts: Sequence[Judged]
    problems: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a campaign stands.

    `planned` is every time on record; `unwritten` how many within the next four weeks are still to be
    written; `published` the posts of which everything is public. `waiting` are posts awaiting sign-off,
    the earliest `MOST_AT_ONCE` of `waiting_in_all`; `not_handed_in` are its drafts.
    """

    campaign: Campaign
    planned: Sequence[Planned]
    unwritten: int
    published: Collection[UUID]
    waiting: Sequence[Judged]
    waiting_in_all: int
    not_handed_in: Sequence[Judged]

    @property
    def posts(self) -> Sequence[Post]:
        """Every post it made, in the order they are due."""
        return [each.post for each in self.planned if each.post is not None]


def first_round(engage: Engage, campaign: Campaign, *, by: Person) -> FirstRound:
    """Write and judge what is due the first time, and keep nothing.

    Raises BadInput where its wording does not fit it, where it does not come round within four weeks, or
    where not one borough's post can be written.
    """
    now = utc_now()
    must_fit(campaign, engage.shelf)
    must_come_round(campaign, now)
    posts: list[Judged] = []
    problems: dict[str, BadInput] = {}
    with engage.transaction() as unit:
        figures = CrimeFigures(unit.crime)
        for each in _first_of_each_borough(campaign, now):
            try:
                post = written(
                    campaign,
                    each,
                    shelf=engage.shelf,
                    figures=figures,
                    rules=engage.policy_in(unit),
                    accounts=unit.accounts.speaking_for(each.borough),
                    by=by,
                    now=now,
                )
            except BadInput as error:
                problems[each.borough] = error
            else:
                posts.append(_judged(engage, unit, post, now=now, moment="submit"))
    if not posts:
        raise next(iter(problems.values()))
    return FirstRound(posts=posts, problems={name: str(error) for name, error in problems.items()})


def standing(engage: Engage, unit: Unit, campaign_id: UUID) -> Standing:
    """How a campaign and each of its posts stand now. Raises NoSuchCampaign."""
    campaign, now = unit.campaigns.get(campaign_id), utc_now()
    planned = unit.campaigns.planned(campaign_id)
    by_state = _by_state(each.post for each in planned if each.post is not None)
    awaiting = [each for each in by_state[PostState.AWAITING] if each.publish_at and each.publish_at > now]
    drafts = by_state[PostState.DRAFT][:MOST_AT_ONCE]
    return Standing(
        campaign=campaign,
        planned=planned,
        unwritten=_unwritten(campaign, {each.occurrence for each in planned}, now),
        published=unit.deliveries.wholly_sent_among([each.id for each in by_state[PostState.SIGNED_OFF]]),
        waiting=[_judged(engage, unit, each, now=now, moment="approval") for each in awaiting[:MOST_AT_ONCE]],
        waiting_in_all=len(awaiting),
        not_handed_in=[_judged(engage, unit, each, now=now, moment="submit") for each in drafts],
    )


def signable(posts: Sequence[Judged], person: Person, now: datetime) -> Mapping[Role, Sequence[Post]]:
    """The posts this person could sign off now, by the role they would sign in.

    Not those with a picture, which is looked at on the post's own page, nor those whose sign-off would
    lapse before their time.
    """
    found: dict[Role, list[Post]] = defaultdict(list)
    for each in posts:
        pictured = any(variant.media for variant in each.post.variants)
        if each.ruling.blocked or pictured or each.too_early(now):
            continue
        for role in roles_to_sign_in(person, each.post, each.ruling, each.held):
            found[role].append(each.post)
    return found


def _unwritten(campaign: Campaign, known: Collection[Occurrence], now: datetime) -> int:
    if campaign.state not in OPEN:
        return 0
    return sum(each not in known for each in due_ahead(campaign, now))


def _judged(engage: Engage, unit: Unit, post: Post, *, now: datetime, moment: str) -> Judged:
    held = [each for each in unit.signoffs.of(post.id) if each.counts_for(post, now)]
    judge = engage.judge(unit, keep=False)
    return Judged(post=post, ruling=Ruling(decisions=judge(post, moment=moment, signoffs=held)), held=held)


def _first_of_each_borough(campaign: Campaign, now: datetime) -> list[Occurrence]:
    firsts: dict[str, Occurrence] = {}
    for each in due_ahead(campaign, now):
        firsts.setdefault(each.borough, each)
    return list(firsts.values())


def _by_state(posts: Iterable[Post]) -> Mapping[PostState, list[Post]]:
    found: dict[PostState, list[Post]] = defaultdict(list)
    for post in posts:
        found[post.state].append(post)
    return found
