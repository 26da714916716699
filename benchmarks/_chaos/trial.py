"""One trial: a plan, carried out on a system while it is broken, until nothing is open; then counted."""

import json
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from benchmarks._chaos.count import Forbidden, Said, Seen, Tally, tallied
from benchmarks._chaos.plan import LEAD, MOST_OVERDUE, Fate, Fault, Kind, Plan, Planned, PlannedHold
from benchmarks._chaos.rig import Command, Rig, rig

SETTLES_WITHIN = 900.0
"""How long after the last fault everything has to be over: leases, look-ups and settle times, all at full length."""

_CHANGED = frozenset({Fate.EDITED, Fate.WITHDRAWN, Fate.CASE, Fate.TAKEN_DOWN})
_ONE_AFTER_THE_OTHER: Mapping[str, frozenset[Kind]] = {
    "database": frozenset({Kind.DATABASE_STOP, Kind.DATABASE_SILENT, Kind.DATABASE_CUT}),
    "broker": frozenset({Kind.BROKER_KILL, Kind.BROKER_EMPTY, Kind.BROKER_SILENT, Kind.BROKER_CUT}),
    "dispatchers": frozenset({Kind.DISPATCHER_KILL, Kind.DISPATCHER_STOP}),
    "workers": frozenset(
        {Kind.STEP_KILL, Kind.STEP_STOP, Kind.WORKER_KILL, Kind.WORKER_STOP, Kind.MACHINE_KILL}
    ),
}
"""A server is mended before it is broken again; different servers break at the same time."""

Tell = Callable[[str, int, int], None]
"""What is going on, how many posts are due by now, how many faults were done."""


class System(Protocol):
    """What is tried: how its processes start, what its people do, what it says in the end."""

    @property
    def name(self) -> str:
        """As the table names it."""

    @property
    def env(self) -> Mapping[str, str]:
        """What its processes are told."""

    @property
    def worker(self) -> Command:
        """What follows `python -m` for a worker."""

    @property
    def dispatcher(self) -> Command:
        """What follows `python -m` for a dispatcher."""

    @property
    def forbidden(self) -> Sequence[Forbidden]:
        """When no request for which post may arrive, from what its people did."""

    def open(self, database_url: str) -> None:
        """Prepare the database."""

    def close(self) -> None:
        """Give the connections back."""

    def write(self, message: Sequence[Planned], *, due: float) -> None:
        """Write a message that is due then (Unix time) and sign it off, unless its fate is otherwise."""

    def change(self, message: Sequence[Planned]) -> None:
        """Do what its fate says."""

    def hold(self, hold: PlannedHold) -> None:
        """Hold, wait, lift."""

    def overdue(self) -> int:
        """How many posts are due and have not been tried to the end; 0 where it cannot say now."""

    def unfinished(self) -> int:
        """How much is neither over nor before a person."""

    def said(self) -> Mapping[int, Said]:
        """What it says of every post."""


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one system.

    `ended` are processes that ended by themselves and were started again; `let_go` are seconds from the
    last check of a post to the platform.
    """

    system: str
    tally: Tally
    faults: Mapping[str, int]
    lost_answers: Mapping[str, int]
    ended: Mapping[str, int]
    seconds: float
    let_go: Sequence[float]


class PlanClock:
    """Seconds of the plan: those that pass, less those in which too much is overdue."""

    def __init__(self, overdue: Callable[[], int]) -> None:
        self._overdue = overdue
        self._now, self._looked = 0.0, time.monotonic()
        self._waits = False
        self._look_at = 0.0

    def now(self) -> float:
        """Where the plan is; asks about every second how much is overdue."""
        moment = time.monotonic()
        if not self._waits:
            self._now += moment - self._looked
        self._looked = moment
        if moment >= self._look_at:
            self._waits = self._overdue() > MOST_OVERDUE
            self._look_at = time.monotonic() + 1
        return self._now


@dataclass(frozen=True, slots=True)
class Event:
    """Something to do at a second of the plan, one after the other with what shares its lane."""

    at: float
    lane: str
    do: Callable[[], None]


@dataclass
class Lanes:
    """Does events at their times, in threads, and raises the first error of any.

    The threads last as long as the trial: a server that one of them started ends with its thread.
    """

    pools: dict[str, ThreadPoolExecutor] = field(default_factory=dict)
    under_way: list[Future[None]] = field(default_factory=list)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for pool in self.pools.values():
            pool.shutdown(wait=False, cancel_futures=True)

    def carry_out(self, events: Iterable[Event], clock: "PlanClock", meanwhile: Callable[[], None]) -> None:
        """All of them, and `meanwhile` several times a second until the last has ended."""
        for event in sorted(events, key=lambda each: each.at):
            while clock.now() < event.at:
                meanwhile()
                time.sleep(min(0.1, max(0.0, event.at - clock.now())))
            self.under_way.append(self._pool(event.lane).submit(event.do))
            self._raise_first_error()
        while self.under_way:
            meanwhile()
            time.sleep(0.1)
            self._raise_first_error()

    def _raise_first_error(self) -> None:
        over = [each for each in self.under_way if each.done()]
        self.under_way = [each for each in self.under_way if not each.done()]
        for each in over:
            each.result()

    def _pool(self, lane: str) -> ThreadPoolExecutor:
        """Writers are two, who change and hold several; everything else happens one after the other."""
        if lane not in self.pools:
            many = {"writing": 2, "changing": 4, "holding": 4}.get(lane, 1)
            self.pools[lane] = ThreadPoolExecutor(many, thread_name_prefix=lane)
        return self.pools[lane]


def tried(system: System, plan: Plan, tell: Tell) -> Result:
    """Carry out the plan on a system and count what happened."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="engage-chaos-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        with (
            Lanes() as lanes,
            rig(folder, env=system.env, worker=system.worker, dispatcher=system.dispatcher) as ground,
        ):
            system.open(ground.servers.postgres.url)
            ground.start()
            ground.lose_answers()
            _break(system, plan, ground, lanes, tell)
            ground.heal()
            _settle(system, plan, ground, tell)
            seen = Seen()
            for edge in ground.seen():
                seen.add(edge)
            said = {each.number: Said.OPEN for each in plan.posts} | dict(system.said())
            tally = tallied(seen, said, system.forbidden)
            system.close()
            return Result(
                system.name,
                tally,
                ground.done,
                dict(seen.lost_answers),
                ground.ended,
                time.monotonic() - began,
                sorted(_let_go(folder, seen)),
            )


