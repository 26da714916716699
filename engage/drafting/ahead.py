"""A campaign's posts are written ahead, each by the drafting desk, in the words it will go out in."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from engage.drafting.desk import Figures, Order, Rules, draft
from engage.drafting.errors import MissingEvidence
from engage.drafting.shelf import TemplateShelf
from engage.drafting.stated import must_be_sayable
from engage.drafting.template import Origin, Template
from engage.posts.campaign import Campaign, Occurrence
from engage.posts.clock import in_london
from engage.posts.errors import BadInput
from engage.posts.kinds import Kind, Platform
from engage.posts.people import Person
from engage.posts.post import Post

REPEATABLE = frozenset({Kind.PREVENTION, Kind.CRIME_SUMMARY, Kind.FORECAST_ADVISORY})
"""What may come round by itself: advice and figures, never a case, a person or an event."""


def must_fit(campaign: Campaign, shelf: TemplateShelf) -> None:
    """Raises BadInput where the campaign's wording may not come round, or lacks what it needs."""
    template = shelf.named(campaign.template)
    if template.kind not in REPEATABLE:
        raise BadInput(
            f"a {template.kind.label.lower()} cannot come round by itself.",
            where="template",
            remedy="Choose a wording for advice or for figures.",
        )
    unworded = [each.label for each in campaign.platforms if each not in template.platforms]
    if unworded:
        raise BadInput(f"“{template.title}” has no words for {', '.join(unworded)}.", where="platforms")
    if campaign.topic is None and any(slot.origin is not Origin.OFFICER for slot in template.slots):
        raise BadInput(f"“{template.title}” says figures: choose what they are about.", where="topic")
    for slot in template.asks(Origin.OFFICER):
        if slot.required and slot.name != "borough" and not campaign.stated.get(slot.name, "").strip():
            raise MissingEvidence(f"“{slot.label}” is empty.", where=slot.name)
    must_be_sayable(campaign.stated)


def topic_of(template: Template, asked: str | None) -> str | None:
    """What a campaign's posts are about: what was asked for, or what its wording is for, where that is one topic."""
    return asked or (template.topics[0] if len(template.topics) == 1 else None)


def written(
    campaign: Campaign,
    occurrence: Occurrence,
    *,
    shelf: TemplateShelf,
    figures: Figures,
    rules: Rules,
    accounts: Mapping[Platform, str],
    by: Person,
    now: datetime,
) -> Post:
    """One borough's post of a campaign: the newest figures there are, or the estimate for the month it is due.

    Raises BadInput where no account of a platform speaks for the borough, and what the desk refuses.
    """
    silent = [each.label for each in campaign.platforms if each not in accounts]
    if silent:
        raise BadInput(f"No account on {', '.join(silent)} speaks for {occurrence.borough}.")
    template = shelf.named(campaign.template)
    order = Order(
        kind=template.kind,
        borough=occurrence.borough,
        topic=campaign.topic,
        month=f"{in_london(occurrence.due):%Y-%m}" if template.asks(Origin.FORECAST) else None,
        template=campaign.template,
        stated=campaign.stated,
        platforms=campaign.platforms,
        accounts=accounts,
    )
    post = draft(order, shelf=shelf, figures=figures, rules=rules, by=by, now=now).post(by=by, now=now)
    return replace(
        post,
        publish_at=occurrence.due,
        latest=occurrence.latest,
        context={**post.context, "campaign": {"id": str(campaign.id), "title": campaign.title}},
    )
