"""The rival under trial: the same posts, the same people, its own one table."""

import random
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from math import inf
from typing import Any, Final, TypeVar

import psycopg

from benchmarks._chaos.count import Forbidden, Said, Wrong
from benchmarks._chaos.plan import Fate, Plan, Planned, PlannedHold
from benchmarks._chaos.rig import Command
from benchmarks._chaos.rival import TABLES

T = TypeVar("T")
_SAID: Final[Mapping[str, Said]] = {
    "sent": Said.PUBLIC,
    "gone": Said.GONE,
    "approved": Said.OPEN,
    "queued": Said.OPEN,
}
"""What its states say; in any other a post is with its people."""


_INSERT: Final = """
INSERT INTO post (id, platform, handle, borough, words, due, latest, state)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING
"""
_OPEN: Final = "SELECT count(*) FROM post WHERE state IN ('approved', 'queued')"
_CHANGE: Final = "UPDATE post SET state = 'changed' WHERE id = %s AND state IN ('approved', 'queued', 'held')"


class RivalTrial:
    """A lease and a retry: its schedulers, its Celery workers, its table."""

    name: Final = "lease and retry"
    dispatcher: Final[Command] = ("benchmarks._chaos.rival",)
    worker: Final[Command] = (
        "celery", "-A", "benchmarks._chaos.rival", "worker", "--concurrency", "4", "--loglevel", "INFO",
        "--without-gossip", "--without-mingle",
    )  # fmt: skip

    def __init__(self, plan: Plan) -> None:
        self.env: Mapping[str, str] = {}
        self.forbidden: list[Forbidden] = []
        self._plan = plan

    def open(self, database_url: str) -> None:
        """Make its tables."""
        self._url = database_url
        self._insist(lambda connection: connection.execute(TABLES))

    def close(self) -> None:
        """Nothing stays open."""

    def write(self, message: Sequence[Planned], *, due: float) -> None:
        """A row for each post, approved unless it is never to be."""
        due_at = datetime.fromtimestamp(due, tz=UTC)
        first = message[0]
        never = first.fate is Fate.NEVER
        latest = due_at + (timedelta(days=7) if first.lives is None else timedelta(seconds=first.lives))
        for each in message:
            self._forbid(each, -inf, inf if never else due, Wrong.UNAPPROVED if never else Wrong.EARLY)
            if each.lives is not None:
                self._forbid(each, latest.timestamp(), inf, Wrong.LATE)
        rows = [
            (each.number, each.platform.value, each.account, each.borough, each.words, due_at, latest,
             "draft" if never else "approved")
            for each in message
        ]  # fmt: skip
        self._insist(lambda connection: connection.cursor().executemany(_INSERT, rows))

    def change(self, message: Sequence[Planned]) -> None:
        """Take its approval away where it is not marked as sent; it has no take-down."""
        if message[0].fate is Fate.TAKEN_DOWN:
            return
        for each in message:
            number = each.number
            done = self._insist(
                lambda connection, number=number: connection.execute(_CHANGE, (number,)).rowcount
            )
            if done:
                self._forbid(each, time.time(), inf, Wrong.UNAPPROVED)

    def hold(self, hold: PlannedHold) -> None:
        """Hold, wait, lift; approve three in four of what was held, and leave the others with their people."""
        number = self._insist(lambda connection: self._held(connection, hold))
        in_force = time.time()
        time.sleep(hold.lasts)
        lifted = time.time()
        for each in self._plan.posts:
            if hold.stops(each):
                self._forbid(each, in_force, lifted, Wrong.HELD)
        self._insist(
            lambda connection: connection.execute("UPDATE hold SET lifted = true WHERE id = %s", (number,))
        )
        self._insist(
            lambda connection: connection.execute(
                "UPDATE post SET state = 'approved' WHERE state = 'held' AND id % 4 <> 0"
            )
        )

    def overdue(self) -> int:
        """How many rows are due and approved or queued; 0 while the database is away."""
        try:
            with psycopg.connect(self._url) as connection:
                row = connection.execute(f"{_OPEN} AND due <= now()").fetchone()
                return int(row[0]) if row else 0
        except psycopg.OperationalError:
            return 0

    def unfinished(self) -> int:
        """How many are approved or queued."""
        row = self._insist(lambda connection: connection.execute(_OPEN).fetchone())
        return int(row[0]) if row else 0

    def said(self) -> Mapping[int, Said]:
        """What its table says of every post."""
        rows = self._insist(lambda connection: connection.execute("SELECT id, state FROM post").fetchall())
        return {number: _SAID.get(state, Said.PEOPLE) for number, state in rows}

    def _held(self, connection: psycopg.Connection[Any], hold: PlannedHold) -> int:
        row = connection.execute(
            "INSERT INTO hold (scope, value) VALUES (%s, %s) RETURNING id", (hold.scope.value, hold.value)
        ).fetchone()
        return int(row[0]) if row else 0

    def _insist(self, work: Callable[[psycopg.Connection[Any]], T]) -> T:
        """Do it in one transaction, again and again while the database is away."""
        while True:
            try:
                with psycopg.connect(self._url) as connection:
                    return work(connection)
            except psycopg.OperationalError:
                time.sleep(random.uniform(0.1, 0.4))  # noqa: S311 - so that two who wait do not collide for ever

    def _forbid(self, planned: Planned, start: float, end: float, wrong: Wrong) -> None:
        self.forbidden.append(Forbidden(planned.number, start, end, wrong))
