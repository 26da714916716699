"""Platform sessions in the database, encrypted: whoever holds the row's lock may renew the session."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Engine, select, text
from sqlalchemy.dialects.postgresql import insert

from engage.store.base import reached
from engage.store.delivery_tables import AccountSessionRow
from engage.store.unit import transaction
from engage.store.vault import Vault

_LONGEST_WAIT_MS = 15_000
"""Longer than a holder's one request may take."""

_KEY = "session"


@dataclass(slots=True)
class HeldSession:
    """One account's session, locked until the transaction ends."""

    row: AccountSessionRow
    vault: Vault

    @property
    def session(self) -> str | None:
        """What was kept last; None where there is none. Raises BadInput where no key opens it."""
        return _opened(self.row.session, self.vault)

    def keep(self, session: str | None) -> None:
        """Keep this instead."""
        self.row.session = None if session is None else self.vault.lock({_KEY: session})


@dataclass(frozen=True, slots=True)
class SessionStore:
    """The keeper that Bluesky's sessions ask for, shared by every process of one database."""

    engine: Engine
    vault: Vault

    def kept(self, account_id: str) -> str | None:
        """The account's session as it was kept last, whoever holds it. Raises BadInput where no key opens it."""
        asked = select(AccountSessionRow.session).where(AccountSessionRow.account_id == account_id)
        with reached(), self.engine.connect() as connection:
            # One question, asked before the first post of every account: a transaction would triple it.
            found = connection.execution_options(isolation_level="AUTOCOMMIT").scalar(asked)
        return _opened(found, self.vault)

    @contextmanager
    def hold(self, account_id: str) -> Iterator[HeldSession]:
        """Wait until nobody holds the account's session, then hold it, in a transaction of its own."""
        with transaction(self.engine, self.vault) as unit:
            unit.session.execute(text(f"SET LOCAL lock_timeout = {_LONGEST_WAIT_MS}"))
            unit.session.execute(
                insert(AccountSessionRow).values(account_id=account_id).on_conflict_do_nothing()
            )
            yield HeldSession(
                unit.session.get_one(AccountSessionRow, account_id, with_for_update=True), self.vault
            )


def _opened(locked: bytes | None, vault: Vault) -> str | None:
    return None if locked is None else vault.unlock(locked)[_KEY]
