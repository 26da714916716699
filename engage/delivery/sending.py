"""Sending one delivery, and looking up one whose answer was lost: the two procedures of delivery.

A request leaves within seconds of its last check and before the post's latest time, or not at all (see
`engage.delivery.leaving`). What remains is a pause between the connection's last look at the clock and
the call that hands over the bytes. A platform that is idempotent absorbs such a late request; on the others the look-up and the
platform's own duplicate check find it afterwards.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from queue import Empty, SimpleQueue
from threading import Event
from typing import Protocol, TypeVar
from uuid import UUID

from engage.delivery.leaving import clock, leaving_by, wait_until
from engage.delivery.ledger import Delivery
from engage.delivery.ports import Absent, Adapter, Allowance, CannotTell, Lookup, Outcome, Receipt, Sent
from engage.delivery.rates import Rates
from engage.delivery.readying import Books, Now, Ready, Stopped, readied
from engage.posts.errors import BadInput, Unavailable
from engage.posts.kinds import Platform
from engage.posts.states import DeliveryState

GATHERED_FOR = 0.1
"""Seconds an outcome may wait for others, to be kept in one transaction with them."""

S = TypeVar("S")


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


Beside = Callable[[UUID, Callable[[], None]], object]
"""Begins a call about a delivery at once, beside all others that were begun; may return before it has ended."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What became of one request; None for what a person posts by hand. `broke`: the adapter did."""

    ready: Ready
    outcome: Outcome | None
    broke: Exception | None = None

    @property
    def plain_receipt(self) -> tuple[int, Receipt] | None:
        """The receipt, with the fence it was sent under, where there is nothing else to keep."""
        match self.outcome:
            case Sent(receipt, allowance) if allowance is None or allowance.remaining > 0:
                return self.ready.delivery.fence, receipt
        return None


def send(delivery_id: UUID, *, counter: Counter, worker: str) -> DeliveryState | None:
    """Make the one request for a delivery, if it may still go, and say where it stands now.

    Waits for whoever is changing it. None where it was not ours to send: another worker has it, or it moved on.
    """
    return _turn([delivery_id], counter, worker, beside=_here, wait=True).get(delivery_id)


def send_together(
    delivery_ids: Sequence[UUID], *, counter: Counter, worker: str, beside: Beside
) -> Mapping[UUID, DeliveryState | None]:
    """Send a batch in one turn: one transaction writes all intents, then all requests are under way at once.

    Each outcome is kept as soon as it is there, with whatever others are. What somebody else was changing
    just then, or would have spoiled the transaction for all, is sent by itself afterwards. Raises what that
    raises, once everything else is done.
    """
    try:
        states = _turn(delivery_ids, counter, worker, beside=beside, wait=False)
    except Unavailable:
        raise
    except Exception:
        # What was sent, or may have been, is no longer anybody's to take: nothing goes a second time.
        _one_by_one(delivery_ids, counter, worker)
        raise
    return {**states, **_one_by_one([each for each in delivery_ids if each not in states], counter, worker)}


def _one_by_one(
    delivery_ids: Sequence[UUID], counter: Counter, worker: str
) -> Mapping[UUID, DeliveryState | None]:
    return _each(delivery_ids, partial(send, counter=counter, worker=worker))


def _each(delivery_ids: Iterable[UUID], work: Callable[[UUID], S]) -> dict[UUID, S]:
    """The work for every one; what the first that failed raised is raised once the others are done."""
    done: dict[UUID, S] = {}
    broken: list[Exception] = []
    for each in delivery_ids:
        try:
            done[each] = work(each)
        except Exception as error:  # noqa: BLE001 - the others go first
            broken.append(error)
    if broken:
        raise broken[0]
    return done


def _here(_delivery_id: UUID, call: Callable[[], None]) -> None:
    call()


def _turn(
    delivery_ids: Sequence[UUID], counter: Counter, worker: str, *, beside: Beside, wait: bool
) -> Mapping[UUID, DeliveryState]:
    """One turn at the gate: where each delivery that could be taken stands after it."""
    with counter.turn() as turn:
        with turn.books() as books:
            taken = _by_account(books.ledger.take(delivery_ids, worker=worker, wait=wait))
            books.gate.read_ahead(taken)
            before, now, after = clock(), books.ledger.clock(), clock()
            moment = Now(now, before, after)
            found = readied(taken, books, adapters=counter.adapters, rates=counter.rates, moment=moment)
        ready = [each for each in found.values() if isinstance(each, Ready)]
        settled = _made(ready, turn, counter.rates, beside)
    for each in found.values():
        if isinstance(each, Stopped):
            tell(each, counter)
    stands = {key: each for key, each in found.items() if isinstance(each, DeliveryState)}
    lapsed = {key: DeliveryState.LAPSED for key, each in found.items() if isinstance(each, Stopped)}
    return {**stands, **lapsed, **settled}


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
        if delivery is None:
            return
        ended = books.ledger.sender_has_ended(delivery)
        adapter = counter.adapters.get(delivery.platform)
        asked = _question(delivery, adapter, books)
    lookup = asked if isinstance(asked, CannotTell) else asked()
    if isinstance(lookup, Absent) and not ended:
        reason = "It is not there, but the worker that began to send it has not ended yet."
        lookup = CannotTell(reason, lookup.shown)
    with counter.books() as books:
        found = books.ledger.unknown(delivery_id)
        if found is not None:
            seconds = adapter.capabilities.settle_seconds if adapter else 0
            books.ledger.looked_up(found, lookup, settle_seconds=seconds, now=books.ledger.clock())


