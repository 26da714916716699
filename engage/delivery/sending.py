"""Sending one delivery, and looking up one whose answer was lost: the two procedures of delivery.

What remains: a process paused between the last check and the socket, whose database connection is cut
while it sleeps. A platform that is idempotent absorbs its late request; on the others the look-up and
the platform's own duplicate check find it afterwards.
"""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from engage.delivery.ledger import Delivery, Gate, Ledger, Stop, Wait
from engage.delivery.pictures import PictureLost, pictures
from engage.delivery.ports import Absent, Adapter, CannotTell, Outgoing, Sent
from engage.delivery.rates import Rates
from engage.posts.errors import BadInput
from engage.posts.kinds import Platform
from engage.posts.states import DeliveryState

HELD_FOR = timedelta(minutes=5)
"""How long a held delivery is left alone. A lifted hold asks for approval again, so nothing waits for this."""

OFF_FOR = timedelta(minutes=1)
"""How long a delivery waits for a platform to be switched on, or for its tokens to be readable."""


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

    @property
    def rates(self) -> Rates:
        """What the platforms still take from each account."""

    def turn(self) -> AbstractContextManager[Turn]:
        """Wait for the gate to be open, and keep it open until the turn ends."""

    def books(self) -> AbstractContextManager[Books]:
        """A transaction outside any turn, kept at its end."""


@dataclass(frozen=True, slots=True)
class Ready:
    """The intent is written: the one request may be made."""

    delivery: Delivery
    adapter: Adapter
    outgoing: Outgoing


@dataclass(frozen=True, slots=True)
class Stopped:
    """It lapsed, and the post's people are still to be told why."""

    delivery: Delivery
    reason: str


def send(delivery_id: UUID, *, counter: Counter, worker: str) -> DeliveryState | None:
    """Make the one request for a delivery, if it may still go, and say where it stands now.

    None where it was not ours to send: another worker has it, or it moved on.
    """
    with counter.turn() as turn:
        with turn.books() as books:
            delivery = books.ledger.take(delivery_id, worker=worker)
            if delivery is None:
                return None
            found = _readied(delivery, books, counter)
        if isinstance(found, Ready):
            return _made(found, turn, counter.rates)
    if isinstance(found, Stopped):
        tell(found, counter)
        return DeliveryState.LAPSED
    return found


def tell(stopped: Stopped, counter: Counter) -> None:
    """Send the post back to its people, in a transaction that holds no delivery's lock.

    People who change a post lock the post first and its deliveries after it; so must this.
    """
    with counter.books() as books:
        books.gate.stopped(stopped.delivery, reason=stopped.reason, now=books.ledger.clock())


def look_up(delivery_id: UUID, *, counter: Counter) -> None:
    """Ask the platform whether an unknown delivery landed, and write what it said.

    While whoever began the request may still be about to make it, its absence says nothing.
    """
    with counter.books() as books:
        delivery = books.ledger.unknown(delivery_id)
        adapter = None if delivery is None else counter.adapters.get(delivery.platform)
        if delivery is None or adapter is None:
            return
        ended = books.ledger.sender_has_ended(delivery)
        outgoing = delivery.outgoing(books.ledger.account(delivery.account_id), now=books.ledger.clock())
    lookup = adapter.find_existing(outgoing)
    if isinstance(lookup, Absent) and not ended:
        reason = "It is not there, but the worker that began to send it has not ended yet."
        lookup = CannotTell(reason, lookup.shown)
    with counter.books() as books:
        found = books.ledger.unknown(delivery_id)
        if found is not None:
            seconds = adapter.capabilities.settle_seconds
            books.ledger.looked_up(found, lookup, settle_seconds=seconds, now=books.ledger.clock())


def _made(ready: Ready, turn: Turn, rates: Rates) -> DeliveryState:
    """The one request, and what became of it."""
    if ready.adapter.capabilities.by_hand:
        with turn.books() as books:
            reason = f"Post it on {ready.delivery.platform.label} by hand, then enter its address."
            return books.ledger.hand_over(ready.delivery, reason=reason, now=books.ledger.clock())
    outcome = ready.adapter.publish(ready.outgoing)
    if isinstance(outcome, Sent) and outcome.allowance is not None:
        rates.heard(ready.delivery.account_id, outcome.allowance)
    with turn.books() as books:
        return books.ledger.settle(ready.delivery, outcome, now=books.ledger.clock())


def _readied(delivery: Delivery, books: Books, counter: Counter) -> Ready | Stopped | DeliveryState:
    """Check once more under the row lock; write the intent, or why it does not go."""
    now = books.ledger.clock()
    match _on_its_face(delivery, now) or books.gate.ask(delivery, now=now):
        case Wait(reason, until):
            return _waits(delivery, books, reason, until or now + HELD_FOR)
        case Stop(reason):
            books.ledger.lapse(delivery, reason=reason, now=now)
            return Stopped(delivery, reason)
    adapter = counter.adapters.get(delivery.platform)
    if adapter is None:
        return _waits(delivery, books, f"{delivery.platform.label} is not switched on here", now + OFF_FOR)
    try:
        account = books.ledger.account(delivery.account_id)
        files = pictures(delivery.media, books.ledger.picture)
    except BadInput as error:
        return _waits(delivery, books, f"The account's tokens cannot be read: {error}", now + OFF_FOR)
    except PictureLost as lost:
        books.ledger.lapse(delivery, reason=str(lost), now=now)
        return Stopped(delivery, str(lost))
    outgoing = delivery.outgoing(account, now=now, pictures=files)
    return _intended(delivery, outgoing, books, adapter, counter.rates)


def _on_its_face(delivery: Delivery, now: datetime) -> Stop | Wait | None:
    """What stands against it whatever the gate says: its time, and its account."""
    if delivery.account_removed:
        return Stop(f"The account {delivery.handle} was removed.")
    if now > delivery.latest:
        return Stop("It was not sent in time.")
    if delivery.account_refused is not None:
        return Wait(delivery.account_refused, now + OFF_FOR)
    if delivery.account_paused_until is not None and delivery.account_paused_until > now:
        return Wait("The platform asked the account to wait.", delivery.account_paused_until)
    return None


def _intended(
    delivery: Delivery, outgoing: Outgoing, books: Books, adapter: Adapter, rates: Rates
) -> Ready | DeliveryState:
    """Write the intent, unless the platform would refuse what it says, or has no room for it now."""
    now = books.ledger.clock()
    problems = adapter.validate(outgoing)
    if problems:
        books.ledger.lapse(delivery, reason=f"The platform would refuse it: {' '.join(problems)}", now=now)
        return DeliveryState.LAPSED
    full_until = None if adapter.capabilities.by_hand else rates.reserve(delivery.account_id, now=now)
    if full_until is not None:
        books.ledger.pause(delivery, until=full_until)
        return _waits(delivery, books, "The account has used up what the platform takes now.", full_until)
    prepared = {**adapter.prepare(outgoing), **delivery.prepared}
    intended = books.ledger.intend(delivery, prepared=prepared, now=now)
    again = intended.outgoing(outgoing.account, now=now, pictures=outgoing.media)
    return Ready(intended, adapter, again)


def _waits(delivery: Delivery, books: Books, reason: str, until: datetime) -> DeliveryState:
    books.ledger.put_back(delivery, reason=reason, until=until, now=books.ledger.clock())
    return DeliveryState.READY
