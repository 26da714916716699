"""How a post stands: its state, who must still sign, what happened to it, and where each delivery is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engage.posts.clock import show
from engage.posts.people import Role
from engage.posts.post import Post
from engage.posts.states import PostState
from engage.signoff.ports import SignOff
from engage.signoff.record import Entry
from engage.signoff.ruling import Ruling

STATE_COLOURS = {
    PostState.DRAFT: "grey",
    PostState.AWAITING: "blue",
    PostState.RETURNED: "orange",
    PostState.REJECTED: "red",
    PostState.SIGNED_OFF: "turquoise",
    PostState.LAPSED: "orange",
    PostState.WITHDRAWN: "grey",
}
_SAID = {
    "drafted": "Drafted",
    "edited": "Words changed",
    "submitted": "Handed in for sign-off",
    "scheduled": "Time set",
    "returned": "Returned to its writer",
    "rejected": "Rejected",
    "approved": "Signed off by one person",
    "signed off": "Fully signed off, deliveries planned",
    "withdrawn": "Withdrawn",
    "taken down": "Taken down on every platform",
    "to be looked at again": "Public, and to be looked at again",
    "lapsed": "Lapsed",
    "rule set aside": "Rule set aside for these words",
    "approval asked again": "Sent back to be approved again",
}
_TOLD = (
    "rule",
    "comment",
    "role",
    "required",
    "missing",
    "signoffs_voided",
    "due_at",
    "latest",
    "expires_at",
    "deliveries",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A post as one line of a list."""

    post: Post
    opening: str
    state: str
    colour: str
    verdict: str = ""
    verdict_colour: str = ""
    missing: tuple[str, ...] = ()
    waiting_minutes: int = 0
    comment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """One sign-off that was asked for: the role, and who gave it if anybody has."""

    role: str
    by: str | None = None
    at: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One line of a post's history. `details` are (label, text); `changes` are words before and after."""

    at: datetime
    title: str
    actor: str
    details: tuple[tuple[str, str], ...] = ()
    changes: tuple[tuple[str, str, str], ...] = ()
    fingerprint: str = ""
    link: str = ""


def state_in_words(post: Post, *, published: bool, removal: str = "") -> tuple[str, str]:
    """How a post stands, and the colour of it.

    `published` says that all of it is public, `removal` how its taking down stands, if it does.
    """
    if removal:
        return removal, "orange" if removal == "Being taken down" else "grey"
    if post.state is PostState.SIGNED_OFF and published:
        return "Published", "green"
    return post.state.label, STATE_COLOURS[post.state]


def row(
    post: Post,
    *,
    ruling: Ruling | None = None,
    waiting_minutes: int = 0,
    comment: str = "",
    published: bool = False,
) -> Row:
    """A post as a list shows it."""
    state, state_colour = state_in_words(post, published=published)
    verdict, colour = ("", "")
    if ruling is not None:
        verdict, colour = {
            "allow": ("Within policy", "green"),
            "escalate": ("Needs sign-off", "yellow"),
            "block": ("Blocked", "red"),
        }[ruling.verdict.value]
    return Row(
        post=post,
        opening=_opening(post),
        state=state,
        colour=state_colour,
        verdict=verdict,
        verdict_colour=colour,
        missing=tuple(_counted(ruling.missing())) if ruling else (),
        waiting_minutes=waiting_minutes,
        comment=comment,
    )


def signatures(ruling: Ruling, held: Sequence[SignOff], names: Mapping[str, str]) -> tuple[Signature, ...]:
    """Every sign-off the post has, then every one it still waits for."""
    given = [
        Signature(role=each.role.label, by=names.get(each.by, each.by), at=each.at, until=each.expires_at)
        for each in held
    ]
    return (*given, *(Signature(role=text) for text in _counted(ruling.missing())))


def last(entries: Sequence[Entry], *actions: str) -> Entry | None:
    """The latest entry of any of these actions."""
    return next((each for each in reversed(entries) if each.action in actions), None)


def history(entries: Sequence[Entry], names: Mapping[str, str]) -> tuple[Event, ...]:
    """The record of a post in words, oldest first."""
    return tuple(
        Event(
            at=entry.at,
            title=_SAID.get(entry.action, entry.action.capitalize()),
            actor=names.get(entry.actor, "Engage itself" if entry.actor == "engage" else entry.actor),
            details=tuple(_details(entry.details)),
            changes=_changes(entry.details),
            fingerprint=str(entry.details.get("fingerprint", "")),
        )
        for entry in entries
    )


def _details(details: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [
        (name.replace("_", " ").replace(" at", "").capitalize(), _said(details[name]))
        for name in _TOLD
        if details.get(name)
    ]


def _said(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(_counted(value))
    text = str(value)
    if text in set(Role):
        return Role(text).label
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    return show(moment) if moment.tzinfo else text


def _changes(details: Mapping[str, Any]) -> tuple[tuple[str, str, str], ...]:
    before = {each["platform"]: _as_read(each) for each in details.get("before", ())}
    after = {each["platform"]: _as_read(each) for each in details.get("after", ())}
    return tuple(
        (name, before.get(name, ""), after.get(name, ""))
        for name in {**before, **after}
        if before.get(name) != after.get(name)
    )


def _as_read(variant: Mapping[str, Any]) -> str:
    """A variant's words, then each of its pictures by the beginning of its hash and its description."""
    pictures = (f"[Picture {each['sha256'][:8]}: {each['alt']}]" for each in variant.get("media", ()))
    return "\n\n".join([*variant["parts"], *pictures])


def _counted(roles: Mapping[str, int]) -> list[str]:
    return [
        Role(name).label if count == 1 else f"{count} of {Role(name).label}" for name, count in roles.items()
    ]


def _opening(post: Post) -> str:
    shortest = min((variant.text for variant in post.variants), key=len, default="")
    return " ".join(shortest.split())
