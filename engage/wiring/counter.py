"""Where the delivery room meets the database: a worker's turn, and a dispatcher's books."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection, Engine

from engage.delivery.ports import Adapter
from engage.delivery.rates import Rates
from engage.posts.kinds import Platform
from engage.store.account_health import AccountHealth
from engage.store.deliveries import DeliveryStore
from engage.store.engagement import EngagementStore
from engage.store.gate import open_gate
from engage.store.takedowns import TakedownStore
from engage.store.unit import Unit, transaction
from engage.store.vault import Vault
from engage.wiring.gate import SendingGate


@dataclass(frozen=True, slots=True)
class DeliveryBooks:
    """The ledger, the gate and the take-downs over one transaction."""

    ledger: DeliveryStore
    gate: SendingGate
    takedowns: TakedownStore


Open = Callable[[Unit], DeliveryBooks]


@dataclass(frozen=True, slots=True)
class SendingTurn:
    """One worker's turn: every transaction on the connection that keeps the gate open."""

    connection: Connection
    vault: Vault | None
    open: Open

    @contextmanager
    def books(self) -> Iterator[DeliveryBooks]:
        """A transaction, kept at its end."""
        with transaction(self.connection, self.vault) as unit:
            yield self.open(unit)


@dataclass(frozen=True, slots=True)
class SendingCounter:
    """Turns for workers, books for dispatchers."""

    engine: Engine
    vault: Vault | None
    adapters: Mapping[Platform, Adapter]
    rates: Rates
    open: Open

    @contextmanager
    def turn(self) -> Iterator[SendingTurn]:
        """Wait for the gate to be open, and keep it open until the turn ends."""
        with open_gate(self.engine) as connection:
            yield SendingTurn(connection, self.vault, self.open)

    @contextmanager
    def accounts(self) -> Iterator[AccountHealth]:
        """The accounts in a transaction of their own, kept at its end."""
        with transaction(self.engine, self.vault) as unit:
            yield AccountHealth(unit.session, unit.accounts)

    @contextmanager
    def engagement(self) -> Iterator[EngagementStore]:
        """What platforms count, in a transaction of its own, kept at its end."""
        with transaction(self.engine, self.vault) as unit:
            yield unit.engagement

    @contextmanager
    def takedowns(self) -> Iterator[TakedownStore]:
        """What is to be taken down, in a transaction of its own, kept at its end."""
        with transaction(self.engine, self.vault) as unit:
            yield unit.takedowns

    @contextmanager
    def books(self) -> Iterator[DeliveryBooks]:
        """A transaction of its own, kept at its end."""
        with transaction(self.engine, self.vault) as unit:
            yield self.open(unit)
