"""Setting a rule aside: the head of communications, for exactly these words, with a reason on record."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from engage.posts.people import Person, Role
from engage.posts.post import Post
from engage.posts.states import PostState
from engage.signoff.ports import Desk
from engage.signoff.record import Entry
from engage.signoff.refusals import NobodyMay, NotNeeded, NotYours, OwnWork, WordsChanged

_OPEN = frozenset({PostState.DRAFT, PostState.RETURNED, PostState.AWAITING, PostState.LAPSED})


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAside:
    """One rule that blocks no longer, for one fingerprint; any change of the words ends it."""

    post_id: UUID
    fingerprint: str
    rule: str
    by: str
    reason: str
    at: datetime

    def holds_for(self, post: Post) -> bool:
        """Whether it is for exactly these words, pictures, accounts and time."""
        return self.fingerprint == post.fingerprint


class SettingsAside(Protocol):
    """Where they are kept; none is ever changed or deleted."""

    def of(self, post_id: UUID) -> Sequence[SetAside]:
        """Those of a post, oldest first."""

    def add(self, aside: SetAside) -> None:
        """Keep one more."""


def set_aside(
    desk: Desk,
    kept: SettingsAside,
    post_id: UUID,
    *,
    by: Person,
    rule: str,
    reason: str,
    having_read: str,
    never: Collection[str],
) -> SetAside:
    """Let these exact words stand against one rule. `never` are the rules nobody may set aside.

    The words still need every sign-off. Raises NotYours, NobodyMay, OwnWork, WordsChanged or NotNeeded.
    """
    post = desk.posts.for_change(post_id)
    _may(post, by=by, rule=rule, never=never, having_read=having_read)
    if not reason.strip():
        raise NotNeeded("Say why: the record needs a reason.")
    if rule not in _blocking(desk, post):
        raise NotNeeded(f"{rule} does not block these words.")
    aside = SetAside(
        post_id=post.id,
        fingerprint=post.fingerprint,
        rule=rule,
        by=by.id,
        reason=reason.strip(),
        at=desk.now(),
    )
    kept.add(aside)
    details = {"rule": rule, "comment": aside.reason, "fingerprint": post.fingerprint}
    desk.record.append(
        Entry(at=aside.at, actor=by.id, action="rule set aside", subject=str(post.id), details=details)
    )
    return aside


def _may(post: Post, *, by: Person, rule: str, never: Collection[str], having_read: str) -> None:
    if not by.has(Role.HEAD_OF_COMMS):
        raise NotYours("Only the head of communications may set a rule aside.")
    if rule in never:
        raise NobodyMay(f"Nobody may set {rule} aside here.")
    if by.id in post.writers:
        raise OwnWork("You wrote some of this post, so you cannot set a rule aside for it.")
    if post.state not in _OPEN:
        raise NotNeeded(f"This post is {post.state.label.lower()}.")
    if having_read != post.fingerprint:
        raise WordsChanged("The words or the time changed after you opened this page. Read them again first.")


def _blocking(desk: Desk, post: Post) -> set[str]:
    decisions = desk.judge(post, moment="submit", signoffs=())
    return {finding.rule for each in decisions.values() for finding in each.findings if finding.blocks}