def _question(delivery: Delivery, adapter: Adapter | None, books: Books) -> Callable[[], Lookup] | CannotTell:
    """What is asked of the platform. Where it cannot be asked that is the answer, so that a person hears in the end."""
    try:
        account = books.ledger.account(delivery.account_id)
    except BadInput as error:
        return CannotTell(f"The account's tokens cannot be read: {error}")
    if account.out_of_reach:
        return CannotTell(f"{account.out_of_reach} Look there yourself whether the post is public.")
    if adapter is None:
        return CannotTell(f"{delivery.platform.label} is not switched on here.")
    return partial(adapter.find_existing, delivery.outgoing(account, now=books.ledger.clock()))


def _made(ready: Sequence[Ready], turn: Turn, rates: Rates, beside: Beside) -> Mapping[UUID, DeliveryState]:
    """Make every request, and keep what becomes of each.

    Returns, or raises, only once the last request has ended: the gate must not close before, whatever happens.
    """
    ended: SimpleQueue[Answered] = SimpleQueue()
    under_way = [_begun(each, beside, ended) for each in ready]
    states: dict[UUID, DeliveryState] = {}
    unkept: list[Answered] = []
    broken: list[Exception] = []
    try:
        left = len(ready)
        while left:
            answered = _all_that_ended(ended, left)
            left -= len(answered)
            broken += [each.broke for each in answered if each.broke]
            unkept += [each for each in answered if each.broke is None]
            try:
                rates.all_heard(list(_allowances(answered)))
                states |= _settled(unkept, turn, wait=not left)
            except Exception as error:  # noqa: BLE001 - what it is about becomes unknown and is looked up
                broken.append(error)
                unkept = []
            unkept = [each for each in unkept if each.ready.delivery.id not in states]
    finally:
        for each in under_way:
            each.wait()
    if broken:
        raise broken[0]
    return states


def _begun(ready: Ready, beside: Beside, ended: "SimpleQueue[Answered]") -> Event:
    """Begin the one request; the event says that it is no longer under way."""
    over = Event()
    try:
        beside(ready.delivery.id, partial(_request, ready, ended, over))
    except Exception as error:  # noqa: BLE001 - never begun; those that were must be waited for
        ended.put(Answered(ready, None, error))
        over.set()
    return over


def _request(ready: Ready, ended: "SimpleQueue[Answered]", over: Event) -> None:
    try:
        wait_until(ready.leave_at)
        with leaving_by(ready.leave_by):
            outcome = None if ready.adapter.capabilities.by_hand else ready.adapter.publish(ready.outgoing)
        ended.put(Answered(ready, outcome))
    except Exception as error:  # noqa: BLE001 - an adapter never raises; were it to, nobody must wait for it
        ended.put(Answered(ready, None, error))
    finally:
        over.set()


def _allowances(answered: Iterable[Answered]) -> Iterator[tuple[str, Allowance]]:
    """What the platforms say is left to the accounts, where they do."""
    for each in answered:
        if isinstance(each.outcome, Sent) and each.outcome.allowance is not None:
            yield each.ready.delivery.account_id, each.outcome.allowance


def _all_that_ended(ended: "SimpleQueue[Answered]", left: int) -> list[Answered]:
    """At least one, and those of the others that end within a moment: they are kept together."""
    answered = [ended.get()]
    until = clock() + GATHERED_FOR
    while len(answered) < left:
        try:
            answered.append(ended.get(timeout=max(until - clock(), 0)))
        except Empty:
            break
    return answered


def _settled(answered: Sequence[Answered], turn: Turn, *, wait: bool) -> Mapping[UUID, DeliveryState]:
    """Keep these outcomes together; those that one of them spoils, each by itself.

    What somebody has locked is waited for only where told to: others may still end, and must not wait for it.
    """
    by_id = {each.ready.delivery.id: each for each in answered}
    try:
        states = _settled_together(by_id, turn)
    except Unavailable:
        raise
    except Exception:  # noqa: BLE001 - whichever it is raises it again, by itself
        states, wait = {}, True
    if not wait:
        return states

    def by_itself(delivery_id: UUID) -> DeliveryState:
        with turn.books() as books:
            return _settle(by_id[delivery_id], books, books.ledger.clock())

    return {**states, **_each([key for key in by_id if key not in states], by_itself)}


def _settled_together(by_id: Mapping[UUID, Answered], turn: Turn) -> dict[UUID, DeliveryState]:
    """Keep the outcomes of all that nobody else has locked."""
    receipts = {key: each.plain_receipt for key, each in by_id.items()}
    with turn.books() as books:
        written = books.ledger.received({key: each for key, each in receipts.items() if each is not None})
        sent = dict.fromkeys(written, DeliveryState.SENT)
        others = [each.ready.delivery for key, each in by_id.items() if key not in sent]
        if not others:
            return sent
        now = books.ledger.clock()
        free = _by_account(books.ledger.hold(others))
        return sent | {each.id: _settle(by_id[each.id], books, now) for each in free}


def _by_account(deliveries: Iterable[Delivery]) -> list[Delivery]:
    """In an order that all workers share: some lock accounts on the way, and none must wait in a circle."""
    return sorted(deliveries, key=lambda each: each.account_id)


def _settle(answered: Answered, books: Books, now: datetime) -> DeliveryState:
    delivery = answered.ready.delivery
    if answered.outcome is None:
        reason = f"Post it on {delivery.platform.label} by hand, then enter its address."
        return books.ledger.hand_over(delivery, reason=reason, now=now)
    return books.ledger.settle(delivery, answered.outcome, now=now)
