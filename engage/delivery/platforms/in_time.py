"""A request has so many seconds in all, whatever it waits for: its headers, its body, room to be written.

A socket's time-out is for one call. A server that gives a byte every few seconds is in time with each of them
and the request never ends. So whoever makes a request says how long it may take, and each connection waits no
longer than what is left of that (`engage.delivery.platforms.last_look`).
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_over_by: ContextVar[float | None] = ContextVar("over_by", default=None)


@contextmanager
def within(seconds: float) -> Iterator[float]:
    """Requests made inside end in these seconds; gives the moment (`time.monotonic`) at which they are over."""
    moment = time.monotonic() + seconds
    token = _over_by.set(moment)
    try:
        yield moment
    finally:
        _over_by.reset(token)


def patience(usual: float | None, too_late: Callable[[str], Exception] = TimeoutError) -> float | None:
    """How long one call may wait: as long as usual, or the rest of the request's time. Raises where none is left."""
    moment = _over_by.get()
    if moment is None:
        return usual
    left = moment - time.monotonic()
    if left <= 0:
        raise too_late("the answer took too long to arrive")
    return left if usual is None else min(usual, left)
