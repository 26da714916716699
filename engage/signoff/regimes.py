"""Reasons to wait: holds and dated windows. Looked up, never set and forgotten."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

from engage.crime.topics import UnknownTopic, topic_called
from engage.posts.kinds import Kind, Platform
from engage.posts.people import PRESS_OFFICE, Person, Role
from engage.posts.post import Post
from engage.posts.states import IllegalMove, PostState
from engage.signoff import acts
from engage.signoff.ports import Desk
from engage.signoff.record import Entry
from engage.signoff.refusals import AlreadyLeft, NotYours


class HoldScope(StrEnum):
    """How far a hold reaches."""

    FORCE = "force"
    BOROUGH = "borough"
    KIND = "kind"
    PLATFORM = "platform"
    TOPIC = "topic"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """A stop on publishing. `value` names the borough, kind, platform or topic; empty for the force."""

    id: int
    scope: HoldScope
    value: str
    reason: str
    placed_by: str
    placed_at: datetime
    lifted_by: str | None = None
    lifted_at: datetime | None = None

    @property
    def where(self) -> str:
        """What it stops, in words: "Camden", "crime summary posts", "posts about home burglary"."""
        match self.scope:
            case HoldScope.FORCE:
                return "the whole force"
            case HoldScope.BOROUGH:
                return self.value
            case HoldScope.KIND:
                return f"{Kind(self.value).label.lower()} posts"
            case HoldScope.PLATFORM:
                return Platform(self.value).label
            case HoldScope.TOPIC:
                return f"posts about {_topic_in_words(self.value)}"

    def reaches(self, *, borough: str, kind: str, topic: str | None, platform: str) -> bool:
        """Whether it stops a delivery of this borough, kind, topic and platform."""
        reached = {
            HoldScope.FORCE: self.value,
            HoldScope.BOROUGH: borough,
            HoldScope.KIND: kind,
            HoldScope.PLATFORM: platform,
            HoldScope.TOPIC: topic or "",
        }
        return reached[self.scope] == self.value

    def stops(self, post: Post) -> bool:
        """Whether it reaches any variant of this post."""
        match self.scope:
            case HoldScope.FORCE:
                return True
            case HoldScope.BOROUGH:
                return post.borough == self.value
            case HoldScope.KIND:
                return post.kind.value == self.value
            case HoldScope.PLATFORM:
                return any(variant.platform.value == self.value for variant in post.variants)
            case HoldScope.TOPIC:
                return post.topic == self.value


def _topic_in_words(name: str) -> str:
    """A topic's label; the name itself where there is no such topic, as a hold may have been placed on one."""
    try:
        return topic_called(name).label
    except UnknownTopic:
        return name


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A dated regime, such as a pre-election period. `borough` is None for all of London."""

    kind: str
    starts: date
    ends: date
    borough: str | None = None
    poll: date | None = None
    note: str = ""
    id: int = 0


class Holds(Protocol):
    """Where holds are kept. `add_hold` returns only when no request for a held post is under way."""

    def add_hold(self, scope: HoldScope, value: str, *, reason: str, by: str, now: datetime) -> Hold:
        """Put a hold in force."""

    def lift_hold(self, hold_id: int, *, by: str, now: datetime) -> Hold:
        """Lift it."""


class Windows(Protocol):
    """Where dated regimes are kept."""

    def add_window(self, window: Window) -> Window:
        """Keep one more and give it with its number."""


def place_hold(desk: Desk, holds: Holds, scope: HoldScope, value: str, *, reason: str, by: Person) -> Hold:
    """Stop publishing: once this returns and its transaction commits, nothing held leaves."""
    _must_hold(by)
    hold = holds.add_hold(scope, value, reason=reason, by=by.id, now=desk.now())
    _write(desk, by, "hold placed", hold)
    return hold


def lift_hold(
    desk: Desk, holds: Holds, hold_id: int, *, by: Person, signed_off: Sequence[Post]
) -> list[UUID]:
    """Lift a hold. Every unsent post it stopped goes back for approval, so nothing bursts out.

    `signed_off` are the posts signed off and not wholly sent; the ids sent back are returned.
    """
    _must_hold(by)
    hold = holds.lift_hold(hold_id, by=by.id, now=desk.now())
    again = [post.id for post in signed_off if hold.stops(post) and _ask_again(desk, post, by.id, hold)]
    _write(desk, by, "hold lifted", hold, approval_asked_again=[str(each) for each in again])
    return again


def open_window(
    desk: Desk, windows: Windows, window: Window, *, by: Person, queued: Sequence[Post]
) -> Window:
    """Add a dated regime, and judge again what is queued for its days and places."""
    if not by.has(*PRESS_OFFICE, Role.ELECTION_SPOC):
        raise NotYours("Only the press office or the election single point of contact may add a window.")
    added = windows.add_window(window)
    details = {
        "kind": added.kind,
        "borough": added.borough,
        "starts": str(added.starts),
        "ends": str(added.ends),
    }
    desk.record.append(
        Entry(
            at=desk.now(), actor=by.id, action="window added", subject=f"window:{added.id}", details=details
        )
    )
    concerned = [post for post in queued if added.borough in {None, post.borough}]
    world_changed(desk, concerned, why=f"a {added.kind.replace('_', '-')} window was added")
    return added


def world_changed(desk: Desk, queued: Sequence[Post], *, why: str) -> list[UUID]:
    """Judge signed-off posts again. What the policy would stop now goes back to people; its ids are given.

    Those that wait for sign-off are judged whenever they are looked at and before they are signed.
    """
    return [post.id for post in queued if _stopped_by_change(desk, post, why)]


def no_longer_stands(desk: Desk, post: Post, why: str) -> bool:
    """Whether the policy blocks now what is public of a post; a person is told, who takes it down or leaves it."""
    decisions = desk.judge(post, moment="send", signoffs=desk.signoffs.of(post.id))
    reasons = {finding.message for each in decisions.values() for finding in each.findings if finding.blocks}
    if not reasons:
        return False
    said = " ".join([f"It would not be let out now: {why}.", *sorted(reasons)])
    return _looked_at_again(desk, post, said)


def _stopped_by_change(desk: Desk, post: Post, why: str) -> bool:
    if post.state is not PostState.SIGNED_OFF:
        return False
    decisions = desk.judge(post, moment="send", signoffs=desk.signoffs.of(post.id))
    if all(decision.verdict.value == "allow" for decision in decisions.values()):
        return False
    return _back_to_queue(desk, post, acts.SYSTEM, why)


def _ask_again(desk: Desk, post: Post, actor: str, hold: Hold) -> bool:
    return _back_to_queue(desk, post, actor, f"the hold on {hold.where} was lifted")


def _back_to_queue(desk: Desk, post: Post, actor: str, why: str) -> bool:
    try:
        acts.ask_again(desk, post.id, actor=actor, why=why)
    except AlreadyLeft:
        if desk.outbox.recall_rest(post.id, why=why, now=desk.now(), tell=True, by_hand_too=False):
            _looked_at_again(desk, post, f"The rest of it is kept back: {why}.")
        return False
    except IllegalMove:
        return False  # somebody took its sign-off away after the list was read: it is with people already
    return True


def _looked_at_again(desk: Desk, post: Post, why: str) -> bool:
    if not desk.outbox.look_again(post.id, why=why, now=desk.now()):
        return False
    desk.record.append(
        Entry(
            at=desk.now(),
            actor=acts.SYSTEM,
            action="to be looked at again",
            subject=str(post.id),
            details={"comment": why},
        )
    )
    return True


def _must_hold(by: Person) -> None:
    if not by.has(*PRESS_OFFICE, Role.GOLD):
        raise NotYours("Only the press office or gold may place or lift a hold.")


def _write(desk: Desk, by: Person, action: str, hold: Hold, **details: Any) -> None:
    stamped = {"scope": hold.scope.value, "value": hold.value, "reason": hold.reason, **details}
    desk.record.append(
        Entry(at=desk.now(), actor=by.id, action=action, subject=f"hold:{hold.id}", details=stamped)
    )
