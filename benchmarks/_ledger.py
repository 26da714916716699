"""What else `delivery` asks: how late single posts leave, what a long ledger costs, whether windows are kept."""

import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from benchmarks import _campaign as campaign
from benchmarks._stage import Stage, exactly_once, lateness_ms
from engage.delivery.dispatcher import go_round
from engage.delivery.ports import Adapter, Allowance, Outcome, Outgoing, Receipt, Sent
from engage.delivery.sending import send_together
from engage.posts.clock import utc_now
from engage.posts.kinds import Platform
from engage.wiring.counter import SendingCounter

SINGLE_POSTS = 200
SINGLE_WARM = 10
LEAD = timedelta(seconds=3)
APART = timedelta(milliseconds=137)
OLD = (1_000, 100_000, 1_000_000)
ROUNDS = 5
ROUND_TEAMS = 50
WINDOW_TEAMS, WINDOW_POSTS, WINDOW_SECONDS = 10, 4, 12
EACH = 9
COUNTED = (Platform.X, Platform.MASTODON, Platform.BLUESKY)
"""The platforms that state posts and an end; Facebook states percents, of requests of every kind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Idle:
    """How long after their times single posts left, in milliseconds."""

    exact: bool
    earliest: float
    median: float
    p99: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Windows:
    """How a burst over small windows went: posts, how many the platforms had no room for, and how long it took."""

    exact: bool
    posts: int
    over: int
    seconds: float


def idle(stage: Stage) -> Idle:
    """One post after the other, each at its own time, with nothing else to do."""
    with stage.engage_running(concurrency=2):
        stage.warm_up(SINGLE_WARM)
        posts = [(number % 50, utc_now()) for number in range(SINGLE_POSTS)]
        campaign.plan(stage.engage, posts, by=(Platform.X,), first=20_000, waits=True)
        wanted = campaign.all_due(stage.engage.engine, utc_now() + LEAD, apart=APART)
        report = stage.wait_for(len(wanted))
    late = lateness_ms(report.posts, wanted)
    return Idle(
        exact=exactly_once(report.posts, wanted),
        earliest=late[0],
        median=statistics.median(late),
        p99=late[int(len(late) * 0.99)],
    )


def windows(stage: Stage) -> Windows:
    """More posts at once than the accounts' windows take, after one post each from which the windows are known."""
    stage.forget()
    stage.meter.redis.flushdb()  # what is known of the wide windows before
    stage.set(window_posts=WINDOW_POSTS, window_seconds=WINDOW_SECONDS)
    try:
        with stage.engage_running(concurrency=2):
            teams = range(WINDOW_TEAMS)
            known = campaign.plan(
                stage.engage, [(each, utc_now()) for each in teams], by=COUNTED, first=30_000
            )
            stage.wait_for(len(known))
            begun = utc_now()
            burst = [(each, begun) for each in teams for _ in range(EACH)]
            wanted = {**known, **campaign.plan(stage.engage, burst, by=COUNTED, first=31_000)}
            report = stage.wait_for(len(wanted))
    finally:
        stage.set(window_posts=10_000, window_seconds=900)
    return Windows(
        exact=exactly_once(report.posts, wanted),
        posts=len(wanted),
        over=report.over,
        seconds=max(each.answered for each in report.posts) - begun.timestamp(),
    )


class AnswersAtOnce:
    """An adapter whose platform takes no time: what is left is the ledger's."""

    def __init__(self, inner: Adapter) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def publish(self, outgoing: Outgoing) -> Outcome:
        """Yes, and enough is left."""
        link = f"https://platform.example/{outgoing.delivery_id}"
        return Sent(Receipt(str(outgoing.delivery_id), link), Allowance(10_000, 9_000, datetime.now(UTC)))


def long_ledger(stage: Stage) -> Mapping[int, float]:
    """Milliseconds from claim to outcome of one delivery, by how many old ones there are: the median of rounds."""
    adapters = {name: AnswersAtOnce(each) for name, each in stage.engage.adapters.items()}
    counter = replace(stage.engage.counter, adapters=adapters)
    found = {}
    for rows in OLD:
        campaign.old_rows(stage.engage.engine, rows)
        _round(stage, counter, first=40_000 + rows * 10)
        found[rows] = statistics.median(
            _round(stage, counter, first=41_000 + rows * 10 + number * 1_000) for number in range(ROUNDS)
        )
    return found


def _round(stage: Stage, counter: SendingCounter, *, first: int) -> float:
    """Claim and send what is due, in this process; milliseconds a delivery."""
    now = utc_now()
    wanted = campaign.plan(
        stage.engage, [(team, now) for team in range(ROUND_TEAMS)], by=campaign.PLATFORMS, first=first
    )
    claimed: list[Sequence[UUID]] = []
    begun = time.perf_counter()
    while go_round(
        counter, by="bench", send=claimed.append, look_up=lambda _: None, take_down=lambda _: None
    ).to_send:
        pass
    for batch in claimed:
        send_together(batch, counter=counter, worker="bench", beside=lambda _, call: call())
    return (time.perf_counter() - begun) * 1000 / len(wanted)
