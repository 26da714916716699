"""What others did with the posts somebody wrote or signed, so that nobody has to go and look for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from engage.posts.people import Person
from engage.store.unit import Unit
from engage.web import access

SINCE = timedelta(days=7)
MOST = 10
_ACTIONS: Mapping[str, tuple[str, str]] = {
    "returned": ("Returned", "orange"),
    "rejected": ("Rejected", "red"),
    "lapsed": ("Lapsed", "orange"),
    "withdrawn": ("Withdrawn", "grey"),
    "taken down": ("Taken down", "red"),
    "approval asked again": ("To be approved again", "orange"),
    "to be looked at again": ("Public, to be looked at again", "red"),
    "corrected": ("Correction written", "orange"),
    "signed off": ("Signed off", "green"),
}
"""What a post's people are told of, in words and with a colour."""


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """One thing that happened to one post, or to posts of one campaign."""

    post_id: UUID
    campaign: str
    title: str
    what: str
    colour: str
    comment: str
    actor: str
    at: datetime


def news(unit: Unit, person: Person, *, now: datetime) -> list[News]:
    """What happened in the last week to this person's posts, newest first: each post once, and of a campaign each thing once."""
    names = {each.id: each.name for each in unit.people.all()}
    told: dict[str, News] = {}
    for entry in unit.audit.news_for(person.id, actions=_ACTIONS, since=now - SINCE):
        if entry.subject in told or len(told) == MOST:
            continue
        post = unit.posts.get(UUID(entry.subject))
        campaign = post.context.get("campaign")
        about = f"{campaign['id']} {entry.action}" if campaign else entry.subject
        if about in told or not access.may_read(person, post):
            continue
        what, colour = _ACTIONS[entry.action]
        told[about] = News(
            post_id=post.id,
            campaign=campaign["id"] if campaign else "",
            title=f"{campaign['title']}, {post.borough} and more"
            if campaign
            else f"{post.kind.label}, {post.borough}",
            what=what,
            colour=colour,
            comment=str(entry.details.get("comment", "")),
            actor=names.get(entry.actor, "Engage itself"),
            at=entry.at,
        )
    return list(told.values())
