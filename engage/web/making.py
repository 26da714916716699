"""A new post from what a form asked for: the drafting desk words it, and this binds it to its writer."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from engage.drafting.correction import correcting
from engage.drafting.desk import Order, draft
from engage.drafting.figures import CrimeFigures
from engage.posts.errors import BadInput
from engage.posts.kinds import Platform
from engage.posts.people import Person
from engage.posts.places import borough
from engage.posts.post import Post
from engage.posts.states import DeliveryState
from engage.store.unit import Unit
from engage.web.asked import NewDraft
from engage.wiring import Engage


def make_post(
    engage: Engage, unit: Unit, asked: NewDraft, *, by: Person, now: datetime, original: Post | None = None
) -> Post:
    """The post an officer asked for, not yet kept; of a correction, `original` is what it corrects.

    A correction speaks for the original's borough, by the same accounts. Raises what the drafting desk refuses.
    """
    template = engage.shelf.named(asked.template)
    place = asked.borough if original is None else original.borough
    accounts = unit.accounts.speaking_for(borough(place).name)
    if original is not None:
        accounts = {**accounts, **{each.platform: each.account for each in original.variants}}
    _must_speak(asked.platforms, accounts, place)
    order = Order(
        kind=template.kind,
        borough=place,
        topic=asked.topic,
        template=template.name,
        stated=asked.stated,
        platforms=asked.platforms,
        accounts=accounts,
    )
    made = draft(
        order,
        shelf=engage.shelf,
        figures=CrimeFigures(unit.crime),
        rules=engage.policy_in(unit),
        by=by,
        now=now,
    )
    post = made.post(by=by, now=now, case=asked.case)
    return post if original is None else _bound(post, original, asked, unit)


def _must_speak(platforms: Sequence[Platform], accounts: Mapping[Platform, str], place: str) -> None:
    """Somebody posts by hand only where the borough, or the force, has an account."""
    silent = [each.label for each in platforms if each.by_hand and each not in accounts]
    if silent:
        raise BadInput(
            f"nobody posts for {place} on {' or '.join(silent)}.",
            where="platforms",
            remedy="Leave it out, or have an account added.",
        )


def public_at(unit: Unit, post: Post) -> dict[Platform, str]:
    """Where a post is public now: the address of its first part on each platform."""
    sent = [each for each in unit.deliveries.for_post(post.id) if each.state is DeliveryState.SENT]
    return {each.platform: each.receipt.url for each in sent if each.receipt and each.part == 0}


def _bound(post: Post, original: Post, asked: NewDraft, unit: Unit) -> Post:
    reason = asked.correction_reason
    return correcting(post, original, reason=reason, addresses=public_at(unit, original))
