"""The named steps of one delivery, as wrappers around a worker's counter that call back at each of them."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from engage.delivery.ports import Adapter, Outcome, Outgoing
from engage.delivery.readying import Books
from engage.delivery.sending import Turn
from engage.posts.kinds import Platform
from engage.wiring.counter import SendingCounter

STEPS = ("before claim", "after claim", "before the call", "after accept", "before commit")
Step = Callable[[str], None]
"""Told the name of the step that is reached."""


class SteppingAdapter:
    """An adapter around another, with steps before and after its request."""

    def __init__(self, inner: Adapter, step: Step) -> None:
        self._inner, self._step = inner, step

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def validate(self, outgoing: Outgoing) -> list[str]:
        """Asked after the claim, in the transaction that writes the intent."""
        self._step("after claim")
        return self._inner.validate(outgoing)

    def publish(self, outgoing: Outgoing) -> Outcome:
        """The intent is kept; the request is made; its answer is here."""
        self._step("before the call")
        outcome = self._inner.publish(outgoing)
        self._step("after accept")
        return outcome


class SteppingTurn:
    """A turn whose second transaction, the one with the outcome, has a step before it is kept."""

    def __init__(self, inner: Turn, step: Step) -> None:
        self._inner, self._step = inner, step
        self._transactions = 0

    @contextmanager
    def books(self) -> Iterator[Books]:
        """A transaction."""
        self._transactions += 1
        with self._inner.books() as books:
            yield books
            if self._transactions == 2:
                self._step("before commit")


class SteppingCounter:
    """A worker's counter, with its steps."""

    def __init__(self, inner: SendingCounter, step: Step) -> None:
        self._inner, self._step = inner, step
        self.adapters: Mapping[Platform, Any] = {
            name: SteppingAdapter(adapter, step) for name, adapter in inner.adapters.items()
        }

    @contextmanager
    def turn(self) -> Iterator[SteppingTurn]:
        """A turn."""
        self._step("before claim")
        with self._inner.turn() as turn:
            yield SteppingTurn(turn, self._step)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)
