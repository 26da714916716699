"""The drafting desk: an order, the figures and the shelf make a draft with its evidence and its decisions.

The web page and the command line call the same function, so an officer sees on the page exactly what
`engage draft` prints.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import uuid4

from engage.drafting.compose import compose, fill, used
from engage.drafting.errors import NoSuchTemplate
from engage.drafting.question import post_json
from engage.drafting.shelf import TemplateShelf
from engage.drafting.stated import stated_evidence
from engage.drafting.template import Origin, Template
from engage.policy.decision import Decision, Verdict
from engage.posts.clock import in_london
from engage.posts.errors import BadInput
from engage.posts.evidence import Evidence
from engage.posts.kinds import DRAFTED_FOR, Kind, Platform
from engage.posts.length import length
from engage.posts.people import Person
from engage.posts.places import borough as borough_called
from engage.posts.post import Post, Variant


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """What the figures bring to a draft: its evidence, and what the policy is to know of them."""

    evidence: tuple[Evidence, ...]
    context: Mapping[str, Any] = field(default_factory=dict)


class Figures(Protocol):
    """The crime figures a draft may rest on."""

    def summary(self, borough: str, *, topic: str, month: str | None) -> Brought:
        """Counts and a fair comparison. Raises BadInput where there are none."""

    def forecast(self, borough: str, *, topic: str, month: str | None) -> Brought:
        """An estimate with its range. Raises BadInput where none is made."""


class Rules(Protocol):
    """The policy, asked."""

    def decide(self, post: Mapping[str, Any]) -> Decision:
        """The decision on one post in the shape `post_json` makes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What someone asks the desk for.

    `stated` is what the officer says, by slot name; `context` is what they put on record for the policy
    (case, victim, missing, image…), in the shape `engage policy decide` takes.
    """

    kind: Kind
    borough: str
    topic: str | None = None
    template: str | None = None
    month: str | None = None
    stated: Mapping[str, str] = field(default_factory=dict)
    context: Mapping[str, Any] = field(default_factory=dict)
    platforms: Sequence[Platform] = DRAFTED_FOR
    accounts: Mapping[Platform, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A draft for every platform asked for, with what it rests on and what the policy says of each."""

    template: Template
    borough: str
    topic: str | None
    variants: tuple[Variant, ...]
    evidence: tuple[Evidence, ...]
    context: Mapping[str, Any]
    decisions: Mapping[Platform, Decision]

    @property
    def kind(self) -> Kind:
        """The kind of post."""
        return self.template.kind

    @property
    def blocked(self) -> bool:
        """Whether the policy blocks any variant."""
        return any(each.verdict is Verdict.BLOCK for each in self.decisions.values())

    def post(self, *, by: Person, now: datetime, case: Mapping[str, Any] | None = None) -> Post:
        """The draft as a new post of its writer's; `case` is what more is known of the case."""
        context = dict(self.context)
        if case:
            context["case"] = {**context.get("case", {}), **case}
        return Post(
            id=uuid4(),
            kind=self.kind,
            borough=self.borough,
            topic=self.topic,
            template=self.template.name,
            variants=self.variants,
            evidence=self.evidence,
            context=context,
            writers=frozenset({by.id}),
            created_by=by.id,
            created_at=now,
        )

    def to_json(self) -> dict[str, Any]:
        """The draft as JSON types: each variant with its length and its decision."""
        return {
            "kind": self.kind.value,
            "borough": self.borough,
            "topic": self.topic,
            "template": {"name": self.template.name, "hash": self.template.hash},
            "variants": [self._variant_json(variant) for variant in self.variants],
            "evidence": [item.to_json() for item in self.evidence],
            "context": dict(self.context),
        }

    def _variant_json(self, variant: Variant) -> dict[str, Any]:
        counted = [length(part, variant.platform) for part in variant.parts]
        return {
            **variant.to_json(),
            "text": variant.text,
            "lengths": [{"used": each.used, "limit": each.limit, "fits": each.fits} for each in counted],
            "decision": self.decisions[variant.platform].to_json(),
        }


