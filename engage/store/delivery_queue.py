"""What is due: claimed by one dispatcher each, given back when its lease runs out, lapsed when too late.

Every query here reads through an index over open deliveries only, so a ledger of a million rows costs
what a ledger of a thousand does.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Exists, func, literal, select, update
from sqlalchemy.orm import aliased

from engage.delivery.ledger import AHEAD, LEASE, LOOK_AGAIN, Delivery
from engage.delivery.ports import TokenState
from engage.posts.states import DeliveryState, delivery_moved
from engage.store.base import UtcTime
from engage.store.delivery_rows import DeliveryRows
from engage.store.delivery_tables import DUE_CHANNEL, AccountRow, DeliveryRow, move, noted

D = DeliveryState
_MOST_LAPSES = 500


class DeliveryQueue(DeliveryRows):
    """The dispatcher's side of the ledger, in the caller's transaction."""

    def claim(self, count: int, *, by: str, now: datetime) -> Sequence[UUID]:
        """Lease up to `count` deliveries that are due, or will be in a moment; two claimers never get the same one.

        Those of one post come together: one worker then reads it once, and it is public everywhere at once.
        """
        soon = now + AHEAD
        due = (
            select(DeliveryRow.id)
            .where(
                *_due(soon),
                DeliveryRow.not_before <= soon,
                DeliveryRow.latest >= now,
                ~_part_before_it(),
                ~_account_stands_still(now),
            )
            .order_by(DeliveryRow.due_at, DeliveryRow.post_id)
            .limit(count)
            .with_for_update(skip_locked=True, of=DeliveryRow)
            .cte("due")
        )
        leased = (
            update(DeliveryRow)
            .where(DeliveryRow.id == due.c.id)
            .values(
                state=delivery_moved(D.READY, D.LEASED).value,
                reason=None,
                claimed_by=by,
                worker=None,
                leased_until=now + LEASE,
                fence=DeliveryRow.fence + 1,
            )
            .returning(DeliveryRow.id, DeliveryRow.due_at, DeliveryRow.post_id, DeliveryRow.fence)
            .cte("leased")
        )
        # One statement however many there are: a dispatcher is one process for a whole force.
        at, dispatcher = literal(now, UtcTime), literal(by)
        noticed = noted(leased, D.READY, D.LEASED, at=at, by=dispatcher).cte("noticed")
        return self._session.scalars(
            select(leased.c.id).order_by(leased.c.due_at, leased.c.post_id).add_cte(noticed)
        ).all()

    def give_back(self, delivery_ids: Sequence[UUID], *, by: str, now: datetime) -> None:
        """What `by` claimed and no worker has taken is ready again at once."""
        rows = self._session.scalars(
            select(DeliveryRow)
            .where(
                DeliveryRow.id.in_(delivery_ids),
                DeliveryRow.state == D.LEASED.value,
                DeliveryRow.claimed_by == by,
                DeliveryRow.worker.is_(None),
            )
            .with_for_update(skip_locked=True)
        ).all()
        for row in rows:
            self._move(row, D.READY, "no worker could be woken", now)

    def expire(self, *, now: datetime) -> int:
        """Give back leases that ran out: leased is ready again, sending is unknown."""
        rows = self._session.scalars(
            select(DeliveryRow)
            .where(DeliveryRow.state.in_([D.LEASED.value, D.SENDING.value]), DeliveryRow.leased_until < now)
            .with_for_update(skip_locked=True)
        ).all()
        for row in rows:
            if D(row.state) is D.LEASED:
                self._move(row, D.READY, "its lease ran out before a request was made", now)
            else:
                self._unknown(row, "the worker was lost while it was sending", now)
        return len(rows)

    def overdue(self, *, now: datetime) -> Collection[Delivery]:
        """Lapse what is ready and past its latest time, and give those."""
        rows = self._session.scalars(
            select(DeliveryRow)
            .where(*_due(now), DeliveryRow.latest < now)
            .limit(_MOST_LAPSES)
            .with_for_update(skip_locked=True)
        ).all()
        for row in rows:
            row.needs_person = True
            self._move(row, D.LAPSED, "it did not go out in time", now)
        return [self._delivery(row) for row in rows]

    def orphaned(self, account_id: str, *, reason: str, now: datetime) -> Collection[Delivery]:
        """Lapse what still waits to leave by an account that was removed, and give those."""
        rows = self._session.scalars(
            select(DeliveryRow)
            .where(DeliveryRow.account_id == account_id, DeliveryRow.state == D.READY.value)
            .order_by(DeliveryRow.id)
            .with_for_update(skip_locked=True)
        ).all()
        for row in rows:
            row.needs_person = True
            self._move(row, D.LAPSED, reason, now)
        return [self._delivery(row) for row in rows]

    def to_look_up(self, count: int, *, now: datetime) -> Sequence[UUID]:
        """Unknown deliveries whose next look-up is due; each is given to one asker for a lease."""
        rows = self._session.scalars(
            select(DeliveryRow)
            .where(
                DeliveryRow.state == D.UNKNOWN.value,
                DeliveryRow.look_up_at <= now,
                ~DeliveryRow.needs_person,
            )
            .order_by(DeliveryRow.look_up_at)
            .limit(count)
            .with_for_update(skip_locked=True)
        ).all()
        for row in rows:
            row.look_up_at = now + LEASE
        return [row.id for row in rows]

    def next_due(self, *, now: datetime) -> datetime | None:
        """When there will be something to do next: a delivery to claim, the end of a pause, an expiry, a look-up."""
        soon = now + AHEAD
        ready, unknown = DeliveryRow.state == D.READY.value, DeliveryRow.state == D.UNKNOWN.value
        taken = DeliveryRow.state.in_([D.LEASED.value, D.SENDING.value])
        soonest = (
            select(func.min(DeliveryRow.due_at)).where(ready, DeliveryRow.due_at > soon),
            select(func.min(DeliveryRow.not_before)).where(*_due(soon), DeliveryRow.not_before > soon),
            select(func.min(AccountRow.paused_until)).where(AccountRow.paused_until > now),
            select(func.min(DeliveryRow.leased_until)).where(taken),
            select(func.min(DeliveryRow.look_up_at)).where(unknown, ~DeliveryRow.needs_person),
        )
        times = self._session.execute(select(*(each.scalar_subquery() for each in soonest))).one()
        to_claim = [each - AHEAD for each in times[:2] if each is not None]
        return min((*to_claim, *(each for each in times[2:] if each is not None)), default=None)

    def _unknown(self, row: DeliveryRow, reason: str, now: datetime) -> None:
        row.unknown_since, row.first_absent_at, row.lookups = now, None, 0
        row.look_up_at = now + LOOK_AGAIN
        self._move(row, D.UNKNOWN, reason, now)
        self._wake()

    def _move(self, row: DeliveryRow, there: DeliveryState, why: str | None, now: datetime) -> None:
        move(self._session, row, there, why=why, now=now)

    def _wake(self) -> None:
        """Have the dispatchers look again when this transaction is kept: something is due sooner than they know."""
        self._session.execute(select(func.pg_notify(DUE_CHANNEL, "")))


def _due(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return DeliveryRow.state == D.READY.value, DeliveryRow.due_at <= now


def _part_before_it() -> Exists:
    """An earlier part of the same thread that is not public yet."""
    before = aliased(DeliveryRow)
    return (
        select(before.id)
        .where(
            before.post_id == DeliveryRow.post_id,
            before.account_id == DeliveryRow.account_id,
            before.round == DeliveryRow.round,
            before.part < DeliveryRow.part,
            before.state != D.SENT.value,
        )
        .exists()
    )


def _account_stands_still(now: datetime) -> Exists:
    """The platform asked the account to wait, or no longer takes its token."""
    return (
        select(AccountRow.id)
        .where(
            AccountRow.id == DeliveryRow.account_id,
            (AccountRow.paused_until > now) | (AccountRow.health == TokenState.REVOKED.value),
        )
        .exists()
    )
