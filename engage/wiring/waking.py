"""Sleeping until a moment, or until PostgreSQL says that something may have become due."""

import threading
from datetime import timedelta
from types import TracebackType
from typing import Self

import psycopg
from sqlalchemy import Engine

from engage.store.base import REACHED_OR_GIVEN_UP
from engage.store.delivery_tables import DUE_CHANNEL

_STEP = 0.5  # seconds between looks at the stop flag


class Waker:
    """A connection of its own that listens; where it is lost, only the clock wakes until it is back."""

    def __init__(self, engine: Engine) -> None:
        self._address = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._connection: psycopg.Connection | None = None

    def __enter__(self) -> Self:
        self._listen()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._connection is not None:
            self._connection.close()

    def wait(self, longest: timedelta, stop: threading.Event) -> None:
        """Sleep for at most `longest`, less when woken or told to stop."""
        left = longest.total_seconds()
        while left > 0 and not stop.is_set():
            step = min(left, _STEP)
            if self._heard(step, stop):
                return
            left -= step

    def _heard(self, seconds: float, stop: threading.Event) -> bool:
        try:
            if self._connection is None:
                return self._listens_again(seconds, stop)
            heard = any(True for _ in self._connection.notifies(timeout=seconds, stop_after=1))
            # Many moves are one reason to look: whatever else was said meanwhile is heard as well.
            return heard and all(True for _ in self._connection.notifies(timeout=0))
        except psycopg.OperationalError:
            self._connection = None
            stop.wait(seconds)
            return False

    def _listens_again(self, seconds: float, stop: threading.Event) -> bool:
        """A reason to look by itself: what was said meanwhile was said to nobody."""
        self._listen()
        if self._connection is None:
            stop.wait(seconds)
            return False
        return True

    def _listen(self) -> None:
        try:
            self._connection = psycopg.connect(self._address, autocommit=True, **REACHED_OR_GIVEN_UP)
            self._connection.execute(f"LISTEN {DUE_CHANNEL}")
        except psycopg.OperationalError:
            self._connection = None
