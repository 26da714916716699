"""Which borough to talk to about which topic now: the greatest needs first, and no place too often."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from engage.crime.needs import Need
from engage.crime.series import NoFigures, Panel
from engage.crime.topics import Topic, topic_called
from engage.drafting.shelf import TemplateShelf
from engage.drafting.template import Template
from engage.posts.clock import in_london
from engage.posts.kinds import Kind
from engage.posts.post import Post
from engage.posts.states import PostState

MOST = 12
PER_BOROUGH = 3
"""So many posts about a borough in `LATELY`, of any kind, and no more are suggested."""
PER_BOROUGH_AT_ONCE = 2
LATELY = timedelta(days=28)
STANDING = frozenset({PostState.DRAFT, PostState.RETURNED, PostState.AWAITING, PostState.SIGNED_OFF})


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """A post that is out or in hand: about which borough and topic, and when it was begun or is due."""

    borough: str
    topic: str | None
    template: str | None
    at: datetime

    @classmethod
    def of(cls, post: Post) -> "Posted":
        """What counts of a post."""
        return cls(
            borough=post.borough,
            topic=post.topic,
            template=post.template,
            at=post.publish_at or post.created_at,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """One need, and the template that meets it."""

    need: Need
    template: str
    title: str

    def to_json(self) -> dict[str, Any]:
        """The suggestion as JSON types."""
        return {
            "borough": self.need.borough,
            "topic": self.need.topic,
            "label": self.need.label,
            "template": self.template,
            "urgent": self.need.urgent,
            "offences": round(self.need.offences, 1),
            "reasons": list(self.need.reasons),
            "data_to": self.need.data_to,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldBack:
    """A need that is not suggested now, and why."""

    borough: str
    label: str
    why: str

    def to_json(self) -> dict[str, str]:
        """What was held back, as JSON types."""
        return {"borough": self.borough, "label": self.label, "why": self.why}


def advised_on(shelf: TemplateShelf, panel: Panel) -> tuple[Topic, ...]:
    """The topics that there is prevention wording and a borough figure for: one for each template."""
    return tuple(topic for each in shelf.for_kind(Kind.PREVENTION) if (topic := _topic(each, panel)))


def _topic(template: Template, panel: Panel) -> Topic | None:
    """The first of a template's topics that the newest figures speak of."""
    for name in template.topics:
        topic = topic_called(name)
        try:
            if not topic.no_forecast and panel.last(topic) == panel.last():
                return topic
        except NoFigures:
            continue
    return None


def suggestions(
    needs: Sequence[Need], shelf: TemplateShelf, *, posted: Sequence[Posted], now: datetime, most: int = MOST
) -> tuple[tuple[Suggestion, ...], tuple[HeldBack, ...]]:
    """Up to `most` suggestions, most pressing first, and what was held back before the list was full.

    Only needs with a reason are suggested. A borough is left out once it has `PER_BOROUGH` posts in
    `LATELY`, these suggestions counted; so is what was said to it in that time. No topic takes more than a
    third of the list.
    """
    lately = [each for each in posted if now - each.at <= LATELY]
    advice = {topic: each for each in reversed(shelf.for_kind(Kind.PREVENTION)) for topic in each.topics}
    said = Counter(each.borough for each in lately)
    chosen: list[Suggestion] = []
    held: list[HeldBack] = []
    for need in (each for each in needs if each.reasons and each.topic in advice):
        if len(chosen) == most:
            break
        template = advice[need.topic]
        why = _why_not(need, template, lately=lately, said=said, chosen=chosen, most=most)
        if why:
            held.append(HeldBack(borough=need.borough, label=need.label, why=why))
            continue
        chosen.append(Suggestion(need=need, template=template.name, title=template.title))
    return tuple(chosen), tuple(held)


def _why_not(
    need: Need,
    template: Template,
    *,
    lately: Sequence[Posted],
    said: Counter[str],
    chosen: Sequence[Suggestion],
    most: int,
) -> str:
    """Why a need is held back; empty where nothing speaks against it."""
    same = [each.at for each in lately if each.borough == need.borough and _alike(each, need, template)]
    if same:
        return f"it was talked about, or a draft begun, on {in_london(max(same)):%-d %B}"
    here = sum(each.need.borough == need.borough for each in chosen)
    if here >= PER_BOROUGH_AT_ONCE or said[need.borough] + here >= PER_BOROUGH:
        many = said[need.borough] + here
        return f"{need.borough} has {many} posts or suggestions in {LATELY.days} days already"
    if sum(each.template == template.name for each in chosen) >= -(-most // 3):
        return "a third of the list is about this already"
    return ""


def _alike(posted: Posted, need: Need, template: Template) -> bool:
    return posted.template == template.name or posted.topic in {need.topic, *template.topics}
