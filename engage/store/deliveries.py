"""The delivery ledger in PostgreSQL: every step kept before it is taken, every answer after."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from engage.delivery.ledger import LEASE, LOOK_AGAIN, LOOKS_BEFORE_A_PERSON, Delivery
from engage.delivery.ports import (
    Absent,
    Account,
    CannotTell,
    Found,
    Lookup,
    NotSent,
    Outcome,
    Receipt,
    Refused,
    Sent,
    Unknown,
)
from engage.posts.errors import NotAllowed
from engage.posts.kinds import Platform
from engage.posts.states import DeliveryState
from engage.store.accounts import AccountStore
from engage.store.delivery_tables import (
    DUE_CHANNEL,
    AccountRow,
    DeliveryEventRow,
    DeliveryRow,
    move,
)

D = DeliveryState
_LONGEST_WAIT = timedelta(minutes=5)


class DeliveryStore:
    """The ledger of `engage.delivery.ledger` and what people read of it, in the caller's transaction."""

    def __init__(self, session: Session, accounts: AccountStore) -> None:
        self._session = session
        self._accounts = accounts

    def clock(self) -> datetime:
        """The database's time now (not the transaction's), UTC."""
        now: datetime = self._session.execute(select(func.clock_timestamp())).scalar_one()
        return now

    def account(self, account_id: str) -> Account:
        """The account with its tokens in the clear."""
        return self._accounts.with_tokens(account_id)

    def claim(self, count: int, *, by: str, now: datetime) -> Sequence[UUID]:
        """Lease up to `count` due deliveries; two claimers never get the same one."""
        before = aliased(DeliveryRow)
        first_unsent = (
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
        paused = (
            select(AccountRow.id)
            .where(AccountRow.id == DeliveryRow.account_id, AccountRow.paused_until > now)
            .exists()
        )
        rows = self._session.scalars(
            select(DeliveryRow)
            .where(
                DeliveryRow.state == D.READY.value,
                DeliveryRow.due_at <= now,
                DeliveryRow.not_before <= now,
                ~first_unsent,
                ~paused,
            )
            .order_by(DeliveryRow.due_at)
            .limit(count)
            .with_for_update(skip_locked=True, of=DeliveryRow)
        ).all()
        for row in rows:
            row.claimed_by, row.worker, row.leased_until = by, None, now + LEASE
            row.fence += 1
            move(self._session, row, D.LEASED, why=None, now=now, worker=by)
        return [row.id for row in rows]

    def take(self, delivery_id: UUID, *, worker: str, now: datetime) -> Delivery | None:
        """Give a leased delivery to this worker, its row locked until the transaction ends."""
        row = self._row(delivery_id)
        if row is None or D(row.state) is not D.LEASED or row.worker is not None or row.due_at > now:
            return None
        row.worker, row.leased_until = worker, now + LEASE
        row.fence += 1
        self._session.flush()
        return self._delivery(row)

    def intend(self, delivery: Delivery, *, prepared: Mapping[str, str], now: datetime) -> Delivery:
        """Write that a request is about to be made."""
        row = self._held(delivery)
        row.prepared = dict(prepared)
        row.attempts += 1
        row.first_attempt_at = row.first_attempt_at or now
        row.leased_until = now + LEASE
        self._move(row, D.SENDING, None, now)
        return self._delivery(row)

    def settle(self, delivery: Delivery, outcome: Outcome, *, now: datetime) -> DeliveryState:
        """Write what became of the request.

        A worker that lost its fence changes nothing. One whose lease ran out while it was talking may
        still bring a receipt: what was sent is never left unknown.
        """
        row = self._row(delivery.id)
        if row is None or row.fence != delivery.fence:
            return delivery.state
        match D(row.state), outcome:
            case ((D.SENDING | D.UNKNOWN), Sent(receipt)):
                self._sent(row, receipt, now)
            case D.SENDING, NotSent(reason, retry_at, account_wide):
                self._not_sent(row, reason, retry_at, now, account_wide=account_wide)
            case D.SENDING, Refused(reason, code):
                self._move(row, D.REJECTED, f"{reason} ({code})", now)
                row.needs_person = True
            case D.SENDING, Unknown(reason):
                self._unknown(row, reason, now)
        return D(row.state)

    def put_back(self, delivery: Delivery, *, reason: str, until: datetime, now: datetime) -> None:
        """A leased delivery waits again."""
        row = self._held(delivery)
        row.not_before = until
        self._move(row, D.READY, reason, now)

    def lapse(self, delivery: Delivery, *, reason: str, now: datetime) -> None:
        """A leased delivery will not go."""
        row = self._held(delivery)
        row.needs_person = True
        self._move(row, D.LAPSED, reason, now)

    def refuse(self, delivery: Delivery, *, reason: str, now: datetime) -> None:
        """A leased delivery cannot go: the platform would refuse it, so it lapses to a person."""
        self.lapse(delivery, reason=f"The platform would refuse it: {reason}", now=now)

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
            .where(DeliveryRow.state == D.READY.value, DeliveryRow.latest < now)
            .limit(500)
            .with_for_update(skip_locked=True)
        ).all()
        for row in rows:
            row.needs_person = True
            self._move(row, D.LAPSED, "it did not go out in time", now)
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

    def unknown(self, delivery_id: UUID) -> Delivery | None:
        """An unknown delivery, locked; None where it is no longer unknown."""
        row = self._row(delivery_id)
        return None if row is None or D(row.state) is not D.UNKNOWN else self._delivery(row)

    def looked_up(self, delivery: Delivery, lookup: Lookup, *, settle_seconds: int, now: datetime) -> None:
        """Found is sent. Absent twice, the second time after the settle time, is ready, once.

        What cannot be told, again and again, waits for a person.
        """
        row = self._held(delivery)
        row.lookups += 1
        match lookup:
            case Found(receipt):
                self._sent(row, receipt, now)
            case Absent():
                self._absent(row, timedelta(seconds=settle_seconds), now)
            case CannotTell(reason):
                row.reason = reason
                row.look_up_at = now + _doubling(row.lookups)
                row.needs_person = row.lookups >= LOOKS_BEFORE_A_PERSON

    def next_due(self, *, now: datetime) -> datetime | None:
        """When the next thing will be due: a delivery, an expiry, a look-up."""
        soonest = self._session.scalar(
            select(func.min(func.greatest(DeliveryRow.due_at, DeliveryRow.not_before))).where(
                DeliveryRow.state == D.READY.value, DeliveryRow.not_before > now
            )
        )
        expiry = self._session.scalar(
            select(func.min(DeliveryRow.leased_until)).where(
                DeliveryRow.state.in_([D.LEASED.value, D.SENDING.value])
            )
        )
        look = self._session.scalar(
            select(func.min(DeliveryRow.look_up_at)).where(
                DeliveryRow.state == D.UNKNOWN.value, ~DeliveryRow.needs_person
            )
        )
        return min((each for each in (soonest, expiry, look) if each is not None), default=None)

    # What people read and decide

    def for_post(self, post_id: UUID) -> list[Delivery]:
        """A post's deliveries, oldest plan first, in the order of its accounts and parts."""
        query = select(DeliveryRow).where(DeliveryRow.post_id == post_id)
        ordered = query.order_by(
            DeliveryRow.round, DeliveryRow.platform, DeliveryRow.account_id, DeliveryRow.part
        )
        return [self._delivery(row) for row in self._session.scalars(ordered)]

    def moves_of(self, post_id: UUID) -> list[DeliveryEventRow]:
        """Every move of a post's deliveries, oldest first."""
        query = (
            select(DeliveryEventRow)
            .join(DeliveryRow, DeliveryRow.id == DeliveryEventRow.delivery_id)
            .where(DeliveryRow.post_id == post_id)
        )
        return list(self._session.scalars(query.order_by(DeliveryEventRow.id)))

    def needing_person(self) -> list[Delivery]:
        """Deliveries only a person can decide, longest waiting first."""
        query = select(DeliveryRow).where(DeliveryRow.needs_person).order_by(DeliveryRow.due_at)
        return [self._delivery(row) for row in self._session.scalars(query)]

    def counts(self) -> Mapping[DeliveryState, int]:
        """How many deliveries stand in each state."""
        rows = self._session.execute(select(DeliveryRow.state, func.count()).group_by(DeliveryRow.state))
        return {DeliveryState(state): count for state, count in rows}

    def wholly_sent(self, post_id: UUID) -> bool:
        """Whether everything planned for a post and not withdrawn is public."""
        states = self._session.scalars(
            select(DeliveryRow.state).where(
                DeliveryRow.post_id == post_id, DeliveryRow.state != D.WITHDRAWN.value
            )
        ).all()
        return bool(states) and all(state == D.SENT.value for state in states)

    def confirm_sent(self, delivery_id: UUID, *, url: str, by: str, now: datetime) -> Delivery:
        """A person saw an unknown delivery on the platform, at this address."""
        row = self._for_person(delivery_id)
        self._sent(row, Receipt(url.rstrip("/").rsplit("/", 1)[-1], url), now, why=f"seen by {by}")
        return self._delivery(row)

    def give_up(self, delivery_id: UUID, *, by: str, now: datetime) -> Delivery:
        """A person decided that an unknown delivery is not to be sent again."""
        row = self._for_person(delivery_id)
        row.needs_person = False
        self._move(row, D.LAPSED, f"given up by {by}", now)
        return self._delivery(row)

    def noticed(self, delivery_id: UUID) -> Delivery:
        """A person has seen why a delivery was refused or lapsed."""
        row = self._row(delivery_id)
        if row is None or D(row.state) not in {D.REJECTED, D.LAPSED}:
            raise NotAllowed("This delivery is not waiting to be noticed.")
        row.needs_person = False
        return self._delivery(row)

    # Inside

    def _row(self, delivery_id: UUID) -> DeliveryRow | None:
        return self._session.scalar(
            select(DeliveryRow)
            .where(DeliveryRow.id == delivery_id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )

    def _held(self, delivery: Delivery) -> DeliveryRow:
        row = self._row(delivery.id)
        if row is None or row.fence != delivery.fence:
            raise NotAllowed(f"Delivery {delivery.id} was taken by another worker.")
        return row

    def _for_person(self, delivery_id: UUID) -> DeliveryRow:
        row = self._row(delivery_id)
        if row is None or D(row.state) is not D.UNKNOWN:
            raise NotAllowed("This delivery is no longer unknown: there is nothing to decide.")
        return row

    def _sent(self, row: DeliveryRow, receipt: Receipt, now: datetime, *, why: str | None = None) -> None:
        row.receipt_id, row.receipt_url = receipt.platform_id, receipt.url
        row.sent_at, row.needs_person = now, False
        self._move(row, D.SENT, why, now)
        row.reason = None
        self._session.execute(select(func.pg_notify(DUE_CHANNEL, "")))

    def _not_sent(
        self, row: DeliveryRow, reason: str, retry_at: datetime | None, now: datetime, *, account_wide: bool
    ) -> None:
        again = retry_at or now + _doubling(row.attempts)
        row.not_before = again
        if account_wide:
            self._session.get_one(AccountRow, row.account_id).paused_until = again
        self._move(row, D.READY, reason, now)

    def _unknown(self, row: DeliveryRow, reason: str, now: datetime) -> None:
        row.unknown_since, row.first_absent_at, row.lookups = now, None, 0
        row.look_up_at = now + LOOK_AGAIN
        self._move(row, D.UNKNOWN, reason, now)

    def _absent(self, row: DeliveryRow, settle: timedelta, now: datetime) -> None:
        settled = (row.unknown_since or now) + settle
        if row.first_absent_at is None or now < settled:
            row.first_absent_at = row.first_absent_at or now
            row.look_up_at = max(now + LOOK_AGAIN, settled)
        elif row.attempts > 1:
            row.reason = "absent again after it was sent a second time"
            row.needs_person = True
        else:
            row.not_before = now
            self._move(row, D.READY, "the platform was asked twice and has not got it", now)

    def _move(self, row: DeliveryRow, there: DeliveryState, why: str | None, now: datetime) -> None:
        move(self._session, row, there, why=why, now=now)

    def _delivery(self, row: DeliveryRow) -> Delivery:
        account = self._session.get_one(AccountRow, row.account_id)
        return Delivery(
            id=row.id,
            post_id=row.post_id,
            fingerprint=row.fingerprint,
            platform=Platform(row.platform),
            account_id=row.account_id,
            handle=account.handle,
            part=row.part,
            parts=row.parts,
            text=row.text,
            borough=row.borough,
            kind=row.kind,
            topic=row.topic,
            state=D(row.state),
            due_at=row.due_at,
            latest=row.latest,
            fence=row.fence,
            attempts=row.attempts,
            lookups=row.lookups,
            first_attempt_at=row.first_attempt_at,
            first_absent_at=row.first_absent_at,
            unknown_since=row.unknown_since,
            prepared=row.prepared,
            receipt=Receipt(row.receipt_id, row.receipt_url or "") if row.receipt_id else None,
            reason=row.reason,
            reply_to=self._previous_receipt(row),
            needs_person=row.needs_person,
        )

    def _previous_receipt(self, row: DeliveryRow) -> str | None:
        if row.part == 0:
            return None
        return self._session.scalar(
            select(DeliveryRow.receipt_id).where(
                DeliveryRow.post_id == row.post_id,
                DeliveryRow.account_id == row.account_id,
                DeliveryRow.round == row.round,
                DeliveryRow.part == row.part - 1,
            )
        )


def _doubling(times: int) -> timedelta:
    return min(LOOK_AGAIN * float(2 ** min(times, 8)), _LONGEST_WAIT)
