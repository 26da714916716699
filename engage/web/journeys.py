"""Where deliveries are, as pages show them: state, account, receipt, and what only a person can decide."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from uuid import UUID

from engage.delivery.ledger import Delivery
from engage.delivery.likeness import likeness
from engage.delivery.takedown import Takedown, TakedownState
from engage.posts.clock import show
from engage.posts.kinds import Kind, Platform
from engage.posts.post import Post
from engage.posts.states import MAY_BE_PUBLIC, DeliveryState, stands
from engage.store.engagement import Known
from engage.store.unit import Unit
from engage.web.current import current_engage
from engage.web.standing import Event

_COLOURS = {
    DeliveryState.READY: "blue",
    DeliveryState.LEASED: "turquoise",
    DeliveryState.SENDING: "turquoise",
    DeliveryState.SENT: "green",
    DeliveryState.UNKNOWN: "orange",
    DeliveryState.REJECTED: "red",
    DeliveryState.LAPSED: "orange",
    DeliveryState.WITHDRAWN: "grey",
}
_REMOVAL_COLOURS = {
    TakedownState.ASKED: "orange",
    TakedownState.GONE: "grey",
    TakedownState.NEVER_PUBLIC: "grey",
}
_WAITS = frozenset({DeliveryState.READY, DeliveryState.LEASED})
_MOVING = frozenset({DeliveryState.READY, DeliveryState.LEASED, DeliveryState.SENDING, DeliveryState.UNKNOWN})


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One delivery. `known` is what is on record about its attempts, as (label, text).

    `shown` is what its account showed when it was last looked at for this; None where it never showed anything.
    `withheld` says why a person must not post what was handed to them; empty where they may.
    """

    id: UUID
    post_id: UUID
    platform: Platform
    account: str
    title: str
    part: str
    text: str
    state: str
    colour: str
    moving: bool
    waits: bool
    left: bool
    undecided: bool
    by_hand: bool
    withheld: str
    due_at: datetime
    latest: datetime
    url: str
    note: str
    known: tuple[tuple[str, str], ...]
    shown: "tuple[Seen, ...] | None"
    shown_at: datetime | None
    counts: str
    removal: "Removal | None"
    first: bool
    stopped_short: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A post that an account showed, beside the one that may be it."""

    text: str
    url: str
    at: datetime | None
    same: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """How the taking down of one delivery stands."""

    state: str
    colour: str
    moving: bool
    needs_person: bool
    done: bool
    receipt: str
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Journey:
    """Every delivery of a post; those taken back before they left are shown only while there is no other."""

    lines: Sequence[Line]

    @property
    def moving(self) -> bool:
        """Whether any of them may still change by itself."""
        return any(line.removal.moving if line.removal else line.moving for line in self.lines)

    @property
    def waits(self) -> bool:
        """Whether any of them has not left yet and still may."""
        return any(line.waits for line in self.lines)

    @property
    def left(self) -> bool:
        """Whether any of them is public, or may be."""
        return any(line.left for line in self.lines)

    @property
    def public(self) -> bool:
        """Whether any of them is public, as far as is known."""
        return any(line.url and (line.removal is None or not line.removal.done) for line in self.lines)

    @property
    def torn(self) -> list[str]:
        """Where only the first parts of a thread are public, and the rest will not follow by itself."""
        whole = {(line.platform, line.account) for line in self.lines if line.first and line.url}
        return [
            f"{line.platform.label} {line.account}"
            for line in self.lines
            if line.stopped_short and (line.platform, line.account) in whole
        ]

    @property
    def may_be_taken_down(self) -> bool:
        """Whether any of them is public, or may be, and nobody has had it taken down."""
        return any((line.left or line.url) and line.removal is None for line in self.lines)

    @property
    def removal(self) -> str:
        """How the taking down stands as a whole; empty where nobody asked for any."""
        removals = [line.removal for line in self.lines if line.removal]
        if not removals:
            return ""
        return "Taken down" if all(each.done for each in removals) else "Being taken down"


def has_left(unit: Unit, post: Post) -> bool:
    """Whether any part of a post is public, or may be: its words cannot be changed any more."""
    return any(each.state in MAY_BE_PUBLIC for each in unit.deliveries.for_post(post.id))


def of_post(unit: Unit, post: Post) -> Journey:
    """Where a post's deliveries are."""
    every = unit.deliveries.for_post(post.id)
    current = [
        each
        for each in every
        if each.state is not DeliveryState.WITHDRAWN or each.receipt or each.needs_person
    ]
    counted, removals = unit.engagement.of_post(post.id), unit.takedowns.of_post(post.id)
    names = {person.id: person.name for person in unit.people.all()} if removals else {}
    withheld = current_engage().withheld(unit, current)
    return Journey(
        lines=[
            line(
                each,
                counted.get(each.id),
                removals.get(each.id),
                withheld=withheld.get(each.id, ""),
                names=names,
            )
            for each in current or every
        ]
    )


