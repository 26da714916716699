"""What is known of a case, and what a change of it does to posts: queued ones go back, public ones are looked at again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from engage.posts.errors import BadInput
from engage.posts.people import PRESS_OFFICE, Person, Role
from engage.posts.post import Post
from engage.posts.references import case_reference
from engage.signoff.ports import Desk
from engage.signoff.record import Entry
from engage.signoff.refusals import NotYours
from engage.signoff.regimes import no_longer_stands, world_changed

FOUND = "found"
STATUSES = ("report", "arrested", "charged", "convicted", "sentenced", "closed", FOUND)
"""Where a case stands, in the order it goes; a missing person is found."""

YES_OR_NO: Mapping[str, str] = {
    "bailed": "Somebody is on bail",
    "proceedings_active": "Proceedings are active",
    "charge_confirmed": "The charge is confirmed",
    "cps_checked": "The Crown Prosecution Service was asked",
    "named": "The accused may be named",
    "high_profile": "The case is high-profile",
    "victims_informed": "The victims were told",
    "series": "It is one of a series",
}
"""The facts of a case that hold or do not, with the words that ask for them."""

LONGEST_AGE = 3
"""Digits."""

KNOW_CASES = PRESS_OFFICE | {Role.OIC, Role.SIO, Role.LEGAL}
"""The roles that may say how a case stands."""


class Cases(Protocol):
    """Where case facts are kept."""

    def set_case(self, reference: str, facts: dict[str, Any], *, by: str, now: datetime) -> dict[str, Any]:
        """Record what changed and return all that is known."""


@dataclass(frozen=True, slots=True)
class Changed:
    """What a change of a case did: the posts sent back to the queue, and those public that would not stand now."""

    sent_back: Sequence[UUID]
    still_public: Sequence[UUID]


def set_case(
    desk: Desk,
    cases: Cases,
    reference: str,
    facts: dict[str, Any],
    *,
    by: Person,
    queued: Sequence[Post],
    public: Sequence[Post] = (),
) -> Changed:
    """Record what is known of a case now, and judge its posts again.

    `queued` are the posts signed off or awaiting sign-off, `public` those that are public. Of the first,
    what the policy would now stop goes back to the queue. Of the second, what it would not let out now is
    put before a person, who takes it down, corrects it or leaves it. Raises NotYours, or BadInput where
    the reference is empty.
    """
    case = case_reference(reference)
    if not case:
        raise BadInput("say which case: its CAD or crime reference.", where="reference")
    if not by.has(*KNOW_CASES):
        raise NotYours("Only the press office, the investigators and legal may say how a case stands.")
    cases.set_case(case, facts, by=by.id, now=desk.now())
    desk.record.append(
        Entry(at=desk.now(), actor=by.id, action="case changed", subject=f"case:{case}", details=facts)
    )
    why = f"case {case} changed"
    back = world_changed(desk, [post for post in queued if case_of(post) == case], why=why)
    left = [post for post in public if case_of(post) == case and post.id not in back]
    return Changed(back, [post.id for post in left if no_longer_stands(desk, post, why)])


def case_of(post: Post) -> str:
    """The case a post is about, or the missing person, as references are compared; empty where none."""
    return case_reference(reference_in(post, "case", "cad") or reference_in(post, "missing", "ref"))


def reference_in(post: Post, group: str, name: str) -> str:
    """A reference that a post records, as it was typed; empty where it records none."""
    return str((post.context.get(group) or {}).get(name) or "")


def read_fact(name: str, value: str) -> tuple[str, Any]:
    """One fact of a case from text. Raises BadInput naming the fact."""
    if name in YES_OR_NO:
        if value.lower() not in {"true", "false", "yes", "no"}:
            raise BadInput(f"“{value}” is neither true nor false.", where=name)
        return name, value.lower() in {"true", "yes"}
    if name == "subject_age":
        if not (value.isdecimal() and len(value) <= LONGEST_AGE):
            raise BadInput(f"“{value}” is not a whole number.", where=name)
        return name, int(value)
    return name, value
