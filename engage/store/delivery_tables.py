"""The tables of delivery, and the one way a delivery moves: by its state table, with a line of history."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    Text,
    UniqueConstraint,
    insert,
    literal,
    select,
    text,
)
from sqlalchemy.orm import Mapped, Session, mapped_column
from sqlalchemy.sql.dml import ReturningInsert

from engage.posts.states import MAY_BE_PUBLIC, DeliveryState, delivery_moved
from engage.store.base import Base

DUE_CHANNEL = "engage_due"
"""PostgreSQL notifies here when something may have become due."""


class AccountRow(Base):
    """One account on one platform; its tokens are encrypted."""

    __tablename__ = "account"
    __table_args__ = (UniqueConstraint("platform", "handle"),)

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    platform: Mapped[str]
    handle: Mapped[str]
    borough: Mapped[str | None]
    base_url: Mapped[str | None]
    credentials: Mapped[bytes] = mapped_column(LargeBinary)
    paused_until: Mapped[datetime | None]
    health: Mapped[str | None]
    health_at: Mapped[datetime | None]
    health_detail: Mapped[str | None]
    max_characters: Mapped[int | None]
    next_check_at: Mapped[datetime | None] = mapped_column(comment="None: as soon as anyone looks")
    removed_at: Mapped[datetime | None]
    token_expires_at: Mapped[datetime | None] = mapped_column(comment="None: never, or nobody knows")
    budget_posts: Mapped[int | None] = mapped_column(comment="a calendar month in London; None: no limit")
    budget_mills: Mapped[int | None] = mapped_column(comment="thousandths of the price's currency")


class AccountSessionRow(Base):
    """What an account's platform keeps us signed in with, encrypted; its row lock is the right to renew it."""

    __tablename__ = "account_session"

    account_id: Mapped[str] = mapped_column(Text, ForeignKey("account.id"), primary_key=True)
    session: Mapped[bytes | None] = mapped_column(LargeBinary)


class DeliveryRow(Base):
    """One part of one variant on its way to one account."""

    __tablename__ = "delivery"
    __table_args__ = (
        UniqueConstraint("post_id", "fingerprint", "account_id", "part", "round"),
        Index("ix_delivery_due", "due_at", postgresql_where=text("state = 'ready'")),
        Index(
            "ix_delivery_open", "state", postgresql_where=text("state in ('leased', 'sending', 'unknown')")
        ),
        Index("ix_delivery_needs_person", "due_at", postgresql_where=text("needs_person")),
        Index("ix_delivery_account_due", "account_id", "due_at"),
        Index(
            "ix_delivery_media",
            "media",
            postgresql_using="gin",
            postgresql_ops={"media": "jsonb_path_ops"},
            postgresql_where=text("media <> '[]'::jsonb"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    post_id: Mapped[UUID] = mapped_column(ForeignKey("post.id"), index=True)
    fingerprint: Mapped[str]
    round: Mapped[int]
    platform: Mapped[str]
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"))
    part: Mapped[int]
    parts: Mapped[int]
    text: Mapped[str]
    media: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    borough: Mapped[str]
    kind: Mapped[str]
    topic: Mapped[str | None]
    state: Mapped[str]
    due_at: Mapped[datetime]
    latest: Mapped[datetime]
    not_before: Mapped[datetime]
    fence: Mapped[int] = mapped_column(BigInteger, default=0)
    claimed_by: Mapped[str | None]
    worker: Mapped[str | None]
    leased_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    lookups: Mapped[int] = mapped_column(default=0)
    first_attempt_at: Mapped[datetime | None]
    unknown_since: Mapped[datetime | None]
    first_absent_at: Mapped[datetime | None]
    shown: Mapped[dict[str, Any] | None] = mapped_column(
        comment="what the account showed when it was last looked at for this"
    )
    look_up_at: Mapped[datetime | None]
    prepared: Mapped[dict[str, Any]] = mapped_column(default=dict)
    receipt_id: Mapped[str | None]  # None beside an address that does not say it
    receipt_url: Mapped[str | None]
    reason: Mapped[str | None]
    kept_back: Mapped[str | None] = mapped_column(
        comment="why it does not go again without new approval; written while nobody knew whether it was public"
    )
    needs_person: Mapped[bool] = mapped_column(default=False)
    sent_at: Mapped[datetime | None]
    price_mills: Mapped[int | None] = mapped_column(comment="what the platform charges for it, when sent")


class EngagementRow(Base):
    """What a platform last counted for a post that is public, by the platform's own names."""

    __tablename__ = "engagement"

    delivery_id: Mapped[UUID] = mapped_column(ForeignKey("delivery.id"), primary_key=True)
    counts: Mapped[dict[str, Any]]
    counted_at: Mapped[datetime]
    note: Mapped[str | None]


class ProcessSeenRow(Base):
    """When a dispatcher or a worker was last seen at work."""

    __tablename__ = "process_seen"

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    role: Mapped[str]
    seen_at: Mapped[datetime]


class DeliveryEventRow(Base):
    """One move of one delivery; appended, never changed."""

    __tablename__ = "delivery_event"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    delivery_id: Mapped[UUID] = mapped_column(ForeignKey("delivery.id"), index=True)
    at: Mapped[datetime]
    came_from: Mapped[str | None]
    went_to: Mapped[str]
    why: Mapped[str | None]
    worker: Mapped[str | None]
    fence: Mapped[int] = mapped_column(BigInteger)


def may_have_been_public() -> ColumnElement[bool]:
    """Whether the public sees a delivery, or may, or once did; evaluated for every row that a query reads."""
    return state_may_be_public() | DeliveryRow.receipt_url.is_not(None)


def state_may_be_public() -> ColumnElement[bool]:
    """Whether a delivery's state says that the public sees it, or may."""
    return DeliveryRow.state.in_([each.value for each in MAY_BE_PUBLIC])


def move(
    session: Session,
    row: DeliveryRow,
    there: DeliveryState,
    *,
    why: str | None,
    now: datetime,
    worker: str | None = None,
) -> None:
    """Move a delivery by its state table. Raises IllegalMove."""
    here = DeliveryState(row.state)
    row.state = delivery_moved(here, there).value
    row.reason = why
    note(session, row, here, why=why, now=now, worker=worker or row.worker)


def note(
    session: Session,
    row: DeliveryRow,
    here: DeliveryState | None,
    *,
    why: str | None,
    now: datetime,
    worker: str | None = None,
) -> None:
    """Write one line of a delivery's history."""
    session.add(
        DeliveryEventRow(
            delivery_id=row.id,
            at=now,
            came_from=here.value if here else None,
            went_to=row.state,
            why=why,
            worker=worker,
            fence=row.fence,
        )
    )


def noted(
    moved: CTE,
    here: DeliveryState,
    there: DeliveryState,
    *,
    at: ColumnElement[datetime],
    by: ColumnElement[str],
) -> ReturningInsert[Any]:
    """Write the line of history of every delivery that one statement has moved: `moved` has its id and fence."""
    columns = ("delivery_id", "at", "came_from", "went_to", "worker", "fence")
    moves = select(moved.c.id, at, literal(here.value), literal(there.value), by, moved.c.fence)
    return insert(DeliveryEventRow).from_select(columns, moves).returning(DeliveryEventRow.delivery_id)
