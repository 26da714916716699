"""What platforms count for public posts, and which posts are to be asked about next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Interval, func, literal, or_, select
from sqlalchemy.orm import Session

from engage.delivery.engagement import AFTER
from engage.delivery.ports import Account, Counted, Engagement
from engage.posts.states import DeliveryState
from engage.store.accounts import AccountStore
from engage.store.delivery_tables import AccountRow, DeliveryRow, EngagementRow, note

D = DeliveryState
_OLDEST = AFTER[-1] + timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Known:
    """What a platform last said of one post, by its own names; `note` is why it said no more. UTC."""

    counts: Mapping[str, int]
    at: datetime
    note: str | None


class EngagementStore:
    """The book of `engage.delivery.engagement`, in the caller's transaction."""

    def __init__(self, session: Session, accounts: AccountStore) -> None:
        self._session = session
        self._accounts = accounts

    def clock(self) -> datetime:
        """The database's time now, UTC."""
        now: datetime = self._session.execute(select(func.clock_timestamp())).scalar_one()
        return now

    def to_count(self, count: int, *, now: datetime) -> Sequence[UUID]:
        """Public posts of the last week whose counts are due, by accounts in use and with an id to ask about."""
        counted, sent = EngagementRow.counted_at, DeliveryRow.sent_at
        is_due = or_(
            *((sent <= now - after) & (counted < sent + literal(after, Interval())) for after in AFTER)
        )
        query = (
            select(DeliveryRow.id)
            .join(AccountRow, AccountRow.id == DeliveryRow.account_id)
            .outerjoin(EngagementRow, EngagementRow.delivery_id == DeliveryRow.id)
            .where(
                AccountRow.removed_at.is_(None),
                DeliveryRow.due_at > now - _OLDEST,
                DeliveryRow.due_at <= now,
                DeliveryRow.state == D.SENT.value,
                DeliveryRow.receipt_id.is_not(None),
                is_due | (counted.is_(None) & (sent <= now - AFTER[0])),
            )
        )
        return self._session.scalars(query.order_by(DeliveryRow.due_at).limit(count)).all()

    def public(self, delivery_id: UUID) -> tuple[Account, str] | None:
        """The account, with its tokens, and the platform's id of a sent post."""
        row = self._session.get(DeliveryRow, delivery_id)
        if row is None or D(row.state) is not D.SENT or row.receipt_id is None:
            return None
        return self._accounts.with_tokens(row.account_id), row.receipt_id

    def keep(self, delivery_id: UUID, engagement: Engagement, *, now: datetime) -> None:
        """Keep what the platform said; of a post that is gone a person is told, once."""
        row = self._session.get_one(DeliveryRow, delivery_id, with_for_update=True)
        known = self._session.get(EngagementRow, delivery_id)
        if known is None:
            known = EngagementRow(delivery_id=delivery_id, counts={}, counted_at=now, note=None)
            self._session.add(known)
        known.counted_at = now
        if isinstance(engagement, Counted):
            known.counts, known.note = dict(engagement.counts), None
            return
        news = engagement.gone and known.note != engagement.reason
        known.note = engagement.reason
        if news and D(row.state) is D.SENT:
            row.needs_person, row.reason = True, f"Deleted on the platform. {engagement.reason}"
            note(self._session, row, D.SENT, why=row.reason, now=now)

    def of_post(self, post_id: UUID) -> Mapping[UUID, Known]:
        """What is known of each of a post's deliveries."""
        query = select(EngagementRow).join(DeliveryRow, DeliveryRow.id == EngagementRow.delivery_id)
        rows = self._session.scalars(query.where(DeliveryRow.post_id == post_id))
        return {row.delivery_id: Known(row.counts, row.counted_at, row.note) for row in rows}
