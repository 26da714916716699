"""Deliveries as people read them: of one post, by state, and those that wait for a person."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from engage.delivery.ledger import Delivery
from engage.delivery.ports import Account, Receipt, Shown
from engage.posts.kinds import Kind, Platform
from engage.posts.post import Media
from engage.posts.readable import keepable
from engage.posts.states import DeliveryState, stands
from engage.store import batches
from engage.store.accounts import AccountStore, refusal
from engage.store.delivery_tables import AccountRow, DeliveryEventRow, DeliveryRow
from engage.store.pictures import PictureStore
from engage.store.posts import PostRow
from engage.store.takedowns import taken_down

D = DeliveryState
_CLOCK = select(func.clock_timestamp())
_LOOKED_BACK = timedelta(hours=1)
"""More than any adapter reads back before a delivery's first attempt."""
ANSWERS = "answers"
"""What a correction's first request answered, kept with what was prepared for it."""


class DeliveryRows:
    """Reads the ledger in the caller's transaction."""

    def __init__(self, session: Session, accounts: AccountStore) -> None:
        self._session = session
        self._accounts = accounts
        self._locked: dict[UUID, DeliveryRow] = {}
        self._taken_by: dict[UUID, str] = {}  # written with what comes of it
        self._accounts_read: list[AccountRow] = []  # a session forgets what nobody else remembers

    def clock(self) -> datetime:
        """The database's time now (not the transaction's), UTC."""
        with self._session.no_autoflush:  # what is about to be written does not change the time
            now: datetime = self._session.execute(_CLOCK).scalar_one()
        return now

    def account(self, account_id: str) -> Account:
        """The account with its tokens in the clear. Raises BadInput where no key opens them."""
        return self._accounts.with_tokens(account_id)

    def picture(self, sha256: str) -> bytes | None:
        """The kept bytes of a picture, or None."""
        return PictureStore(self._session).content(sha256)

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

    def standings(self) -> Mapping[str, int]:
        """How many deliveries stand how, in words, in the order of their states."""
        by = (DeliveryRow.state, DeliveryRow.platform, taken_down())
        found: Counter[tuple[D, str]] = Counter()
        for state, platform, gone, count in self._session.execute(select(*by, func.count()).group_by(*by)):
            said = stands(D(state), by_hand=Platform(platform).by_hand, taken_down=gone)
            found[D(state), said] += count
        order = list(D)
        ordered = sorted(found, key=lambda each: (order.index(each[0]), each[1]))
        return {said: found[state, said] for state, said in ordered}

    def wholly_sent(self, post_id: UUID) -> bool:
        """Whether everything planned for a post and not withdrawn is public."""
        states = self._session.scalars(
            select(DeliveryRow.state).where(
                DeliveryRow.post_id == post_id, DeliveryRow.state != D.WITHDRAWN.value
            )
        ).all()
        return bool(states) and all(state == D.SENT.value for state in states)

    def wholly_sent_among(self, posts: Collection[UUID]) -> set[UUID]:
        """Those of these posts of which everything planned and not withdrawn is public."""
        planned = (
            select(DeliveryRow.post_id)
            .where(DeliveryRow.post_id.in_(posts), DeliveryRow.state != D.WITHDRAWN.value)
            .group_by(DeliveryRow.post_id)
        )
        return set(self._session.scalars(planned.having(func.bool_and(DeliveryRow.state == D.SENT.value))))

    def _held_by_others(self, row: DeliveryRow, receipts: Collection[Receipt]) -> set[str | None]:
        """The ids of these that other deliveries of its account have; None where one of its words may have any of them.

        That one is just being sent, or is public at an address that does not say its id. The account stays locked, so
        that two never take the same.
        """
        self._session.get_one(AccountRow, row.account_id, with_for_update={"key_share": True})
        without_id = (DeliveryRow.state == D.SENT.value) & DeliveryRow.receipt_id.is_(None)
        if row.first_attempt_at is not None:  # a look shows nothing older
            without_id &= DeliveryRow.sent_at >= row.first_attempt_at - _LOOKED_BACK
        any_of_them = ((DeliveryRow.state == D.SENDING.value) | without_id) & (DeliveryRow.text == row.text)
        theirs = DeliveryRow.receipt_id.in_([each.platform_id for each in receipts])
        others = (DeliveryRow.account_id == row.account_id) & (DeliveryRow.id != row.id)
        return set(self._session.scalars(select(DeliveryRow.receipt_id).where(others, theirs | any_of_them)))

    def _row(self, delivery_id: UUID) -> DeliveryRow | None:
        """The row as it is now, locked until the transaction ends."""
        if delivery_id not in self._locked:
            self._lock(DeliveryRow.id == delivery_id, wait=True)
        return self._locked.get(delivery_id)

    def _lock(self, *which: ColumnElement[bool], wait: bool) -> Sequence[DeliveryRow]:
        """Rows as they are now, locked until the transaction ends; without `wait`, only those that nobody has.

        What is locked stays as this transaction knows it, so it is read once.
        """
        return self._locking(
            select(DeliveryRow)
            .where(*which)
            .with_for_update(skip_locked=not wait)
            .execution_options(populate_existing=True)
        )

    def _locking(
        self, rows_of: Select[DeliveryRow], about: Mapping[str, Any] | None = None
    ) -> Sequence[DeliveryRow]:
        rows = self._session.scalars(rows_of, about).all()
        self._locked.update({row.id: row for row in rows})
        return rows

    def _deliveries(self, rows: Sequence[DeliveryRow]) -> list[Delivery]:
        """Rows as the core knows them; their accounts are read together."""
        needed = {row.account_id for row in rows}
        accounts = self._session.scalars(batches.ACCOUNTS, {"ids": list(needed)}).all()
        self._accounts_read += accounts
        by_id = {each.id: each for each in accounts}
        return [self._delivery(row, by_id[row.account_id]) for row in rows]

    def _delivery(self, row: DeliveryRow, its_account: AccountRow | None = None) -> Delivery:
        account = its_account or self._session.get_one(AccountRow, row.account_id)
        return Delivery(
            id=row.id,
            post_id=row.post_id,
            fingerprint=row.fingerprint,
            platform=Platform(row.platform),
            account_id=row.account_id,
            handle=account.handle,
            account_paused_until=account.paused_until,
            account_refused=refusal(account),
            account_removed=account.removed_at is not None,
            part=row.part,
            parts=row.parts,
            text=row.text,
            media=tuple(Media(**each) for each in row.media),
            borough=row.borough,
            kind=row.kind,
            topic=row.topic,
            state=D(row.state),
            due_at=row.due_at,
            latest=row.latest,
            not_before=row.not_before,
            fence=row.fence,
            attempts=row.attempts,
            lookups=row.lookups,
            first_attempt_at=row.first_attempt_at,
            first_absent_at=row.first_absent_at,
            shown=_shown(row),
            shown_at=datetime.fromisoformat(row.shown["at"]) if row.shown else None,
            unknown_since=row.unknown_since,
            prepared=row.prepared,
            receipt=None if row.receipt_url is None else Receipt(row.receipt_id, row.receipt_url),
            reason=row.reason,
            kept_back=row.kept_back,
            reply_to=self._answered(row),
            needs_person=row.needs_person,
        )

    def _answered(self, row: DeliveryRow) -> str | None:
        """The platform's id of what this answers: the part before it, or the post that it corrects.

        What the first request answered is what every look-up looks for, whatever became of it since.
        """
        if ANSWERS in row.prepared:
            return row.prepared[ANSWERS] or None
        if row.part > 0:
            return self._previous_receipt(row)
        if row.kind != Kind.CORRECTION.value or not Platform(row.platform).takes_answers:
            return None
        corrected = select(PostRow.corrects).where(PostRow.id == row.post_id).scalar_subquery()
        return self._session.scalar(
            select(DeliveryRow.receipt_id)
            .where(
                DeliveryRow.post_id == corrected,
                DeliveryRow.account_id == row.account_id,
                DeliveryRow.state == D.SENT.value,
            )
            .order_by(DeliveryRow.round.desc(), DeliveryRow.part)
            .limit(1)
        )

    def _previous_receipt(self, row: DeliveryRow) -> str | None:
        return self._session.scalar(
            select(DeliveryRow.receipt_id).where(
                DeliveryRow.post_id == row.post_id,
                DeliveryRow.account_id == row.account_id,
                DeliveryRow.round == row.round,
                DeliveryRow.part == row.part - 1,
            )
        )


def keep_shown(row: DeliveryRow, shown: Sequence[Shown] | None, now: datetime) -> None:
    """What the account showed is evidence for a person; an answer that never came takes none away."""
    if shown is not None:
        posts = [
            {"text": keepable(each.text), "url": each.url, "at": each.at.isoformat() if each.at else None}
            for each in shown
        ]
        row.shown = {"at": now.isoformat(), "posts": posts}


def _shown(row: DeliveryRow) -> tuple[Shown, ...]:
    posts = row.shown["posts"] if row.shown else ()
    return tuple(
        Shown(each["text"], each["url"], datetime.fromisoformat(each["at"]) if each["at"] else None)
        for each in posts
    )
