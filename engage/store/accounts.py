"""Platform accounts: who speaks where for which borough, with their tokens encrypted."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from engage.delivery.ports import Account
from engage.posts.errors import BadInput
from engage.posts.kinds import Platform
from engage.store.delivery_tables import AccountRow
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
        if self._session.get(AccountRow, account_id) is not None:
            raise BadInput(f"{handle} on {platform.label} is there already.", where="account")
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
        """Every account, without its tokens."""
        rows = self._session.scalars(select(AccountRow).order_by(AccountRow.platform, AccountRow.handle))
        return [_account(row, None) for row in rows]

    def speaking_for(self, borough: str) -> Mapping[Platform, str]:
        """The handle that speaks for a borough on each platform: its own, else the force's."""
        rows = self._session.scalars(
            select(AccountRow)
            .where((AccountRow.borough == borough) | AccountRow.borough.is_(None))
            .order_by(AccountRow.borough.nulls_first())
        )
        return {Platform(row.platform): row.handle for row in rows}

    def with_tokens(self, account_id: str) -> Account:
        """The account with its tokens in the clear."""
        return _account(self._session.get_one(AccountRow, account_id), self._keys())

    def checked(self, account_id: str, *, health: str, now: datetime) -> None:
        """Keep what a token check found."""
        row = self._session.get_one(AccountRow, account_id)
        row.health, row.health_at = health, now

    def _keys(self) -> Vault:
        if self._vault is None:
            raise BadInput("is not set.", where="ENGAGE_TOKEN_KEYS", remedy="See docs/operators.md.")
        return self._vault


def _account(row: AccountRow, vault: Vault | None) -> Account:
    return Account(
        id=row.id,
        platform=Platform(row.platform),
        handle=row.handle,
        borough=row.borough,
        base_url=row.base_url,
        credentials=vault.unlock(row.credentials) if vault else {},
    )
