"""Orders to break at a named step, left in a folder: the first process that reaches the step takes one.

An order is a file `NUMBER~SIGNAL~STEP` in `orders`; whoever takes it moves it to `taken` with its process
id behind it, and then sends itself the signal.
"""

import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

FOLDER = "CHAOS_FOLDER"
NAME = "CHAOS_NAME"


class Orders:
    """The orders of one trial, and the process ids of those who may take them."""

    def __init__(self, folder: Path) -> None:
        self._orders, self._taken, self._there = (folder / each for each in ("orders", "taken", "there"))
        for each in (self._orders, self._taken, self._there):
            each.mkdir(parents=True, exist_ok=True)

    def give(self, number: int, step: str, how: signal.Signals) -> None:
        """Have the next process at this step break with this signal."""
        (self._orders / f"{number:05}~{how.name}~{step}").touch()

    def reached(self, step: str) -> None:
        """Called by a process that is at a step: take the oldest order for it, if there is one, and obey."""
        for name in sorted(each.name for each in self._orders.iterdir()):
            number, how, at = name.split("~")
            if at != step:
                continue
            try:
                (self._orders / name).rename(self._taken / f"{number}~{os.getpid()}")
            except FileNotFoundError:
                continue  # another process was quicker
            # To this thread, which so goes not one line further: sent to the process, any may take it, later.
            signal.pthread_kill(threading.get_ident(), signal.Signals[how])
            return

    def taken(self) -> Iterator[tuple[int, int]]:
        """The number and process id of every order taken since the last time this was asked."""
        for name in sorted(each.name for each in self._taken.iterdir()):
            number, _, process = name.partition("~")
            (self._taken / name).unlink()
            yield int(number), int(process)

    def open(self) -> int:
        """How many orders nobody has taken."""
        return sum(1 for _ in self._orders.iterdir())

    def arrive(self, name: str) -> None:
        """Called by a process that works for the worker of this name."""
        (self._there / f"{name}~{os.getpid()}").touch()

    def those_of(self, name: str) -> list[int]:
        """The processes that work for a worker and are alive, by their ids."""
        found = []
        for file in sorted(self._there.glob(f"{name}~*")):
            process = int(file.name.partition("~")[2])
            if _is_alive(process):
                found.append(process)
            else:
                file.unlink(missing_ok=True)
        return found


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True
