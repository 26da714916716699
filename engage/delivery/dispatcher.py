"""The dispatcher: sleeps until something is due, claims it in batches, and wakes the workers.

Any number may run against one database. What is lost on the way to a worker comes back when its lease
runs out, so the broker may lose everything it has.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from engage.delivery.leaving import clock
from engage.delivery.ledger import Delivery
from engage.delivery.readying import Books as SendingBooks
from engage.delivery.takedown import TakedownBook

AT_ONCE = 100
"""Claimed in one round."""

BATCH = 25
"""Handed to one worker at once: as many requests as one process has under way."""

LONGEST_SLEEP = timedelta(seconds=30)


Wake = Callable[[Sequence[UUID]], None]
"""Hands ids to a worker; raises where none can be reached."""


class Books(SendingBooks, Protocol):
    """The ledger, the gate and the take-downs over one transaction."""

    @property
    def takedowns(self) -> TakedownBook:
        """What is to be taken down."""


class Desk(Protocol):
    """What a dispatcher works with."""

    def books(self) -> AbstractContextManager[Books]:
        """A transaction, kept at its end."""


@dataclass(frozen=True, slots=True)
class Round:
    """What one round found: ids for the workers, and how long to sleep unless woken."""

    to_send: Sequence[UUID]
    to_look_up: Sequence[UUID]
    to_take_down: Sequence[UUID]
    sleep: timedelta


def go_round(desk: Desk, *, by: str, send: Wake, look_up: Wake, take_down: Wake) -> Round:
    """One round: claim what is due and wake the workers; then give back, lapse, look ahead.

    What is to be taken down goes first: it is public, and somebody wants it gone. Whatever can wait does, until
    the workers are woken: a post is to leave at its time.

    The claim is committed before the workers are woken. Where waking them fails, what was claimed is given
    back at once; where this process is lost in between, its lease runs out.
    """
    with desk.books() as books:
        here, now = clock(), books.ledger.clock()
        to_take_down = books.takedowns.to_take_down(AT_ONCE, now=now)
        to_send = books.ledger.claim(AT_ONCE, by=by, now=now)
    try:
        for batch in _batches(to_take_down):
            take_down(batch)
    finally:
        _wake(desk, to_send, by=by, send=send)
    with desk.books() as books:  # as of the claim: what has become due since is next, and not forgotten
        back = books.ledger.expire(now=now)
        late = books.ledger.overdue(now=now)
        to_look_up = books.ledger.to_look_up(AT_ONCE, now=now)
        due = _sooner(books.ledger.next_due(now=now), books.takedowns.next_due(now=now))
    for each in late:
        _tell(each, desk)
    for batch in _batches(to_look_up):
        look_up(batch)
    more = back or AT_ONCE in {len(to_send), len(to_take_down)}
    sleep = timedelta(0) if more else _until(due, now + timedelta(seconds=clock() - here))
    return Round(to_send, to_look_up, to_take_down, sleep)


def _until(due: datetime | None, now: datetime) -> timedelta:
    return LONGEST_SLEEP if due is None else min(max(due - now, timedelta(0)), LONGEST_SLEEP)


def _sooner(*moments: datetime | None) -> datetime | None:
    return min((each for each in moments if each is not None), default=None)


def _wake(desk: Desk, ids: Sequence[UUID], *, by: str, send: Wake) -> None:
    for place, batch in enumerate(_batches(ids)):
        try:
            send(batch)
        except Exception:
            with desk.books() as books:
                books.ledger.give_back(ids[place * BATCH :], by=by, now=books.ledger.clock())
            raise


def _batches(ids: Sequence[UUID]) -> Iterator[Sequence[UUID]]:
    return (ids[begin : begin + BATCH] for begin in range(0, len(ids), BATCH))


def _tell(late: Delivery, desk: Desk) -> None:
    """In a transaction that holds no delivery's lock, as people lock the post first."""
    with desk.books() as books:
        books.gate.stopped(late, reason=late.reason or "too late", now=books.ledger.clock())
