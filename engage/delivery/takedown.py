"""Taking public posts down: the platform is asked to delete one until it says that it is gone.

Deleting twice is harmless everywhere, so what a send needs (an intent, a fence, a look-up) a delete does
not: a lost answer is simply asked again. What the platform will not delete waits for a person, who removes
it there and says so.
"""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

from engage.delivery.ports import Account, Adapter, Deletion, NotSent, Refused
from engage.posts.errors import BadInput
from engage.posts.kinds import Platform

ASK_AGAIN = timedelta(seconds=2)
"""The first wait after a delete that did not take place; it doubles with every attempt."""

LONGEST_WAIT = timedelta(minutes=5)

ONE_ASKER_FOR = timedelta(seconds=15)
"""How long nobody else asks after a worker was woken to: over the adapters' ten seconds. Asking twice is harmless."""

ATTEMPTS_BEFORE_A_PERSON = 5
"""A person is told after so many attempts; the platform is asked on, all the same."""


class TakedownState(StrEnum):
    """Where the removal of one delivery stands."""

    ASKED = "asked"
    GONE = "gone"
    NEVER_PUBLIC = "never_public"

    @property
    def label(self) -> str:
        """The state in words a press officer uses."""
        return {
            TakedownState.ASKED: "Being taken down",
            TakedownState.GONE: "Taken down",
            TakedownState.NEVER_PUBLIC: "Never became public",
        }[self]


@dataclass(frozen=True, slots=True, kw_only=True)
class Takedown:
    """The removal of one delivery, and its receipt once it is gone. Times are UTC.

    `said` is what the platform last answered; `removed_by` is who removed it by hand, where a person did.
    """

    delivery_id: UUID
    post_id: UUID
    asked_by: str
    asked_at: datetime
    reason: str
    state: TakedownState
    attempts: int
    needs_person: bool
    said: str | None
    gone_at: datetime | None
    removed_by: str | None

    def to_json(self) -> dict[str, Any]:
        """The removal as JSON types."""
        return {
            "delivery": str(self.delivery_id),
            "asked_by": self.asked_by,
            "asked_at": self.asked_at.isoformat(),
            "reason": self.reason,
            "state": self.state.value,
            "attempts": self.attempts,
            "needs_person": self.needs_person,
            "said": self.said,
            "gone_at": self.gone_at.isoformat() if self.gone_at else None,
            "removed_by": self.removed_by,
        }


class TakedownBook(Protocol):
    """Public posts that are to go, in one transaction."""

    def clock(self) -> datetime:
        """The database's time, UTC."""

    def to_take_down(self, count: int, *, now: datetime) -> list[UUID]:
        """Deliveries to be deleted now; each is given to one asker for a while."""

    def next_due(self, *, now: datetime) -> datetime | None:
        """When there will be something to delete."""

    def public(self, delivery_id: UUID) -> tuple[Account, str | None] | None:
        """The account, with its tokens, and the platform's id of a post that is to go, where it is known.

        None where nothing is to be deleted (any more). Raises BadInput where no key opens the tokens.
        """

    def said(self, delivery_id: UUID, deletion: Deletion, *, now: datetime) -> None:
        """Keep what the platform answered."""


class TakedownDesk(Protocol):
    """What taking down works with."""

    @property
    def adapters(self) -> Mapping[Platform, Adapter]:
        """The platforms that may be reached from here."""

    def takedowns(self) -> AbstractContextManager[TakedownBook]:
        """A transaction, kept at its end."""


def take_down(delivery_id: UUID, *, desk: TakedownDesk) -> Deletion | None:
    """Ask the platform to delete one public post and keep its answer. None where nothing is to be deleted."""
    with desk.takedowns() as book:
        try:
            public = book.public(delivery_id)
        except BadInput as error:
            shut = NotSent(f"The account's tokens cannot be read: {error}", token_refused=True)
            book.said(delivery_id, shut, now=book.clock())
            return shut
    if public is None:
        return None
    deletion = _deleted(*public, desk.adapters)
    with desk.takedowns() as book:
        book.said(delivery_id, deletion, now=book.clock())
    return deletion


def _deleted(account: Account, platform_id: str | None, adapters: Mapping[Platform, Adapter]) -> Deletion:
    """What the platform answers; where it can never be asked, a person is told at once."""
    platform = account.platform
    if account.out_of_reach:
        reason = f"{account.out_of_reach} Delete the post there by hand, then confirm it here."
        return Refused(reason, "account_removed")
    if platform_id is None:
        reason = (
            "Engage cannot delete it by itself: its link does not say the post's number. "
            f"Delete it on {platform.label} by hand, then confirm."
        )
        return Refused(reason, "no_id")
    adapter = adapters.get(platform)
    if adapter is None:
        return NotSent(f"{platform.label} is not switched on here.")
    return adapter.delete(account, platform_id)


def wait_after(attempts: int) -> timedelta:
    """How long to wait after so many attempts (from 1) before the platform is asked again."""
    return min(ASK_AGAIN * 2.0 ** min(attempts - 1, 20), LONGEST_WAIT)
