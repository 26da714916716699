"""Campaigns and what became of their posts, as JSON types and as lines for people."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import click

from engage.cli.output import print_table
from engage.delivery.prices import Prices
from engage.posts.alike import alike
from engage.posts.campaign import Campaign
from engage.posts.clock import show, utc_now
from engage.posts.clock_changes import clock_changes
from engage.posts.people import Role
from engage.posts.post import Post
from engage.posts.states import PostState
from engage.signoff.campaigns import batch_hash
from engage.wiring.batch_costs import platform_costs
from engage.wiring.campaign_reading import FirstRound, Judged, Standing
from engage.wiring.campaigns import Batch

Counts = Mapping[PostState, int]


def campaign_json(
    campaign: Campaign, soonest: datetime | None = None, counts: Counts | None = None
) -> dict[str, Any]:
    """A campaign; `soonest` is its next time (UTC), `counts` its posts by state."""
    return {
        "id": str(campaign.id),
        "title": campaign.title,
        "state": campaign.state.value,
        "rule": campaign.recurrence.rule,
        "first": campaign.recurrence.first.isoformat(timespec="minutes"),
        "words": campaign.recurrence.words,
        "template": campaign.template,
        "topic": campaign.topic,
        "stated": dict(campaign.stated),
        "boroughs": list(campaign.boroughs),
        "platforms": [each.value for each in campaign.platforms],
        "created_by": campaign.created_by,
        "next": soonest.isoformat() if soonest else None,
        "posts": {state.value: count for state, count in (counts or {}).items()},
    }


def round_json(campaign: Campaign, made: FirstRound, prices: Prices) -> dict[str, Any]:
    """What the first time round would make."""
    return {
        "campaign": campaign_json(campaign),
        "times": [each.isoformat() for each in campaign.recurrence.moments()],
        "clock_changes": [each.words for each in clock_changes(campaign.recurrence)],
        "posts": [_judged_json(each) for each in made.posts],
        "problems": dict(made.problems),
        "costs": _costs([each.post for each in made.posts], prices),
    }


def standing_json(found: Standing, prices: Prices) -> dict[str, Any]:
    """A campaign with every post of it; `batch` is the hash that `sign` takes for what waits now."""
    judged = {each.post.id: each for each in (*found.waiting, *found.not_handed_in)}
    ready = _ready(found)
    return {
        "campaign": campaign_json(found.campaign),
        "still_to_be_written": found.unwritten,
        "batch": batch_hash(ready) if ready else None,
        "times": [
            {
                "borough": each.occurrence.borough,
                "due": each.occurrence.due.isoformat(),
                "problem": each.problem or None,
                "post": _post_json(each.post, judged.get(each.post.id), found) if each.post else None,
            }
            for each in found.planned
        ],
        "costs": _costs(_unsent(found), prices),
    }


def batch_json(batch: Batch) -> dict[str, Any]:
    """What became of each post of a batch."""
    return {
        "done": [str(each) for each in batch.done],
        "waiting": [str(each) for each in batch.waiting],
        "refused": {str(each): why for each, why in batch.refused.items()},
    }


def print_campaigns(
    campaigns: Sequence[Campaign], soonest: Mapping[UUID, datetime], counts: Mapping[UUID, Counts]
) -> None:
    """A line for each campaign."""
    rows = [
        (
            str(each.id)[:8],
            each.title,
            each.state.label,
            each.recurrence.words,
            show(soonest[each.id]) if each.id in soonest else "—",
            f"{len(each.boroughs)} boroughs",
            ", ".join(f"{count} {state.label.lower()}" for state, count in counts.get(each.id, {}).items()),
        )
        for each in campaigns
    ]
    print_table("Campaigns", ("id", "title", "state", "comes round", "next", "where", "posts"), rows)


def print_first_round(campaign: Campaign, made: FirstRound, prices: Prices) -> None:
    """What the first time round would make, in words."""
    times = [each for each in campaign.recurrence.moments() if each > utc_now()]
    click.echo(f"{campaign.title}: {campaign.recurrence.words}. {len(times)} times from now on.")
    for change in clock_changes(campaign.recurrence):
        click.echo(change.words)
    for borough, problem in made.problems.items():
        click.echo(f"{borough} would get none. {problem}")
    _print_words(made.posts)
    for cost in _costs([each.post for each in made.posts], prices):
        click.echo(f"{cost} each time.")
    click.echo("Nothing is kept.")


def print_standing(found: Standing, prices: Prices) -> None:
    """A campaign and its posts, in words: those of the same words together."""
    campaign = found.campaign
    click.echo(f"{campaign.title} ({campaign.state.label}): {campaign.recurrence.words}.")
    if found.unwritten:
        click.echo(f"Still to be written by a worker: {found.unwritten}.")
    for each in found.planned:
        if each.problem:
            click.echo(f"{show(each.occurrence.due)} {each.occurrence.borough}: {each.problem}")
    _print_words((*found.waiting, *found.not_handed_in))
    rows = [
        (show(each.publish_at), each.borough, _state(each, found)) for each in found.posts if each.publish_at
    ]
    print_table("Posts", ("due", "borough", "state"), rows)
    for cost in _costs(_unsent(found), prices):
        click.echo(f"Not yet out: {cost}.")
    ready = _ready(found)
    if ready:
        click.echo(
            f"To be signed: {len(ready)}. Having read them: `engage campaign sign {str(campaign.id)[:8]} "
            f"{batch_hash(ready)[:12]} --as USERNAME`."
        )


def print_batch(batch: Batch, done: str) -> None:
    """What became of a batch, each reason once."""
    click.echo(f"{done}: {len(batch.done)}.")
    if batch.waiting:
        click.echo(f"Kept, and others are still missing: {len(batch.waiting)}.")
    reasons: dict[str, int] = {}
    for why in batch.refused.values():
        reasons[why] = reasons.get(why, 0) + 1
    for why, count in reasons.items():
        click.echo(f"Refused: {count}. {why}")


def _print_words(posts: Sequence[Judged]) -> None:
    by_id = {each.post.id: each for each in posts}
    for words, members in alike([each.post for each in posts]).items():
        names = ", ".join(dict.fromkeys(each.borough for each in members))
        click.echo(f"\n── {len(members)} posts in these words, with each borough's own name: {names}")
        for shared in words:
            click.echo(f"\n{', '.join(each.label for each in shared.platforms)}:")
            click.echo("\n\n".join(shared.of(members[0].borough)))
        for line in dict.fromkeys(_decision(by_id[each.id]) for each in members):
            click.echo(f"\n{line}")
    click.echo()


def _decision(judged: Judged) -> str:
    missing = ", ".join(Role(name).label for name in judged.ruling.missing())
    reasons = " ".join(judged.ruling.reasons())
    told = f" Missing: {missing}." if missing and not reasons else ""
    return f"Decision: {judged.ruling.verdict.value}.{told}{' ' if reasons else ''}{reasons}"


def _ready(found: Standing) -> list[Post]:
    return [each.post for each in found.waiting if not each.too_early(utc_now())]


def _unsent(found: Standing) -> list[Post]:
    waits = {PostState.DRAFT, PostState.AWAITING, PostState.SIGNED_OFF}
    return [each for each in found.posts if each.state in waits and each.id not in found.published]


def _costs(posts: Sequence[Post], prices: Prices) -> list[str]:
    return [each.words() for each in platform_costs(posts, prices)]


def _state(post: Post, found: Standing) -> str:
    return "Published" if post.id in found.published else post.state.label


def _judged_json(each: Judged) -> dict[str, Any]:
    return {
        "borough": each.post.borough,
        "due": each.post.publish_at.isoformat() if each.post.publish_at else None,
        "variants": [variant.to_json() for variant in each.post.variants],
        "decisions": each.ruling.to_json(),
    }


def _post_json(post: Post, judged: Judged | None, found: Standing) -> dict[str, Any]:
    return {
        "id": str(post.id),
        "state": post.state.value,
        "published": post.id in found.published,
        "fingerprint": post.fingerprint,
        "latest": post.latest.isoformat() if post.latest else None,
        "variants": [variant.to_json() for variant in post.variants],
        "decisions": judged.ruling.to_json() if judged else None,
    }
