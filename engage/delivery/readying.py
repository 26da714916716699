"""The last look at a delivery before its request, under its row's lock: the intent is written, or why it does not go."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from engage.delivery.leaving import may_take
from engage.delivery.ledger import Delivery, Gate, Ledger, Stop, Wait
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


def readied(
    delivery: Delivery,
    books: Books,
    *,
    adapters: Mapping[Platform, Adapter],
    rates: Rates,
    moment: Now,
) -> Ready | Stopped | DeliveryState:
    """Check once more under the row lock; write the intent, or why it does not go.

    What is not due for a moment yet is checked as of the time it leaves at.
    """
    now, leaves = moment.time, max(moment.time, delivery.leaves_at)
    match on_its_face(delivery, leaves) or books.gate.ask(delivery, now=leaves):
        case Wait(reason, until):
            return _waits(delivery, books, reason, until or now + HELD_FOR, now)
        case Stop(reason):
            books.ledger.lapse(delivery, reason=reason, now=now)
            return Stopped(delivery, reason)
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
    return _intended(delivery, outgoing, books, adapter, rates=rates, moment=moment)


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
    delivery: Delivery,
    outgoing: Outgoing,
    books: Books,
    adapter: Adapter,
    *,
    rates: Rates,
    moment: Now,
) -> Ready | DeliveryState:
    """Write the intent, unless the platform would refuse what it says, or has no room for it now."""
    now = moment.time
    problems = adapter.validate(outgoing)
    if problems:
        books.ledger.lapse(delivery, reason=f"The platform would refuse it: {' '.join(problems)}", now=now)
        return DeliveryState.LAPSED
    full_until = None if adapter.capabilities.by_hand else rates.reserve(delivery.account_id, now=now)
    if full_until is not None:
        books.ledger.pause(delivery, until=full_until)
        return _waits(
            delivery, books, "The account has used up what the platform takes now.", full_until, now
        )
    prepared = {**adapter.prepare(outgoing), **delivery.prepared}
    intended = books.ledger.intend(delivery, prepared=prepared, now=now)
    again = intended.outgoing(outgoing.account, now=now, pictures=outgoing.media)
    leave_by = moment.earliest(min(now + may_take(len(again.media)), delivery.latest))
    return Ready(intended, adapter, again, moment.latest(delivery.leaves_at), leave_by)


def _waits(delivery: Delivery, books: Books, reason: str, until: datetime, now: datetime) -> DeliveryState:
    books.ledger.put_back(delivery, reason=reason, until=until, now=now)
    return DeliveryState.READY
