"""A request leaves within seconds of its last check, or not at all.

A worker can be paused at any line: a machine that sleeps, a process that is stopped, a disk that stalls. While
it sleeps its database connection may be cut, a hold put in force, the latest time pass. So whoever begins
to publish says until when its requests may leave, and each connection looks at the clock once more right before
it hands bytes to the system (`engage.delivery.platforms.last_look`). What is paused after that look is what
no client can prevent; it is as long as one call of the system.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta
from typing import Final

_WORDS: Final = timedelta(seconds=5)
_EACH_PICTURE: Final = timedelta(seconds=10)
HANDING_OVER: Final = timedelta(seconds=1)
"""The longest the system may still take to accept the bytes after the connection's look at the clock."""

_leave_by: ContextVar[float | None] = ContextVar("leave_by", default=None)


class PausedTooLong(Exception):
    """The request did not leave: its last check was too long ago, or its latest time has come."""


def may_take(pictures: int) -> timedelta:
    """How long after the last check the request that publishes may leave; pictures go up before it."""
    return _WORDS + pictures * _EACH_PICTURE


def clock() -> float:
    """Seconds that nobody sets, and that go on while the machine sleeps, where the system counts those."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


def wait_until(moment: float) -> None:
    """Return at this moment of `clock`, never before."""
    while (left := moment - clock()) > 0:
        time.sleep(left)


@contextmanager
def leaving_by(moment: float) -> Iterator[None]:
    """Requests made inside leave before this moment of `clock`, or raise PausedTooLong."""
    token = _leave_by.set(moment)
    try:
        yield
    finally:
        _leave_by.reset(token)


def now_or_not_at_all() -> None:
    """Called by a connection right before bytes of a request leave. Raises PausedTooLong."""
    moment = _leave_by.get()
    if moment is not None and clock() > moment:
        raise PausedTooLong("The worker was held up between its last check and the request.")
