"""A campaign's figures that newer ones have overtaken: back to people while there is time, written again when they say so."""

from dataclasses import replace
from uuid import UUID

from engage.crime.aged import aged
from engage.drafting.ahead import written
from engage.drafting.figures import CrimeFigures
from engage.drafting.template import Origin
from engage.posts.campaign import Campaign, Occurrence
from engage.posts.clock import utc_now
from engage.posts.errors import BadInput, NotAllowed
from engage.posts.people import Person
from engage.posts.post import Post, Variant
from engage.posts.states import PostState
from engage.signoff import acts, campaigns
from engage.signoff.refusals import BadTime
from engage.store.unit import Unit
from engage.wiring import Engage
from engage.wiring.campaigns import OPEN, Batch, RememberedFigures

_WAITING = frozenset({PostState.AWAITING, PostState.SIGNED_OFF})
_OVERTAKEN = frozenset({PostState.LAPSED, PostState.DRAFT})


def says_figures(engage: Engage, campaign: Campaign) -> bool:
    """Whether a campaign's wording says any figures, as far as the shelf still has it."""
    template = engage.shelf.templates.get(campaign.template)
    return template is not None and any(slot.origin is not Origin.OFFICER for slot in template.slots)


def send_back_aged(engage: Engage, campaign: Campaign) -> int:
    """Lapse what is handed in or signed and has aged since, long before its time; say how many.

    The last question before each request stops it anyway: this leaves people time to write it again.
    """
    if not says_figures(engage, campaign):
        return 0
    with engage.transaction() as unit:
        files = unit.crime.files()
        waiting = [each for each in unit.campaigns.posts_of(campaign.id) if each.state in _WAITING]
        why = {each.id: aged(each.evidence, files) for each in waiting}
        desk = engage.desk(unit)
        return sum(campaigns.lapse(desk, each, why=why[each.id]) for each in waiting if why[each.id])


def send_back_all(engage: Engage) -> int:
    """What a worker does every minute, for every campaign that is written ahead; how many it sent back."""
    with engage.transaction() as unit:
        every = unit.campaigns.in_state(*OPEN)
    return sum(send_back_aged(engage, each) for each in every)


def write_again(engage: Engage, campaign_id: UUID, *, by: Person) -> Batch:
    """Write what came back, and drafts, again with the newest figures, and hand them in; each by itself.

    Whoever says so is a writer of them from then on. What is too late to go out, or cannot be written,
    is refused with the reason and stays as it is.
    """
    with engage.transaction() as unit:
        campaign = unit.campaigns.get(campaign_id)
        files = unit.crime.files()
        back = [
            each
            for each in unit.campaigns.posts_of(campaign_id)
            if each.state in _OVERTAKEN and aged(each.evidence, files)
        ]
    done: list[UUID] = []
    refused: dict[UUID, str] = {}
    for post in back:
        try:
            with engage.transaction() as unit:
                _written_again(engage, unit, campaign, post, by=by)
        except (NotAllowed, BadInput) as refusal:
            refused[post.id] = str(refusal)
        else:
            done.append(post.id)
    return Batch(done=done, refused=refused)


def _written_again(engage: Engage, unit: Unit, campaign: Campaign, post: Post, *, by: Person) -> None:
    now, desk = utc_now(), engage.desk(unit)
    if post.publish_at is None or post.latest is None or post.latest <= now:
        raise BadTime("It is too late for it to go out.")
    fresh = written(
        campaign,
        Occurrence(borough=post.borough, due=post.publish_at),
        shelf=engage.shelf,
        figures=RememberedFigures(CrimeFigures(unit.crime)),
        rules=engage.policy_in(unit),
        accounts=unit.accounts.speaking_for(post.borough),
        by=by,
        now=now,
    )
    acts.edit(
        desk,
        post.id,
        by=by,
        version=post.version,
        variants=[_with_pictures(each, post) for each in fresh.variants],
        context=fresh.context,
        evidence=fresh.evidence,
    )
    acts.submit(desk, post.id, by=by)


def _with_pictures(fresh: Variant, post: Post) -> Variant:
    before = post.variant_for(fresh.platform)
    return replace(fresh, media=before.media) if before else fresh
