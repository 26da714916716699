"""What people do with a campaign: begin, hand in, pause, resume, end. Its posts are signed like any other.

A campaign signs nothing and sends nothing: it only says which posts belong together, and whether they may
leave. Signing a batch is signing each of its posts, in the words read, by `engage.signoff.acts`.
"""

import hashlib
from collections.abc import Sequence
from typing import Any, Protocol
from uuid import UUID

from engage.posts.campaign import Campaign, CampaignState
from engage.posts.people import PRESS_OFFICE, Person
from engage.posts.post import Post
from engage.posts.states import POST_MOVES, PostState
from engage.signoff import acts
from engage.signoff.ports import Desk
from engage.signoff.record import Entry
from engage.signoff.refusals import AlreadyLeft, NotNeeded, NotYours

MISSED = "its time passed while the campaign was paused"
UNSIGNED = "its time passed before it was signed off"


class Campaigns(Protocol):
    """Where campaigns are kept."""

    def add(self, campaign: Campaign) -> None:
        """Keep a new campaign."""

    def for_change(self, campaign_id: UUID) -> Campaign:
        """The campaign, locked until the transaction ends. Raises NoSuchCampaign."""

    def save(self, campaign: Campaign) -> None:
        """Keep a changed campaign."""

    def posts_of(self, campaign_id: UUID) -> Sequence[Post]:
        """Every post it made, in the order they are due."""

    def let_nothing_leave(self) -> None:
        """Wait until no request is under way; none begins before this transaction ends."""


def begin(desk: Desk, kept: Campaigns, campaign: Campaign, *, by: Person) -> Campaign:
    """Keep a new campaign of this person's. Its posts are written next; nothing is handed in yet."""
    _must_be_press_office(by)
    kept.add(campaign)
    about = {"title": campaign.title, "rule": campaign.recurrence.rule, "template": campaign.template}
    _write(desk, campaign, by.id, "campaign begun", **about, boroughs=list(campaign.boroughs))
    return campaign


def hand_in(desk: Desk, kept: Campaigns, campaign_id: UUID, *, by: Person) -> Campaign:
    """From now on its posts, those written later too, are handed in to be signed off."""
    return _moved(desk, kept, campaign_id, CampaignState.SUBMITTED, by=by, action="campaign handed in")


def signed(desk: Desk, kept: Campaigns, campaign_id: UUID, *, by: Person) -> Campaign:
    """Its first posts are signed off: it runs. Nothing changes where it runs already."""
    campaign = kept.for_change(campaign_id)
    if campaign.state is not CampaignState.SUBMITTED:
        return campaign
    return _moved(desk, kept, campaign_id, CampaignState.RUNNING, by=by, action="campaign running")


def pause(desk: Desk, kept: Campaigns, campaign_id: UUID, *, by: Person, reason: str) -> Campaign:
    """Keep everything of it in: once this returns and its transaction commits, nothing of it leaves."""
    _must_say_why(reason)
    paused = _moved(
        desk, kept, campaign_id, CampaignState.PAUSED, by=by, action="campaign paused", comment=reason
    )
    kept.let_nothing_leave()
    return paused


def resume(desk: Desk, kept: Campaigns, campaign_id: UUID, *, by: Person) -> Sequence[UUID]:
    """Let it run again. What was due meanwhile is not sent late: it lapses, and its ids are given.

    What is still to come keeps its time and its sign-offs: its words and its time are what was signed.
    """
    _moved(desk, kept, campaign_id, CampaignState.RUNNING, by=by, action="campaign resumed")
    now = desk.now()
    due = [post for post in kept.posts_of(campaign_id) if post.publish_at and post.publish_at <= now]
    return [post.id for post in due if lapse(desk, post, why=MISSED)]


def end(desk: Desk, kept: Campaigns, campaign_id: UUID, *, by: Person, reason: str) -> Sequence[UUID]:
    """End it for good: what of it has not left is withdrawn, and its ids are given."""
    _must_say_why(reason)
    _moved(desk, kept, campaign_id, CampaignState.ENDED, by=by, action="campaign ended", comment=reason)
    return [post.id for post in kept.posts_of(campaign_id) if _withdrawn(desk, post, by=by, reason=reason)]


def batch_hash(posts: Sequence[Post]) -> str:
    """SHA-256 over which posts these are and what the public will see of each: what a reader was shown."""
    lines = sorted(f"{post.id}:{post.fingerprint}" for post in posts)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def lapse_unsigned(desk: Desk, posts: Sequence[Post]) -> Sequence[UUID]:
    """Lapse those of a campaign's posts that nobody signed off in time; their ids are given."""
    now = desk.now()
    late = [post for post in posts if post.state is PostState.AWAITING and post.latest and post.latest <= now]
    return [post.id for post in late if lapse(desk, post, why=UNSIGNED)]


def lapse(desk: Desk, post: Post, *, why: str) -> bool:
    """Send one of a campaign's posts back to people; False where it cannot, or where some of it is public already."""
    if PostState.LAPSED not in POST_MOVES[post.state]:
        return False
    try:
        acts.lapse(desk, post.id, why=why)
    except AlreadyLeft:
        desk.outbox.recall_rest(post.id, why=why, now=desk.now(), tell=True)
        return False
    return True


def _withdrawn(desk: Desk, post: Post, *, by: Person, reason: str) -> bool:
    if PostState.WITHDRAWN not in POST_MOVES[post.state]:
        return False
    try:
        acts.withdraw(desk, post.id, by=by, reason=reason)
    except AlreadyLeft:
        desk.outbox.recall_rest(post.id, why=f"the campaign was ended by {by.name}", now=desk.now())
        return False
    return True


def _moved(
    desk: Desk,
    kept: Campaigns,
    campaign_id: UUID,
    there: CampaignState,
    *,
    by: Person,
    action: str,
    **details: Any,
) -> Campaign:
    campaign = kept.for_change(campaign_id)
    _must_be_press_office(by)
    moved = campaign.moved_to(there)
    kept.save(moved)
    _write(desk, moved, by.id, action, **details)
    return moved


def _must_be_press_office(by: Person) -> None:
    if not by.has(*PRESS_OFFICE):
        raise NotYours("Only the press office may do this.")


def _must_say_why(text: str) -> None:
    if not text.strip():
        raise NotNeeded("Say why: its writer and the record need a reason.")


def _write(desk: Desk, campaign: Campaign, actor: str, action: str, **details: Any) -> None:
    stamped = {"state": campaign.state.value, **details}
    desk.record.append(
        Entry(at=desk.now(), actor=actor, action=action, subject=f"campaign:{campaign.id}", details=stamped)
    )
