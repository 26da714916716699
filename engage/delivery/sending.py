"""Sending one delivery, and looking up one whose answer was lost: the two procedures of delivery.

What remains: between the last check and the socket a process can be paused for longer than its lease.
A platform that is idempotent absorbs that; on the others the fence, the look-up and the platform's own
duplicate check catch it afterwards.
"""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from engage.delivery.ledger import Delivery, Gate, Ledger, Stop, Wait
from engage.delivery.ports import Adapter, Outgoing
from engage.posts.kinds import Platform
from engage.posts.states import DeliveryState

LOOK_AGAIN_AFTER_WAIT = timedelta(seconds=15)


class Books(Protocol):
    """The ledger and the gate over one transaction."""

    @property
    def ledger(self) -> Ledger:
        """The rows."""

    @property
    def gate(self) -> Gate:
        """The last question."""


class Turn(Protocol):
    """One worker's turn at the counter: while it lasts, nobody can put a hold in force."""

    def books(self) -> AbstractContextManager[Books]:
        """A transaction, kept at its end."""


class Counter(Protocol):
    """Where workers take their turns."""

    @property
    def adapters(self) -> Mapping[Platform, Adapter]:
        """The platforms that may be reached from here."""

    def turn(self) -> AbstractContextManager[Turn]:
        """Wait for the gate to be open, and keep it open until the turn ends."""


def send(delivery_id: UUID, *, counter: Counter, worker: str) -> DeliveryState | None:
    """Make the one request for a delivery, if it may still go; None where it was not ours to send."""
    with counter.turn() as turn:
        with turn.books() as books:
            now = books.ledger.clock()
            delivery = books.ledger.take(delivery_id, worker=worker, now=now)
            if delivery is None:
                return None
            ready = _readied(delivery, books, counter.adapters, now)
        if ready is None:
            return None
        delivery, adapter, outgoing = ready
        outcome = adapter.publish(outgoing)
        with turn.books() as books:
            return books.ledger.settle(delivery, outcome, now=books.ledger.clock())


def look_up(delivery_id: UUID, *, counter: Counter) -> None:
    """Ask the platform whether an unknown delivery landed, and write what it said."""
    with counter.turn() as turn:
        with turn.books() as books:
            now = books.ledger.clock()
            delivery = books.ledger.unknown(delivery_id)
            adapter = None if delivery is None else counter.adapters.get(delivery.platform)
            if delivery is None or adapter is None:
                return
            outgoing = delivery.outgoing(books.ledger.account(delivery.account_id), now=now)
        lookup = adapter.find_existing(outgoing)
        with turn.books() as books:
            found = books.ledger.unknown(delivery_id)
            if found is not None:
                seconds = adapter.capabilities.settle_seconds
                books.ledger.looked_up(found, lookup, settle_seconds=seconds, now=books.ledger.clock())


def _readied(
    delivery: Delivery, books: Books, adapters: Mapping[Platform, Adapter], now: datetime
) -> tuple[Delivery, Adapter, Outgoing] | None:
    """Check once more under the row lock; write the intent, or why it does not go."""
    adapter = adapters.get(delivery.platform)
    if adapter is None:
        reason = f"{delivery.platform.label} is not switched on here"
        books.ledger.put_back(delivery, reason=reason, until=now + LOOK_AGAIN_AFTER_WAIT, now=now)
        return None
    late = now > delivery.latest
    match Stop("It was not sent in time.") if late else books.gate.ask(delivery, now=now):
        case Wait(reason, until):
            books.ledger.put_back(
                delivery, reason=reason, until=until or now + LOOK_AGAIN_AFTER_WAIT, now=now
            )
            return None
        case Stop(reason):
            books.ledger.lapse(delivery, reason=reason, now=now)
            books.gate.stopped(delivery, reason=reason, now=now)
            return None
    account = books.ledger.account(delivery.account_id)
    outgoing = delivery.outgoing(account, now=now)
    problems = adapter.validate(outgoing)
    if problems:
        books.ledger.refuse(delivery, reason=" ".join(problems), now=now)
        return None
    prepared = delivery.prepared or adapter.prepare(outgoing)
    intended = books.ledger.intend(delivery, prepared=prepared, now=now)
    return intended, adapter, intended.outgoing(account, now=now)
