"""What is known of each account's token, who has to be asked next, and what a refusal stops."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from engage.delivery.health import ASK_AGAIN, DUE_SOON, FRESH
from engage.delivery.ports import Account, Health, TokenState
from engage.posts.states import DeliveryState
from engage.store.accounts import AccountStore
from engage.store.delivery_tables import DUE_CHANNEL, AccountRow, DeliveryRow

_ASKED_AT_ONCE = timedelta(seconds=60)
"""How soon a refusal heard while sending is confirmed by a check."""


class AccountHealth:
    """The account book of `engage.delivery.health`, in the caller's transaction."""

    def __init__(self, session: Session, accounts: AccountStore) -> None:
        self._session = session
        self._accounts = accounts

    def clock(self) -> datetime:
        """The database's time now, UTC."""
        now: datetime = self._session.execute(select(func.clock_timestamp())).scalar_one()
        return now

    def account(self, account_id: str) -> Account:
        """The account with its tokens in the clear. Raises BadInput where no key opens them."""
        return self._accounts.with_tokens(account_id)

    def to_check(self, count: int, *, now: datetime) -> Sequence[str]:
        """Accounts whose turn it is, and those with posts due soon; nobody else is given them for a minute."""
        due_soon = (
            select(DeliveryRow.account_id)
            .where(DeliveryRow.state == DeliveryState.READY.value, DeliveryRow.due_at <= now + DUE_SOON)
            .distinct()
        )
        its_turn = AccountRow.next_check_at.is_(None) | (AccountRow.next_check_at <= now)
        nobody_asks = AccountRow.next_check_at > now + _ASKED_AT_ONCE
        stale = AccountRow.id.in_(due_soon) & (AccountRow.health_at <= now - FRESH) & nobody_asks
        rows = self._session.scalars(
            select(AccountRow)
            .where(AccountRow.removed_at.is_(None), its_turn | stale)
            .order_by(AccountRow.next_check_at.nulls_first())
            .limit(count)
            .with_for_update(skip_locked=True)
        ).all()
        for row in rows:
            row.next_check_at = now + _ASKED_AT_ONCE
        return [row.id for row in rows]

    def checked(self, account_id: str, health: Health, *, now: datetime) -> None:
        """Keep what a check found; a token that works again lets the account's posts go on."""
        row = self._session.get_one(AccountRow, account_id, with_for_update={"key_share": True})
        was_refused = row.health == TokenState.REVOKED.value
        keep_health(row, health, now=now)
        row.next_check_at = now + ASK_AGAIN[health.state]
        if was_refused and health.state is TokenState.OK:
            self._go_on(account_id)

    def _go_on(self, account_id: str) -> None:
        self._session.execute(
            update(DeliveryRow)
            .where(DeliveryRow.account_id == account_id, DeliveryRow.state == DeliveryState.READY.value)
            .values(needs_person=False)
        )
        self._session.execute(select(func.pg_notify(DUE_CHANNEL, "")))


def keep_health(row: AccountRow, health: Health, *, now: datetime) -> None:
    """Write down a token's health. Only an answer that it works ends a refusal: silence does not."""
    refused = row.health == TokenState.REVOKED.value
    row.health_at = now
    if refused and health.state is TokenState.TRANSIENT:
        return
    row.health, row.health_detail = health.state.value, health.detail
    row.max_characters = health.characters or row.max_characters
    if health.state is TokenState.OK:
        row.token_expires_at = health.expires_at
    if health.state is TokenState.REVOKED and not refused:
        row.next_check_at = now + _ASKED_AT_ONCE
