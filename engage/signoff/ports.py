"""What sign-off needs of the world, each port as small as its use."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from engage.policy.decision import Decision
from engage.posts.kinds import Platform
from engage.posts.people import Role
from engage.posts.post import Post
from engage.signoff.record import Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOff:
    """A named person's approval in a role, of one fingerprint, under one policy, until it lapses."""

    post_id: UUID
    fingerprint: str
    role: Role
    by: str
    policy_hash: str
    at: datetime
    expires_at: datetime

    def counts_for(self, post: Post, now: datetime) -> bool:
        """Whether it still holds: for exactly these words, and not lapsed."""
        return self.fingerprint == post.fingerprint and now < self.expires_at


class Posts(Protocol):
    """Posts, one at a time, locked while they change."""

    def add(self, post: Post) -> None:
        """Keep a new post."""

    def for_change(self, post_id: UUID) -> Post:
        """The post, locked until the transaction ends. Raises NoSuchPost."""

    def save(self, post: Post) -> None:
        """Keep a changed post."""


class SignOffs(Protocol):
    """The sign-offs of a post that nothing has voided."""

    def of(self, post_id: UUID) -> Sequence[SignOff]:
        """Those not voided, oldest first."""

    def add(self, signoff: SignOff) -> None:
        """Keep one more."""

    def void(self, post_id: UUID, *, why: str, at: datetime) -> int:
        """Void them all and say how many fell."""


class Record(Protocol):
    """The append-only record."""

    def append(self, entry: Entry) -> None:
        """Write one entry behind the last."""


class Outbox(Protocol):
    """Where approved work is left for delivery, in the same transaction."""

    def plan(self, post: Post, *, due_at: datetime, latest: datetime, now: datetime) -> int:
        """Leave one delivery for each account and part; say how many."""

    def recall(self, post_id: UUID, *, why: str, now: datetime) -> None:
        """Take back what has not left. Raises AlreadyLeft where any part has, or may have."""

    def recall_rest(
        self, post_id: UUID, *, why: str, now: datetime, tell: bool = False, by_hand_too: bool = True
    ) -> int:
        """Take back what has not left of a post of which some has; say how much that was not taken back before.

        Where told to, put it before a person. `by_hand_too`: also what was handed to people, who are otherwise told
        whenever they look whether to post it.
        """

    def look_again(self, post_id: UUID, *, why: str, now: datetime) -> int:
        """Put what is public of a post before a person, with the reason; say how much that is."""


class Judge(Protocol):
    """The policy in force, applied to a post in the state the world is in now."""

    def __call__(
        self, post: Post, *, moment: str, signoffs: Sequence[SignOff], only: Platform | None = None
    ) -> Mapping[Platform, Decision]:
        """The decision for each platform's variant, or for one platform's alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Everything sign-off works with, brought together by the wiring for one transaction."""

    posts: Posts
    signoffs: SignOffs
    record: Record
    outbox: Outbox
    judge: Judge
    now: Callable[[], datetime]