def _break(system: System, plan: Plan, ground: Rig, lanes: Lanes, tell: Tell) -> None:
    clock = PlanClock(system.overdue)

    def meanwhile() -> None:
        ground.obey()
        ground.supervise()
        now = clock.now()
        tell(f"{system.name}: breaking", sum(each.due < now for each in plan.posts), ground.done.total())

    lanes.carry_out(_events(system, plan, ground), clock, meanwhile)


def _events(system: System, plan: Plan, ground: Rig) -> Iterable[Event]:
    for message in plan.messages():
        first = message[0]
        yield Event(first.due - LEAD, "writing", _writing(system, message))
        if first.fate in _CHANGED:
            yield Event(first.change_at, "changing", _changing(system, message))
    for hold in plan.holds:
        yield Event(hold.at, "holding", _holding(system, hold))
    for fault in plan.faults:
        lane = next(name for name, kinds in _ONE_AFTER_THE_OTHER.items() if fault.kind in kinds)
        yield Event(fault.at, lane, _breaking(ground, fault))


def _settle(system: System, plan: Plan, ground: Rig, tell: Tell) -> None:
    """Nothing breaks any more, except that answers go on being lost; wait until everything is over."""
    deadline = time.monotonic() + SETTLES_WITHIN
    open_ = system.unfinished()
    while open_ and time.monotonic() < deadline:
        tell(f"{system.name}: {open_} still open", len(plan.posts), ground.done.total())
        ground.obey()
        ground.supervise()
        time.sleep(1)
        open_ = system.unfinished()


def _let_go(folder: Path, seen: Seen) -> Iterable[float]:
    """For each request that left, the seconds from the last check before it to its arrival."""
    checks: defaultdict[int, list[float]] = defaultdict(list)
    for file in folder.glob("checked-*.jsonl"):
        for line in file.read_text().splitlines():
            checked = json.loads(line)
            checks[checked["number"]].append(checked["at"])
    for asked in seen.asked:
        before = [at for at in checks[asked.number] if at <= asked.at]
        if before:
            yield asked.at - max(before)


def _writing(system: System, message: Sequence[Planned]) -> Callable[[], None]:
    return lambda: system.write(message, due=time.time() + LEAD)


def _changing(system: System, message: Sequence[Planned]) -> Callable[[], None]:
    return lambda: system.change(message)


def _holding(system: System, hold: PlannedHold) -> Callable[[], None]:
    return lambda: system.hold(hold)


def _breaking(ground: Rig, fault: Fault) -> Callable[[], None]:
    return lambda: ground.break_now(fault)