def line(
    delivery: Delivery,
    counted: Known | None = None,
    removal: Takedown | None = None,
    *,
    withheld: str = "",
    names: Mapping[str, str] = MappingProxyType({}),
) -> Line:
    """One delivery for a page. `names` are people's names by their id."""
    state, colour = _state(delivery, withheld)
    return Line(
        id=delivery.id,
        post_id=delivery.post_id,
        platform=delivery.platform,
        account=delivery.handle,
        title=f"{Kind(delivery.kind).label}, {delivery.borough}",
        part=f"{delivery.part + 1} of {delivery.parts}" if delivery.parts > 1 else "",
        text=delivery.text,
        state=state,
        colour=colour,
        moving=delivery.state in _MOVING and not delivery.needs_person,
        waits=delivery.state in _WAITS or delivery.handed_over,
        left=delivery.state in MAY_BE_PUBLIC,
        undecided=delivery.state is DeliveryState.UNKNOWN,
        by_hand=delivery.platform.by_hand,
        withheld=withheld,
        due_at=delivery.due_at,
        latest=delivery.latest,
        url=delivery.receipt.url if delivery.receipt else "",
        note=delivery.reason or "",
        known=_known(delivery, withheld),
        shown=_seen(delivery),
        shown_at=delivery.shown_at,
        counts=_counts(counted) if counted else "",
        removal=_removal(removal, names) if removal else None,
        first=delivery.part == 0 and removal is None,
        stopped_short=delivery.part > 0
        and delivery.state in {DeliveryState.REJECTED, DeliveryState.LAPSED, DeliveryState.WITHDRAWN},
    )


def _state(delivery: Delivery, withheld: str) -> tuple[str, str]:
    """The state in words and its colour; nobody looks up what a person has yet to post."""
    if not delivery.handed_over:
        return delivery.state.label, _COLOURS[delivery.state]
    return ("Not to be posted", "red") if withheld else ("To be posted by hand", "orange")


def _seen(delivery: Delivery) -> tuple[Seen, ...] | None:
    if delivery.shown_at is None:
        return None
    return tuple(
        Seen(text=each.text, url=each.url, at=each.at, same=likeness(each.text, delivery.text) == 1)
        for each in delivery.shown
    )


def _removal(found: Takedown, names: Mapping[str, str]) -> Removal:
    asked, by = found.state is TakedownState.ASKED, found.removed_by
    who = f"removed by {names.get(by, by)}" if by else "the platform says that it is gone"
    return Removal(
        state="To be removed by hand" if found.needs_person else found.state.label,
        colour="red" if found.needs_person else _REMOVAL_COLOURS[found.state],
        moving=asked and not found.needs_person,
        needs_person=found.needs_person,
        done=not asked,
        receipt=f"{show(found.gone_at)}: {who}."
        if found.state is TakedownState.GONE and found.gone_at
        else "",
        said=found.said or "",
    )


def _counts(counted: Known) -> str:
    """What the platform counted, by its own names: "like count 3, reply count 0 (Mon 23 Nov 2026, 17:05)"."""
    said = ", ".join(f"{_in_words(name)} {count:,}" for name, count in counted.counts.items())
    return f"{said} ({show(counted.at)})" if said else ""


def _in_words(name: str) -> str:
    """Words as people write them: "like count" for "like_count" and for "likeCount"."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])|_", " ", name).lower()


def moves(unit: Unit, post: Post) -> list[Event]:
    """What happened to a post's deliveries, as lines of its history, oldest first."""
    by_id = {each.id: each for each in unit.deliveries.for_post(post.id)}
    return [
        Event(
            at=move.at,
            title=f"{_name(by_id[move.delivery_id])}: {_moved(by_id[move.delivery_id], move.came_from, move.went_to)}",
            actor="Engage itself",
            details=(("Why", move.why),) if move.why and move.came_from else (),
            fingerprint=by_id[move.delivery_id].fingerprint,
            link=_link(by_id[move.delivery_id], move.went_to),
        )
        for move in unit.deliveries.moves_of(post.id)
    ]


def _moved(delivery: Delivery, came_from: str | None, went_to: str) -> str:
    if came_from == went_to:
        return "noted"
    if came_from is None:
        return "delivery planned"
    was_public = came_from == DeliveryState.SENT.value
    by_hand = delivery.platform.by_hand
    return stands(DeliveryState(went_to), by_hand=by_hand, taken_down=was_public).lower()


def _name(delivery: Delivery) -> str:
    part = f" part {delivery.part + 1}" if delivery.parts > 1 else ""
    return f"{delivery.platform.label} {delivery.handle}{part}"


def _link(delivery: Delivery, went_to: str) -> str:
    return delivery.receipt.url if delivery.receipt and went_to == DeliveryState.SENT.value else ""


def _known(delivery: Delivery, withheld: str) -> tuple[tuple[str, str], ...]:
    lines = (
        ("Was due", show(delivery.due_at)),
        ("Requests made", str(delivery.attempts)),
        ("First request", show(delivery.first_attempt_at) if delivery.first_attempt_at else ""),
        ("Unknown since", show(delivery.unknown_since) if delivery.unknown_since else ""),
        ("Times looked up", str(delivery.lookups)),
        ("First seen absent", show(delivery.first_absent_at) if delivery.first_absent_at else ""),
        ("What was heard", "" if withheld else delivery.reason or ""),
    )
    return tuple((label, text) for label, text in lines if text)
