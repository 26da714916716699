"""What the public did with a post: asked of its platform an hour, a day and a week after it was sent.

A post that its platform no longer has was deleted there by somebody: a person is told.
"""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from engage.delivery.ports import Account, Adapter, Engagement
from engage.posts.errors import BadInput
from engage.posts.kinds import Platform

AFTER = (timedelta(hours=1), timedelta(days=1), timedelta(days=7))
"""How long after it was sent a post's counts are asked for."""


class EngagementBook(Protocol):
    """Public posts and their counts, in one transaction."""

    def clock(self) -> datetime:
        """The database's time, UTC."""

    def public(self, delivery_id: UUID) -> tuple[Account, str] | None:
        """The account, with its tokens, and the platform's id of a sent post. Raises BadInput where no key opens them."""

    def keep(self, delivery_id: UUID, engagement: Engagement, *, now: datetime) -> None:
        """Keep what the platform said."""


class CountingDesk(Protocol):
    """What counting works with."""

    @property
    def adapters(self) -> Mapping[Platform, Adapter]:
        """The platforms that may be reached from here."""

    def engagement(self) -> AbstractContextManager[EngagementBook]:
        """A transaction, kept at its end."""


def count(delivery_id: UUID, *, desk: CountingDesk) -> Engagement | None:
    """Ask the platform about one public post and keep what it said. None where there is nothing to ask."""
    with desk.engagement() as book:
        try:
            public = book.public(delivery_id)
        except BadInput:
            return None  # The token check says why, on the operators' page.
    adapter = desk.adapters.get(public[0].platform) if public else None
    if public is None or adapter is None or adapter.capabilities.by_hand:
        return None
    found = adapter.metrics(*public)
    with desk.engagement() as book:
        book.keep(delivery_id, found, now=book.clock())
    return found
