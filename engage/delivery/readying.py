"""The last look at a delivery before its request, under its row's lock: the intent is written, or why it does not go."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from engage.delivery.leaving import may_take
from engage.delivery.ledger import Delivery, Gate, Go, Intent, Ledger, Stop, Wait
from engage.delivery.pictures import PictureLost, pictures
from engage.delivery.ports import Adapter, Outgoing
from engage.delivery.rates import Rates
from engage.posts.clock import show
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


@dataclass(frozen=True, slots=True)
class Ready:
    """The intent is written: the one request may be made, from `leave_at` to `leave_by` on the clock of `leaving`."""

    delivery: Delivery
    adapter: Adapter
    outgoing: Outgoing
    leave_at: float
    leave_by: float


@dataclass(frozen=True, slots=True)
class Now:
    """One moment: the database's time (UTC), and what the clock of `leaving` said right before and right after."""

    time: datetime
    before: float
    after: float

    def earliest(self, moment: datetime) -> float:
        """The earliest that clock can show when the database says this."""
        return self.before + (moment - self.time).total_seconds()

    def latest(self, moment: datetime) -> float:
        """The latest that clock can show when the database says this."""
        return self.after + (moment - self.time).total_seconds()


@dataclass(frozen=True, slots=True)
class Stopped:
    """It lapsed, and the post's people are still to be told why."""

    delivery: Delivery
    reason: str


@dataclass(frozen=True, slots=True)
class _Fit:
    """Nothing stands against it but, perhaps, the platform's window."""

    intent: Intent
    adapter: Adapter
    outgoing: Outgoing


def readied(
    taken: Sequence[Delivery],
    books: Books,
    *,
    adapters: Mapping[Platform, Adapter],
    rates: Rates,
    moment: Now,
) -> Mapping[UUID, Ready | Stopped | DeliveryState]:
    """Check each once more under its row's lock; write the intents together, or why one does not go.

    What is not due for a moment yet is checked as of the time it leaves at.
    """
    found: dict[UUID, Ready | Stopped | DeliveryState] = {}
    for these in _in_turn(taken):
        checked = {each.id: _checked(each, books, adapters, moment.time) for each in these}
        found |= {key: each for key, each in checked.items() if not isinstance(each, _Fit)}
        fit = [each for each in checked.values() if isinstance(each, _Fit)]
        found |= _intended(fit, books, rates=rates, moment=moment)
    return found


def _in_turn(taken: Sequence[Delivery]) -> Iterable[Sequence[Delivery]]:
    """Those of one account one after the other: its budget counts the intent before."""
    turns: list[list[Delivery]] = []
    had: Counter[str] = Counter()
    for each in taken:
        turn = had[each.account_id]
        if turn == len(turns):
            turns.append([])
        turns[turn].append(each)
        had[each.account_id] += 1
    return turns


def _checked(
    delivery: Delivery, books: Books, adapters: Mapping[Platform, Adapter], now: datetime
) -> _Fit | Stopped | DeliveryState:
    leaves = max(now, delivery.leaves_at)
    match on_its_face(delivery, leaves) or books.gate.ask(delivery, now=leaves):
        case Wait(reason, until):
            return _waits(delivery, books, reason, until or now + HELD_FOR, now)
        case Stop(reason):
            books.ledger.lapse(delivery, reason=reason, now=now)
            return Stopped(delivery, reason)
        case Go(price_mills):
            return _fit(delivery, price_mills, books, adapters, now)


def _fit(
    delivery: Delivery,
    price_mills: int | None,
    books: Books,
    adapters: Mapping[Platform, Adapter],
    now: datetime,
) -> _Fit | Stopped | DeliveryState:
    adapter = adapters.get(delivery.platform)
    if adapter is None:
        return _waits(
            delivery, books, f"{delivery.platform.label} is not switched on here", now + OFF_FOR, now
        )
    try:
        account = books.ledger.account(delivery.account_id)
        files = pictures(delivery.media, books.ledger.picture)
    except BadInput as error:
        return _waits(delivery, books, f"The account's tokens cannot be read: {error}", now + OFF_FOR, now)
    except PictureLost as lost:
        books.ledger.lapse(delivery, reason=str(lost), now=now)
        return Stopped(delivery, str(lost))
    outgoing = delivery.outgoing(account, now=now, pictures=files)
    problems = adapter.validate(outgoing)
    if problems:
        books.ledger.lapse(delivery, reason=f"The platform would refuse it: {' '.join(problems)}", now=now)
        return DeliveryState.LAPSED
    prepared = {**adapter.prepare(outgoing), **delivery.prepared}
    return _Fit(Intent(delivery, prepared, price_mills), adapter, outgoing)


def on_its_face(delivery: Delivery, now: datetime) -> Stop | Wait | None:
    """What stands against it whatever the gate says: its time, its account, and what it goes on from."""
    if over := _over(delivery, now):
        return Stop(over)
    if delivery.account_refused is not None:
        return Wait(delivery.account_refused, now + OFF_FOR)
    if delivery.account_paused_until is not None and delivery.account_paused_until > now:
        return Wait("The platform asked the account to wait.", delivery.account_paused_until)
    return None


def _over(delivery: Delivery, now: datetime) -> str:
    """Why it will not go as it is, however long it waits; empty where it may."""
    if delivery.account_removed:
        return f"The account {delivery.handle} was removed."
    if delivery.kept_back is not None:
        return f"It has to be approved again: {delivery.kept_back}."
    if now > delivery.latest:
        return f"Its latest time, {show(delivery.latest)}, has passed."
    if delivery.part > 0 and delivery.reply_to is None:
        return "The part before it is public, but its link does not say which post this one has to follow."
    return ""


def _intended(
    fit: Sequence[_Fit], books: Books, *, rates: Rates, moment: Now
) -> Mapping[UUID, Ready | DeliveryState]:
    """Write the intents of those that the platforms have room for now."""
    now = moment.time
    full = _full(fit, rates, now)
    found: dict[UUID, Ready | DeliveryState] = {}
    goes = []
    for each in fit:
        delivery = each.intent.delivery
        if delivery.id not in full:
            goes.append(each)
            continue
        until = full[delivery.id]
        books.ledger.pause(delivery, until=until)
        reason = "The account has used up what the platform takes now."
        found[delivery.id] = _waits(delivery, books, reason, until, now)
    intended = books.ledger.intend([each.intent for each in goes], now=now)
    for each, delivery in zip(goes, intended, strict=True):
        found[delivery.id] = _ready(delivery, each, moment)
    return found


def _full(fit: Sequence[_Fit], rates: Rates, now: datetime) -> Mapping[UUID, datetime]:
    """Until when the platforms have no room, for those it has none for; the others are counted."""
    counted = [each.intent.delivery for each in fit if not each.adapter.capabilities.by_hand]
    waits = rates.reserve([each.account_id for each in counted], now=now)
    return {each.id: until for each, until in zip(counted, waits, strict=True) if until is not None}


def _ready(delivery: Delivery, fit: _Fit, moment: Now) -> Ready:
    now, asked = moment.time, fit.outgoing
    outgoing = delivery.outgoing(asked.account, now=now, pictures=asked.media)
    leave_by = moment.earliest(min(now + may_take(len(outgoing.media)), delivery.latest))
    return Ready(delivery, fit.adapter, outgoing, moment.latest(delivery.leaves_at), leave_by)


def _waits(delivery: Delivery, books: Books, reason: str, until: datetime, now: datetime) -> DeliveryState:
    books.ledger.put_back(delivery, reason=reason, until=until, now=now)
    return DeliveryState.READY
