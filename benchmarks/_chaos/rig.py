"""The ground of one trial: servers at the end of lines, platforms in a process of their own, workers, and what breaks them."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock, Timer
from typing import Any, Final
from urllib.request import Request, urlopen

from benchmarks._chaos.orders import FOLDER, NAME, Orders
from benchmarks._chaos.plan import CLOCKS, DISPATCHERS, LOST, LOST_ANSWERS, WORKERS, Fault, Kind
from engage.posts.kinds import Platform
from tests.faults.rough_servers import RoughServers, rough_servers
from tests.processes import ROOT, Processes

Command = tuple[str, ...]

_CLOCK: Final = "tests.faults.another_clock"
_POST_PATHS: Final[Mapping[str, tuple[str, ...]]] = {
    "x": ("/2/tweets",),
    "facebook": ("/v24.0/",),
    "mastodon": ("/api/v1/statuses",),
    "bluesky": ("/xrpc/com.atproto.repo.putRecord", "/xrpc/com.atproto.repo.createRecord"),
}
_STALL_SECONDS: Final = 12.0  # longer than any client here waits for its answer
_NEVER_USED_UP: Final = 10**9


@dataclass
class Rig:
    """What a trial runs on. Every fault that was really done is counted by its label.

    It stands for the supervisor too: a process that ends by itself is started again, and counted.
    """

    servers: RoughServers
    edges: Mapping[str, str]
    processes: Processes
    orders: Orders
    worker: Command
    dispatcher: Command
    done: Counter[str] = field(default_factory=Counter)
    ended: Counter[str] = field(default_factory=Counter)
    _waiting: dict[int, Fault] = field(default_factory=dict)
    _asleep: dict[int, Timer] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def start(self) -> None:
        """Start every worker and dispatcher, each with a clock of its own, and wait until they take work."""
        for number in range(WORKERS):
            self._start_worker(number)
        for number in range(DISPATCHERS):
            self._start_dispatcher(number)
        self.processes.wait_for(self._all_there, "the workers", seconds=120)

    def lose_answers(self) -> None:
        """From now on the platforms lose a part of their answers, in each of the four ways."""
        ways = [
            {
                "fault": way,
                "path": path,
                "times": _NEVER_USED_UP,
                "chance": LOST / len(LOST_ANSWERS),
                "seconds": _STALL_SECONDS,
            }
            for way in LOST_ANSWERS
            for path in ("",)
        ]
        for name, address in self.edges.items():
            faults = [{**each, "path": path} for path in _POST_PATHS[name] for each in ways]
            _post(f"{address}/_control/faults", faults)

    def seen(self) -> Iterator[dict[str, Any]]:
        """What each platform saw."""
        for address in self.edges.values():
            with urlopen(f"{address}/_seen", timeout=60) as answer:  # noqa: S310 - our own loopback server
                yield json.load(answer)

    def heal(self) -> None:
        """Wake whoever sleeps and mend every line; nothing breaks after this."""
        with self._lock:
            asleep = list(self._asleep)
        for process in asleep:
            self._wake(process)
        for line in self.servers.lines.values():
            line.mend()

    def break_now(self, fault: Fault) -> None:
        """Do one fault and mend it again; returns once it is mended, except where something sleeps."""
        match fault.kind:
            case Kind.STEP_KILL | Kind.STEP_STOP:
                self._order(fault)
            case Kind.WORKER_KILL | Kind.WORKER_STOP:
                self._hit_one_process(fault)
            case Kind.MACHINE_KILL:
                self._kill_worker(fault)
            case Kind.DISPATCHER_KILL | Kind.DISPATCHER_STOP:
                self._hit_dispatcher(fault)
            case Kind.BROKER_KILL | Kind.BROKER_EMPTY:
                self._kill_broker(fault)
            case Kind.DATABASE_STOP:
                self.servers.postgres.stop_at_once()
                self.servers.postgres.start()
                self._count(fault)
            case _:
                self._partition(fault)

    def obey(self) -> None:
        """Count the orders that were taken since the last time, and see that who was stopped wakes again."""
        for number, process in self.orders.taken():
            with self._lock:
                fault = self._waiting.pop(number)
            if fault.kind is Kind.STEP_STOP:
                self._wake_in(fault.lasts, process)
            self._count(fault)

    def supervise(self) -> None:
        """Start again what ended by itself, as the supervisor of a real machine does."""
        with self._lock:
            for name, process in list(self.processes.running.items()):
                if process.poll() is None:
                    continue
                kind, _, number = name.rpartition("-")
                self.ended[kind] += 1
                (self._start_worker if kind == "worker" else self._start_dispatcher)(int(number))

    def _all_there(self) -> bool:
        return all(self.orders.those_of(_worker(number)) for number in range(WORKERS))

    def _start_worker(self, number: int, clock: int = 0) -> None:
        wrong_by = CLOCKS[(number + clock) % len(CLOCKS)]
        name = _worker(number)
        self.processes.start(name, _CLOCK, str(wrong_by), *self.worker, **{NAME: name})

    def _start_dispatcher(self, number: int) -> None:
        wrong_by = CLOCKS[(number + 1) % len(CLOCKS)]
        self.processes.start(f"dispatcher-{number}", _CLOCK, str(wrong_by), *self.dispatcher)

    def _order(self, fault: Fault) -> None:
        how = signal.SIGKILL if fault.kind is Kind.STEP_KILL else signal.SIGSTOP
        with self._lock:
            number = len(self._waiting) + self.done.total()
            while number in self._waiting:
                number += 1
            self._waiting[number] = fault
        self.orders.give(number, fault.step, how)

    def _hit_one_process(self, fault: Fault) -> None:
        processes = self.orders.those_of(_worker(fault.which % WORKERS))
        if not processes:
            return
        process = processes[fault.which % len(processes)]
        with suppress(ProcessLookupError):
            if fault.kind is Kind.WORKER_KILL:
                os.kill(process, signal.SIGKILL)
            else:
                os.kill(process, signal.SIGSTOP)
                self._wake_in(fault.lasts, process)
            self._count(fault)

    def _kill_worker(self, fault: Fault) -> None:
        number = fault.which % WORKERS
        with self._lock:
            self.processes.stop(_worker(number), signal.SIGKILL)
            self._start_worker(number, clock=fault.which)
        self._count(fault)

    def _hit_dispatcher(self, fault: Fault) -> None:
        number = fault.which % DISPATCHERS
        name = f"dispatcher-{number}"
        if fault.kind is Kind.DISPATCHER_KILL:
            with self._lock:
                self.processes.stop(name, signal.SIGKILL)
                self._start_dispatcher(number)
        else:
            self.processes.send(name, signal.SIGSTOP)
            time.sleep(fault.lasts)
            self.processes.send(name, signal.SIGCONT)
        self._count(fault)

    def _kill_broker(self, fault: Fault) -> None:
        self.servers.valkey.kill()
        if fault.kind is Kind.BROKER_EMPTY:
            self.servers.valkey.forget()
        self.servers.valkey.start()
        self._count(fault)

    def _partition(self, fault: Fault) -> None:
        broker = fault.kind in {Kind.BROKER_SILENT, Kind.BROKER_CUT}
        line = self.servers.lines["broker" if broker else "database"]
        (line.silence if fault.kind in {Kind.BROKER_SILENT, Kind.DATABASE_SILENT} else line.cut)()
        time.sleep(fault.lasts)
        line.mend()
        self._count(fault)

    def _wake_in(self, seconds: float, process: int) -> None:
        timer = Timer(seconds, self._wake, (process,))
        timer.daemon = True
        with self._lock:
            self._asleep[process] = timer
        timer.start()

    def _wake(self, process: int) -> None:
        with self._lock:
            self._asleep.pop(process, None)
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGCONT)

    def _count(self, fault: Fault) -> None:
        with self._lock:
            self.done[fault.label] += 1


@contextmanager
def rig(folder: Path, *, env: Mapping[str, str], worker: Command, dispatcher: Command) -> Iterator[Rig]:
    """Everything started but the workers and dispatchers; all of it gone at the end."""
    with ExitStack() as stack:
        servers = stack.enter_context(rough_servers())
        edges = stack.enter_context(_edges(folder))
        addresses = {f"ENGAGE_{name.upper()}_BASE_URL": address for name, address in edges.items()}
        everything = {**env, **servers.over_the_lines, **addresses, FOLDER: str(folder)}
        processes = stack.enter_context(Processes(everything, folder / "logs"))
        made = Rig(servers, edges, processes, Orders(folder), worker, dispatcher)
        stack.callback(made.heal)
        yield made


@contextmanager
def _edges(folder: Path) -> Iterator[Mapping[str, str]]:
    """X, Facebook, Mastodon and Bluesky in one process; their addresses by name."""
    ports = folder / "edges.json"
    command = [sys.executable, "-m", "tests.fakes", "--ports-file", str(ports)]
    with subprocess.Popen(command, cwd=ROOT) as process:
        try:
            while not ports.exists():
                if process.poll() is not None:
                    raise RuntimeError("the edge servers did not start")
                time.sleep(0.05)
            yield {
                name: address
                for name, address in json.loads(ports.read_text()).items()
                if name in set(Platform)
            }
        finally:
            process.terminate()


def _worker(number: int) -> str:
    return f"worker-{number}"


def _post(address: str, body: Any) -> None:
    request = Request(address, json.dumps(body).encode(), {"Content-Type": "application/json"})  # noqa: S310
    with urlopen(request, timeout=60):  # noqa: S310 - our own loopback server
        pass
