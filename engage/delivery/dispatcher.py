"""The dispatcher: sleeps until something is due, claims it in batches, and wakes the workers.

Any number may run against one database. What is lost on the way to a worker comes back when its lease
runs out, so the broker may lose everything it has.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol
from uuid import UUID

from engage.delivery.ledger import Delivery
from engage.delivery.sending import Books

BATCH = 50
LONGEST_SLEEP = timedelta(seconds=30)


class Desk(Protocol):
    """What a dispatcher works with."""

    def books(self) -> AbstractContextManager[Books]:
        """A transaction, kept at its end."""


@dataclass(frozen=True, slots=True)
class Round:
    """What one round found: ids for the workers, and how long to sleep unless woken."""

    to_send: Sequence[UUID]
    to_look_up: Sequence[UUID]
    sleep: timedelta


def go_round(
    desk: Desk, *, by: str, send: Callable[[Sequence[UUID]], None], look_up: Callable[[Sequence[UUID]], None]
) -> Round:
    """One round: expire leases, lapse what is too late, claim what is due, wake the workers.

    The claim is committed before the workers are woken. Where waking them fails, what was claimed is given
    back at once; where this process is lost in between, its lease runs out.
    """
    with desk.books() as books:
        now = books.ledger.clock()
        books.ledger.expire(now=now)
        late = books.ledger.overdue(now=now)
        to_send = books.ledger.claim(BATCH, by=by, now=now)
        to_look_up = books.ledger.to_look_up(BATCH, now=now)
        due = books.ledger.next_due(now=now)
    for each in late:
        _tell(each, desk)
    _wake(desk, to_send, by=by, send=send)
    if to_look_up:
        look_up(to_look_up)
    sleep = LONGEST_SLEEP if due is None else min(max(due - now, timedelta(0)), LONGEST_SLEEP)
    return Round(to_send, to_look_up, timedelta(0) if len(to_send) == BATCH else sleep)


def _wake(desk: Desk, ids: Sequence[UUID], *, by: str, send: Callable[[Sequence[UUID]], None]) -> None:
    if not ids:
        return
    try:
        send(ids)
    except Exception:
        with desk.books() as books:
            books.ledger.give_back(ids, by=by, now=books.ledger.clock())
        raise


def _tell(late: Delivery, desk: Desk) -> None:
    """In a transaction that holds no delivery's lock, as people lock the post first."""
    with desk.books() as books:
        books.gate.stopped(late, reason=late.reason or "too late", now=books.ledger.clock())