def draft(
    order: Order, *, shelf: TemplateShelf, figures: Figures, rules: Rules, by: Person, now: datetime
) -> Draft:
    """The draft that an order asks for. `now` is an aware moment.

    Raises UnknownBorough, NoSuchTemplate, MissingEvidence, TooLong, or what the figures refuse.
    """
    place = borough_called(order.borough).name
    template = chosen(shelf, order)
    _refuse_unknown(template, order.stated)
    brought = _brought(template, order, place, figures)
    stated = stated_evidence({"borough": place, **order.stated}, by, now)
    known = {item.field for item in brought.evidence}
    evidence = used(template, (*brought.evidence, *(item for item in stated if item.field not in known)))
    variants = compose(template, evidence=evidence, platforms=order.platforms, accounts=order.accounts)
    context = recorded(template, evidence, brought.context, order.context, now=now)
    moment = {"now": in_london(now).strftime("%Y-%m-%dT%H:%M"), "borough": place, "drafter": by.id}
    decisions = {
        each.platform: rules.decide(
            post_json(
                template.kind,
                each.platform,
                each.text,
                evidence=evidence,
                context=context,
                moment=moment,
                parts=each.parts,
            )
        )
        for each in variants
    }
    return Draft(
        template=template,
        borough=place,
        topic=order.topic,
        variants=variants,
        evidence=evidence,
        context=context,
        decisions=decisions,
    )


def chosen(shelf: TemplateShelf, order: Order) -> Template:
    """The template an order names, or the first that serves its kind and topic.

    A template for the topic itself comes before one for any topic. Raises NoSuchTemplate.
    """
    if order.template is not None:
        template = shelf.named(order.template)
        if template.kind is not order.kind:
            raise NoSuchTemplate(
                f"Template {template.name} words a {template.kind.value}, not a {order.kind.value}."
            )
        return template
    fitting = [each for each in shelf.for_kind(order.kind) if not each.topics or order.topic in each.topics]
    if not fitting:
        about = f" about {order.topic}" if order.topic else ""
        there = ", ".join(each.name for each in shelf.for_kind(order.kind)) or "none"
        raise NoSuchTemplate(
            f"No template words a {order.kind.value}{about}.", remedy=f"For this kind there are: {there}."
        )
    return min(fitting, key=lambda each: not each.topics)


def recorded(
    template: Template, evidence: Sequence[Evidence], *stated: Mapping[str, Any], now: datetime
) -> dict[str, Any]:
    """What is put on record for the policy.

    First the template's own context, then what is stated (the figures', the officer's), group by group,
    then what slots record, and the day to look again.
    """
    context: dict[str, Any] = {}
    for part in (template.matter.context, *stated):
        _add(context, part)
    values = fill(template, evidence)
    for slot in template.slots:
        if slot.records and values[slot.name]:
            group, _, key = slot.records.partition(".")
            _add(context, {group: {key: values[slot.name]} if key else values[slot.name]})
    if template.matter.review_days is not None:
        review = in_london(now + timedelta(days=template.matter.review_days))
        context["review_at"] = review.strftime("%Y-%m-%dT%H:%M")
    return context


def _add(context: dict[str, Any], part: Mapping[str, Any]) -> None:
    """Add facts to a context; a group that is there already gains keys instead of being replaced."""
    for name, value in part.items():
        known = context.get(name)
        if isinstance(known, Mapping) and isinstance(value, Mapping):
            context[name] = {**known, **value}
        else:
            context[name] = value


def _refuse_unknown(template: Template, stated: Mapping[str, str]) -> None:
    """Nobody states what the figures say, nor a slot that the wording does not have."""
    free = {slot.name for slot in template.asks(Origin.OFFICER)} - {"borough"}
    for name in stated:
        if name not in free:
            raise BadInput(
                f"template {template.name} takes no {name} from an officer.",
                where="--set",
                remedy=f"It takes: {', '.join(sorted(free)) or 'nothing'}.",
            )


def _brought(template: Template, order: Order, place: str, figures: Figures) -> Brought:
    origins = {slot.origin for slot in template.slots} - {Origin.OFFICER}
    if not origins:
        return Brought(evidence=())
    if order.topic is None:
        raise BadInput(f"template {template.name} needs a topic.", where="--topic", remedy="Add --topic.")
    if Origin.FORECAST in origins:
        return figures.forecast(place, topic=order.topic, month=order.month)
    return figures.summary(place, topic=order.topic, month=order.month)
