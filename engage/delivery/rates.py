"""How many more posts each platform takes from each account, as its own headers say, before it says no.

Every post is counted against the window before its request is made, so that many workers together
stay within it; what the headers say afterwards corrects the count downwards. When a window is over and
nobody knows the next one's end, it is counted from its full size until the first answer. Where all of it was
given out and no answer came, one post at a time goes to ask.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from typing import Protocol

from engage.delivery.ports import Allowance

TOLERANCE = timedelta(seconds=5)
"""Ends of windows this close are the same window's: instances state them by their own clocks."""

ASK_AGAIN = timedelta(seconds=5)
"""How long to wait for the first answer of a new window once all of it is reserved, and then between two that ask."""


class Rates(Protocol):
    """The windows, shared by everyone who sends."""

    def reserve(self, account_ids: Sequence[str], *, now: datetime) -> Sequence[datetime | None]:
        """Count one post for each of these, in order. None: it may go. A time (UTC): there is none left before it."""

    def heard(self, account_id: str, allowance: Allowance) -> None:
        """What the platform's headers said."""

    def all_heard(self, said: Sequence[tuple[str, Allowance]]) -> None:
        """The same of many answers, by account, oldest first."""

    def standing(self, account_ids: Iterable[str]) -> Mapping[str, Allowance]:
        """What is left to each account of which anything is known."""


@dataclass(slots=True)
class _Window:
    limit: int
    left: int
    resets_at: datetime
    over: bool = False
    asks_at: datetime | None = None

    def reserve(self, now: datetime) -> datetime | None:
        """None where one is left, which is taken; else when to come again."""
        if not self.over and now >= self.resets_at:
            self.left, self.over = self.limit, True
        if self.left <= 0:
            return self.ask(now) if self.over else self.resets_at
        self.left -= 1
        return None

    def ask(self, now: datetime) -> datetime | None:
        """None where one may go, to hear what the new window has; else when the next may."""
        may_ask = self.asks_at is not None and now >= self.asks_at
        if may_ask or self.asks_at is None:
            self.asks_at = now + ASK_AGAIN
        return None if may_ask else self.asks_at


@dataclass(slots=True)
class RatesHere:
    """The windows as one process knows them: for tests, and while the shared ones are away."""

    _windows: dict[str, _Window] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def reserve(self, account_ids: Sequence[str], *, now: datetime) -> Sequence[datetime | None]:
        """Count one post for each."""
        with self._lock:
            windows = [self._windows.get(each) for each in account_ids]
            return [None if each is None else each.reserve(now) for each in windows]

    def heard(self, account_id: str, allowance: Allowance) -> None:
        """What the platform's headers said; of an earlier window than the known one, nothing."""
        with self._lock:
            left, known = allowance.remaining, self._windows.get(account_id)
            if known is not None:
                if not known.over and allowance.resets_at < known.resets_at - TOLERANCE:
                    return
                if known.over and allowance.resets_at <= known.resets_at + TOLERANCE:
                    return
                if known.over or allowance.resets_at <= known.resets_at + TOLERANCE:
                    left = min(left, known.left)
            self._windows[account_id] = _Window(allowance.limit, left, allowance.resets_at)

    def all_heard(self, said: Sequence[tuple[str, Allowance]]) -> None:
        """What the headers of many answers said."""
        for account_id, allowance in said:
            self.heard(account_id, allowance)

    def standing(self, account_ids: Iterable[str]) -> Mapping[str, Allowance]:
        """What is left to each account of which anything is known."""
        with self._lock:
            known = {each: self._windows[each] for each in account_ids if each in self._windows}
            return {each: Allowance(w.limit, w.left, w.resets_at) for each, w in known.items()}
