"""Public posts that are to go: asked for in one transaction with the post's end, each kept until it is gone."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, ForeignKey, Index, case, func, or_, select, text, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from engage.delivery.ports import Account, Deleted, Deletion, NotSent, Refused, Unknown
from engage.delivery.takedown import (
    ATTEMPTS_BEFORE_A_PERSON,
    ONE_ASKER_FOR,
    Takedown,
    TakedownState,
    wait_after,
)
from engage.posts.states import DeliveryState
from engage.signoff.refusals import NoSuchDelivery, NotNeeded
from engage.store.accounts import AccountStore
from engage.store.base import Base
from engage.store.delivery_tables import (
    DUE_CHANNEL,
    DeliveryRow,
    may_have_been_public,
    move,
    note,
    state_may_be_public,
)

D = DeliveryState
T = TakedownState
_WHILE_SENDING = timedelta(seconds=1)


class TakedownRow(Base):
    """The removal of one delivery: asked for by a person, done when the platform or a person says so."""

    __tablename__ = "takedown"
    __table_args__ = (
        Index("ix_takedown_asked", "try_at", postgresql_where=text("state = 'asked'")),
        Index("ix_takedown_needs_person", "asked_at", postgresql_where=text("needs_person")),
    )

    delivery_id: Mapped[UUID] = mapped_column(ForeignKey("delivery.id"), primary_key=True)
    post_id: Mapped[UUID] = mapped_column(ForeignKey("post.id"), index=True)
    asked_by: Mapped[str]
    asked_at: Mapped[datetime]
    reason: Mapped[str]
    state: Mapped[str]
    attempts: Mapped[int] = mapped_column(default=0)
    try_at: Mapped[datetime | None]
    needs_person: Mapped[bool] = mapped_column(default=False)
    said: Mapped[str | None]
    gone_at: Mapped[datetime | None]
    removed_by: Mapped[str | None]

    def takedown(self) -> Takedown:
        """The row as the core knows it."""
        return Takedown(
            delivery_id=self.delivery_id,
            post_id=self.post_id,
            asked_by=self.asked_by,
            asked_at=self.asked_at,
            reason=self.reason,
            state=T(self.state),
            attempts=self.attempts,
            needs_person=self.needs_person,
            said=self.said,
            gone_at=self.gone_at,
            removed_by=self.removed_by,
        )


def taken_down() -> ColumnElement[bool]:
    """Whether a delivery was public and is gone; evaluated for every row that a query reads."""
    gone = (TakedownRow.delivery_id == DeliveryRow.id) & (TakedownRow.state == T.GONE.value)
    return select(TakedownRow.delivery_id).where(gone).correlate(DeliveryRow).exists()


def may_be_public() -> ColumnElement[bool]:
    """Whether a delivery is public now, as far as is known, or may be; evaluated for every row that a query reads."""
    has_receipt = DeliveryRow.receipt_url.is_not(None) & ~taken_down()
    return state_may_be_public() | has_receipt


def ask_after_all(session: Session, delivery_id: UUID, *, now: datetime) -> None:
    """Have a delivery deleted that was to go, was held never to have become public, and is."""
    session.execute(
        update(TakedownRow)
        .where(TakedownRow.delivery_id == delivery_id, TakedownRow.state == T.NEVER_PUBLIC.value)
        .values(state=T.ASKED.value, try_at=now, gone_at=None)
        .execution_options(synchronize_session=False)
    )


class TakedownStore:
    """The book of `engage.delivery.takedown`, and what people ask and say, in the caller's transaction."""

    def __init__(self, session: Session, accounts: AccountStore) -> None:
        self._session = session
        self._accounts = accounts

    def clock(self) -> datetime:
        """The database's time now, UTC."""
        now: datetime = self._session.execute(select(func.clock_timestamp())).scalar_one()
        return now

    def ask(self, post_id: UUID, *, by: str, reason: str, now: datetime) -> int:
        """Have everything of a post that is public, or may be, deleted; say how much that is.

        What was asked for already is not asked for twice.
        """
        asked = select(TakedownRow.delivery_id).where(TakedownRow.delivery_id == DeliveryRow.id)
        rows = self._session.scalars(
            select(DeliveryRow)
            .where(
                DeliveryRow.post_id == post_id,
                may_have_been_public(),
                ~asked.exists(),
            )
            .order_by(DeliveryRow.id)
            .with_for_update()
        ).all()
        for row in rows:
            self._session.add(
                TakedownRow(
                    delivery_id=row.id,
                    post_id=post_id,
                    asked_by=by,
                    asked_at=now,
                    reason=reason,
                    state=T.ASKED.value,
                    try_at=now,
                )
            )
            row.needs_person = row.needs_person and D(row.state) is D.UNKNOWN
            note(self._session, row, D(row.state), why=f"to be taken down: {reason}", now=now)
        self._session.flush()
        self._wake()
        return len(rows)

    def may_be_asked(self, post_id: UUID) -> bool:
        """Whether anything of a post is public, or may be, that nobody has asked to be deleted."""
        asked = select(TakedownRow.delivery_id).where(TakedownRow.delivery_id == DeliveryRow.id)
        there = select(DeliveryRow.id).where(DeliveryRow.post_id == post_id, may_be_public(), ~asked.exists())
        return self._session.scalar(there.limit(1)) is not None

    def to_take_down(self, count: int, *, now: datetime) -> list[UUID]:
        """Deliveries to be deleted now, the last part of a thread first; each is one asker's for a while."""
        self._end_what_may_not_go_again(now)
        self._settle_what_never_became_public(now)
        rows = self._session.scalars(
            select(TakedownRow)
            .join(DeliveryRow, DeliveryRow.id == TakedownRow.delivery_id)
            .where(
                TakedownRow.state == T.ASKED.value,
                TakedownRow.try_at <= now,
                DeliveryRow.receipt_url.is_not(None),
            )
            .order_by(TakedownRow.asked_at, DeliveryRow.part.desc())
            .limit(count)
            .with_for_update(skip_locked=True, of=TakedownRow)
        ).all()
        for row in rows:
            row.try_at = now + ONE_ASKER_FOR
        return [row.delivery_id for row in rows]

    def next_due(self, *, now: datetime) -> datetime | None:
        """When there will be something to delete; while one is still being sent, in a moment."""
        sending = DeliveryRow.state == D.SENDING.value
        soonest = case(
            (sending, func.greatest(TakedownRow.try_at, now + _WHILE_SENDING)), else_=TakedownRow.try_at
        )
        found: datetime | None = self._session.scalar(
            select(func.min(soonest))
            .join(DeliveryRow, DeliveryRow.id == TakedownRow.delivery_id)
            .where(TakedownRow.state == T.ASKED.value, or_(sending, DeliveryRow.receipt_url.is_not(None)))
        )
        return found

    def public(self, delivery_id: UUID) -> tuple[Account, str | None] | None:
        """The account, with its tokens, and the platform's id of a post that is to go, where it is known."""
        row = self._session.get(TakedownRow, delivery_id)
        if row is None or T(row.state) is not T.ASKED:
            return None
        delivery = self._session.get_one(DeliveryRow, delivery_id)
        if delivery.receipt_url is None:
            return None
        return self._accounts.with_tokens(delivery.account_id), delivery.receipt_id

    def said(self, delivery_id: UUID, deletion: Deletion, *, now: datetime) -> None:
        """Gone is the receipt. Refused waits for a person; anything else is asked again, at growing intervals."""
        row = self._row(delivery_id)
        if row is None or T(row.state) is not T.ASKED:
            return
        row.attempts += 1
        match deletion:
            case Deleted():
                self._gone(row, now=now)
            case Refused(reason):
                row.said, row.needs_person, row.try_at = reason, True, None
            case NotSent(reason, retry_at, token_refused=refused):
                self._again(row, reason, retry_at, now)
                row.needs_person = row.needs_person or refused
            case Unknown(reason):
                self._again(row, reason, None, now)

    def removed_by_hand(self, delivery_id: UUID, *, by: str, now: datetime) -> Takedown:
        """A person removed it on the platform, or saw that it is gone. Raises NotNeeded where that is known."""
        row = self._open(delivery_id)
        self._gone(row, now=now, by=by)
        return row.takedown()

    def try_again(self, delivery_id: UUID, *, now: datetime) -> Takedown:
        """Ask the platform once more, now. Raises NotNeeded where it is gone already."""
        row = self._open(delivery_id)
        row.try_at, row.needs_person = now, False
        self._session.flush()
        self._wake()
        return row.takedown()

    def of_post(self, post_id: UUID) -> Mapping[UUID, Takedown]:
        """The removals of a post's deliveries, by delivery."""
        rows = self._session.scalars(select(TakedownRow).where(TakedownRow.post_id == post_id))
        return {row.delivery_id: row.takedown() for row in rows}

    def needing_person(self) -> Sequence[Takedown]:
        """What the platforms did not delete, longest waiting first."""
        query = select(TakedownRow).where(TakedownRow.needs_person).order_by(TakedownRow.asked_at)
        return [row.takedown() for row in self._session.scalars(query)]

    def _gone(self, row: TakedownRow, *, now: datetime, by: str | None = None) -> None:
        row.state, row.gone_at, row.removed_by = T.GONE.value, now, by
        row.try_at, row.needs_person, row.said = None, False, None
        delivery = self._session.get_one(DeliveryRow, row.delivery_id, with_for_update=True)
        why = "removed by hand" if by else f"{self._called(delivery)} says that it is gone"
        if D(delivery.state) is D.SENT:
            move(self._session, delivery, D.WITHDRAWN, why=why, now=now)
        else:
            note(self._session, delivery, D(delivery.state), why=why, now=now)

    def _again(self, row: TakedownRow, reason: str, at: datetime | None, now: datetime) -> None:
        row.said = reason
        row.try_at = max(at or now, now + wait_after(row.attempts))
        row.needs_person = row.needs_person or row.attempts >= ATTEMPTS_BEFORE_A_PERSON

    def _end_what_may_not_go_again(self, now: datetime) -> None:
        """What nobody knew of when it was to go, and proved not to be public, ends here; nobody need hear of it.

        Left to wait it would for long: the part of a thread before it is gone, so its turn never comes.
        """
        rows = self._session.scalars(
            select(DeliveryRow)
            .join(TakedownRow, TakedownRow.delivery_id == DeliveryRow.id)
            .where(
                TakedownRow.state == T.ASKED.value,
                DeliveryRow.state == D.READY.value,
                DeliveryRow.kept_back.is_not(None),
            )
            .with_for_update(skip_locked=True, of=DeliveryRow)
            .execution_options(populate_existing=True)
        ).all()
        for row in rows:
            move(self._session, row, D.LAPSED, why=f"not public, and {row.kept_back}", now=now)
        self._session.flush()

    def _settle_what_never_became_public(self, now: datetime) -> None:
        ended = select(DeliveryRow.id).where(
            DeliveryRow.id == TakedownRow.delivery_id,
            DeliveryRow.receipt_url.is_(None),
            ~state_may_be_public(),
            DeliveryRow.state.not_in([D.READY.value, D.LEASED.value]),
        )
        self._session.execute(
            update(TakedownRow)
            .where(TakedownRow.state == T.ASKED.value, ended.exists())
            .values(state=T.NEVER_PUBLIC.value, try_at=None, needs_person=False, gone_at=now)
            .execution_options(synchronize_session=False)
        )

    def _called(self, delivery: DeliveryRow) -> str:
        return self._accounts.get(delivery.account_id).platform.label

    def _open(self, delivery_id: UUID) -> TakedownRow:
        row = self._row(delivery_id)
        if row is None:
            raise NoSuchDelivery(f"Nobody asked for delivery {delivery_id} to be taken down.")
        if T(row.state) is not T.ASKED:
            raise NotNeeded(f"This is not waiting to be taken down. {T(row.state).label}.")
        return row

    def _row(self, delivery_id: UUID) -> TakedownRow | None:
        return self._session.scalar(
            select(TakedownRow)
            .where(TakedownRow.delivery_id == delivery_id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )

    def _wake(self) -> None:
        self._session.execute(select(func.pg_notify(DUE_CHANNEL, "")))
