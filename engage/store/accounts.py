"""Platform accounts: who speaks where for which borough, with their tokens encrypted."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Select, delete, func, select
from sqlalchemy.orm import Session

from engage.delivery.health import RENEW_AHEAD, Standing
from engage.delivery.ports import Account, TokenState
from engage.posts.errors import BadInput
from engage.posts.kinds import Platform
from engage.store.delivery_tables import DUE_CHANNEL, AccountRow, AccountSessionRow
from engage.store.vault import Vault


class AccountStore:
    """Accounts, in the caller's transaction. `vault` is needed only where tokens are read or kept."""

    def __init__(self, session: Session, vault: Vault | None = None) -> None:
        self._session = session
        self._vault = vault

    def add(
        self,
        platform: Platform,
        handle: str,
        *,
        credentials: Mapping[str, str],
        borough: str | None = None,
        base_url: str | None = None,
    ) -> Account:
        """Keep an account with its tokens encrypted. BadInput where it is there already."""
        account_id = f"{platform.value}:{handle}"
        if known := self._session.get(AccountRow, account_id):
            if known.removed_at is None:
                raise BadInput(f"{handle} on {platform.label} is there already.", where="account")
            known.removed_at, known.borough, known.base_url = None, borough, base_url
            return self.renew(account_id, credentials)
        row = AccountRow(
            id=account_id,
            platform=platform.value,
            handle=handle,
            borough=borough,
            base_url=base_url,
            credentials=self._keys().lock(credentials),
        )
        self._session.add(row)
        self._session.flush()
        return _account(row, None)

    def all(self) -> list[Account]:
        """Every account in use, without its tokens."""
        return [_account(row, None) for row in self._session.scalars(_in_use())]

    def standings(self) -> list[Standing]:
        """How every account in use stands."""
        rows = self._session.scalars(_in_use())
        return [_standing(row) for row in rows]

    def to_renew(self, *, now: datetime) -> list[Standing]:
        """The accounts in use whose token their platform refuses, or whose token ends within `RENEW_AHEAD`."""
        refused = AccountRow.health == TokenState.REVOKED.value
        ends_soon = AccountRow.token_expires_at <= now + RENEW_AHEAD
        return [_standing(row) for row in self._session.scalars(_in_use().where(refused | ends_soon))]

    def speaking_for(self, borough: str) -> Mapping[Platform, str]:
        """The handle that speaks for a borough on each platform: its own, else the force's."""
        rows = self._session.scalars(
            select(AccountRow)
            .where(
                (AccountRow.borough == borough) | AccountRow.borough.is_(None),
                AccountRow.removed_at.is_(None),
            )
            .order_by(AccountRow.borough.nulls_first())
        )
        return {Platform(row.platform): row.handle for row in rows}

    def with_tokens(self, account_id: str) -> Account:
        """The account with its tokens in the clear; one that was removed has none, and needs no key."""
        row = self._session.get_one(AccountRow, account_id)
        return _account(row, None if row.removed_at else self._keys())

    def knows(self, account_id: str) -> bool:
        """Whether there is such an account, or was."""
        return self._session.get(AccountRow, account_id) is not None

    def get(self, account_id: str) -> Account:
        """The account without its tokens, also one that was removed. Raises BadInput where there is none."""
        return _account(self._known(account_id), None)

    def renew(self, account_id: str, credentials: Mapping[str, str]) -> Account:
        """Replace an account's tokens; what is known of the old ones, and their session, are forgotten.

        Raises BadInput for one that was removed: it would not be used with them.
        """
        row = self._known(account_id)
        if row.removed_at is not None:
            raise BadInput(f"{account_id} was removed.", where="account", remedy="Add it again instead.")
        row.credentials = self._keys().lock(credentials)
        row.health, row.health_detail, row.next_check_at, row.token_expires_at = None, None, None, None
        kept = self._session.get(AccountSessionRow, account_id, with_for_update=True)
        if kept is not None:
            kept.session = None
        self._session.execute(select(func.pg_notify(DUE_CHANNEL, "")))
        return _account(row, None)

    def remove(self, account_id: str, *, now: datetime) -> Account:
        """Nothing is planned for it or sent by it again; what it has sent stays on record.

        Its tokens and its session are gone.
        """
        row = self._known(account_id)
        row.removed_at, row.credentials = now, self._keys().lock({})
        self._session.execute(delete(AccountSessionRow).where(AccountSessionRow.account_id == account_id))
        return _account(row, None)

    def rotate(self) -> int:
        """Lock every account's tokens and session under the newest key, and say how many there are.

        Raises BadInput, changing nothing, where no key opens one of them.
        """
        keys, relocked = self._keys(), 0
        for row in self._session.scalars(select(AccountRow).order_by(AccountRow.id).with_for_update()):
            row.credentials = keys.relock(row.credentials)
            relocked += 1
        for kept in self._session.scalars(select(AccountSessionRow).with_for_update()):
            kept.session = kept.session and keys.relock(kept.session)
        return relocked

    def _known(self, account_id: str) -> AccountRow:
        row = self._session.get(AccountRow, account_id)
        if row is None:
            raise BadInput(f"There is no account {account_id}.", where="account")
        return row

    def _keys(self) -> Vault:
        if self._vault is None:
            raise BadInput("is not set.", where="ENGAGE_TOKEN_KEYS", remedy="See docs/operators.md.")
        return self._vault


def refusal(row: AccountRow) -> str | None:
    """Why the platform no longer takes the account's token; None while it does, or nobody has asked."""
    if row.health != TokenState.REVOKED.value:
        return None
    return f"The token of {row.handle} is refused and has to be renewed. {row.health_detail or ''}".strip()


def _in_use() -> Select[AccountRow]:
    ordered = select(AccountRow).order_by(AccountRow.platform, AccountRow.handle)
    return ordered.where(AccountRow.removed_at.is_(None))


def _standing(row: AccountRow) -> Standing:
    return Standing(
        account=_account(row, None),
        health=TokenState(row.health) if row.health else None,
        detail=row.health_detail or "",
        checked_at=row.health_at,
        paused_until=row.paused_until,
        removed_at=row.removed_at,
        token_expires_at=row.token_expires_at,
        budget_posts=row.budget_posts,
        budget_mills=row.budget_mills,
    )


def _account(row: AccountRow, vault: Vault | None) -> Account:
    return Account(
        id=row.id,
        platform=Platform(row.platform),
        handle=row.handle,
        borough=row.borough,
        base_url=row.base_url,
        characters=row.max_characters,
        removed=row.removed_at is not None,
        credentials=vault.unlock(row.credentials) if vault else {},
    )
