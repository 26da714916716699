"""A real Celery worker that breaks once, at a named step of one delivery: `celery -A tests.faults.breaking_worker worker`.

BREAK_AT names the step, BREAK_WITH the signal the process sends itself, BREAK_ONCE a file that appears
with its process id when it does. A worker that finds the file goes on unbroken.
"""

import os
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from celery import signals

from engage.delivery.ports import Adapter, Outcome, Outgoing
from engage.delivery.readying import Books
from engage.delivery.sending import Turn
from engage.posts.kinds import Platform
from engage.tasks import app
from engage.wiring import open_engage
from engage.wiring.counter import SendingCounter

__all__ = ["app"]

STEPS = ("before claim", "after claim", "before the call", "after accept", "before commit")


def step(name: str) -> None:
    """Break here, if this is the step and nobody broke before."""
    if name != os.environ["BREAK_AT"]:
        return
    try:
        with Path(os.environ["BREAK_ONCE"]).open("x") as file:
            file.write(str(os.getpid()))
    except FileExistsError:
        return
    os.kill(os.getpid(), signal.Signals[os.environ["BREAK_WITH"]])


class BreakingAdapter:
    """An adapter around another, with steps before and after its request."""

    def __init__(self, inner: Adapter) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def validate(self, outgoing: Outgoing) -> list[str]:
        """Asked after the claim, in the transaction that writes the intent."""
        step("after claim")
        return self._inner.validate(outgoing)

    def publish(self, outgoing: Outgoing) -> Outcome:
        """The intent is kept; the request is made; its answer is here."""
        step("before the call")
        outcome = self._inner.publish(outgoing)
        step("after accept")
        return outcome


class BreakingTurn:
    """A turn whose second transaction, the one with the outcome, breaks before it is kept."""

    def __init__(self, inner: Turn) -> None:
        self._inner = inner
        self._transactions = 0

    @contextmanager
    def books(self) -> Iterator[Books]:
        """A transaction."""
        self._transactions += 1
        with self._inner.books() as books:
            yield books
            if self._transactions == 2:
                step("before commit")


class BreakingCounter:
    """The worker's counter, with its steps."""

    def __init__(self, inner: SendingCounter) -> None:
        self._inner = inner
        self.adapters: Mapping[Platform, Any] = {
            name: BreakingAdapter(adapter) for name, adapter in inner.adapters.items()
        }

    @contextmanager
    def turn(self) -> Iterator[BreakingTurn]:
        """A turn."""
        step("before claim")
        with self._inner.turn() as turn:
            yield BreakingTurn(turn)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


@signals.worker_process_init.connect
def _break_here(**_: object) -> None:
    """In the child, so that no database connection crosses the fork."""
    engage = open_engage()
    engage.__dict__["counter"] = BreakingCounter(engage.counter)
