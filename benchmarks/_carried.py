"""Who carries the campaign of `delivery`: Engage, and each rival at its best on the same machine."""

import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit
from uuid import uuid4

from sqlalchemy import text

from benchmarks import _campaign as campaign
from benchmarks._load import Load
from benchmarks._stage import QUIET, ROOT, Report, Stage, Wanted, exactly_once, lateness_ms
from engage.posts.clock import utc_now

PROCESSES = 4
"""Of Engage's worker; each has 25 requests under way, so 100 in all, as each rival has."""

WARM = 25
LEAD = timedelta(seconds=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """How one system carried the campaign. Times in milliseconds; CPU, commits and commands for each post.

    `seconds` run from the moment all is due until the last platform has answered; `late_p99` is how long after
    it the first request of a post came. `worker` is the CPU of workers and whoever hands them the work.
    """

    name: str
    posts: int
    exact: bool
    seconds: float
    late_p99: float
    worker: float
    edge: float
    database: float
    commits: float
    redis: float
    commands: float

    @property
    def rate(self) -> float:
        """Posts a second."""
        return self.posts / self.seconds


def carried_by_engage(stage: Stage, teams: int) -> Run:
    """The campaign through the ledger, a dispatcher and a worker."""
    with stage.engage_running(concurrency=PROCESSES) as processes:
        stage.warm_up(WARM)
        posts = [(team, utc_now()) for team in range(teams)]
        campaign.plan(stage.engage, posts, by=campaign.PLATFORMS, first=1_000, waits=True)
        due = utc_now() + LEAD
        wanted = campaign.all_due(stage.engage.engine, due)
        before, spent = stage.meter.read(processes), stage.report().cpu
        report = stage.wait_for(len(wanted))
        while not stage.all_settled():
            time.sleep(0.2)
        time.sleep(QUIET)
        used = stage.meter.read(processes).since(before)
    return _run("engage", report, wanted, due.timestamp(), used=used, edge=report.cpu - spent)


def carried_by(name: str, stage: Stage, teams: int, sessions: Mapping[str, str]) -> Run:
    """The same posts through a rival, whose tasks only make the request."""
    wanted = [
        (each.value, campaign.handle(team), campaign.words(team, 1_000 + team))
        for team in range(teams)
        for each in campaign.PLATFORMS
    ]
    files = {
        "SESSIONS": _written(stage.folder / "sessions.json", sessions),
        "PLATFORMS": _written(stage.folder / "urls.json", stage.urls),
    }
    with ExitStack() as stack:
        env = {**os.environ, **files, "DATABASE_URL": stack.enter_context(_own_database(stage))}
        stage.meter.redis.flushdb()
        rival = stack.enter_context(_RIVALS[name](stage, env))
        stage.forget()
        rival.hand_over(_jobs(stage, wanted[: WARM * 4]))
        stage.wait_for(WARM * 4)
        time.sleep(QUIET)
        stage.forget()
        jobs = _jobs(stage, wanted)
        before, spent = stage.meter.read(rival.processes), stage.report().cpu
        begun = utc_now()
        rival.hand_over(jobs)
        report = stage.wait_for(len(wanted))
        time.sleep(QUIET)
        used = stage.meter.read(rival.processes).since(before)
    due = dict.fromkeys(wanted, begun)
    return _run(name, report, due, begun.timestamp(), used=used, edge=report.cpu - spent)


def _run(name: str, report: Report, wanted: Wanted, begun: float, *, used: Load, edge: float) -> Run:
    count, late = len(wanted), lateness_ms(report.posts, wanted)
    return Run(
        name=name,
        posts=count,
        exact=exactly_once(report.posts, wanted) and not report.refused,
        seconds=max(each.answered for each in report.posts) - begun,
        late_p99=late[int(count * 0.99)],
        worker=used.cpu * 1000 / count,
        edge=edge * 1000 / count,
        database=used.database_cpu * 1000 / count,
        commits=used.commits / count,
        redis=used.redis_cpu * 1000 / count,
        commands=used.commands / count,
    )


# ---------------------------------------------------------------- the rivals


@dataclass(frozen=True, slots=True)
class Rival:
    """A running rival: its processes, and the one that hands over jobs."""

    processes: Sequence[int]
    told: IO[str]

    def hand_over(self, jobs: str) -> None:
        """Have all jobs of a file handed over; does not wait for it."""
        self.told.write(f"{jobs}\n")
        self.told.flush()


Begin = Callable[[Stage, Mapping[str, str]], "_Began"]


class _Began:
    """A rival's processes, ended together."""

    def __init__(
        self, stage: Stage, env: Mapping[str, str], workers: Sequence[Sequence[str]], hands: str
    ) -> None:
        assert stage.rivals_python is not None
        python = stage.rivals_python
        self._log = (stage.folder / f"{hands}.log").open("wb")
        self._running = [self._spawn([python, "-m", *each], env) for each in workers]
        self._hands = subprocess.Popen(
            [python, "-m", f"benchmarks.{hands}", "enqueue"],
            cwd=ROOT,
            env=dict(env),
            stdin=subprocess.PIPE,
            stdout=self._log,
            stderr=self._log,
            text=True,
        )

    def _spawn(self, command: Sequence[str], env: Mapping[str, str]) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            command, cwd=ROOT, env=dict(env), stdout=self._log, stderr=self._log, start_new_session=True
        )

    def __enter__(self) -> Rival:
        assert self._hands.stdin is not None
        return Rival([each.pid for each in (*self._running, self._hands)], self._hands.stdin)

    def __exit__(self, *_: object) -> None:
        self._hands.kill()
        for each in self._running:
            each.terminate()
        for each in self._running:
            try:
                each.wait(15)
            except subprocess.TimeoutExpired:
                os.killpg(each.pid, 9)
        self._hands.wait(15)
        self._log.close()


def _celery(stage: Stage, env: Mapping[str, str]) -> _Began:
    """Two processes of 50 threads: one process would have one core."""
    options = ["-A", "benchmarks._celery", "worker", "--pool", "threads", "--concurrency", "50"]
    quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "WARNING"]
    workers = [["celery", *options, *quiet, "--hostname", f"{each}@bench"] for each in ("one", "two")]
    return _Began(stage, env, workers, "_celery")


def _dramatiq(stage: Stage, env: Mapping[str, str]) -> _Began:
    """Its own two processes of 50 threads."""
    return _Began(
        stage, env, [["dramatiq", "benchmarks._dramatiq", "--processes", "2", "--threads", "50"]], "_dramatiq"
    )


def _procrastinate(stage: Stage, env: Mapping[str, str]) -> _Began:
    """Two processes of 50 jobs at once, on a database of their own."""
    assert stage.rivals_python is not None
    subprocess.run(
        [stage.rivals_python, "-m", "benchmarks._procrastinate", "schema"],
        cwd=ROOT,
        env=dict(env),
        check=True,
    )
    return _Began(stage, env, [["benchmarks._procrastinate", "work", "50"]] * 2, "_procrastinate")


_RIVALS: Mapping[str, Begin] = {"celery": _celery, "dramatiq": _dramatiq, "procrastinate": _procrastinate}
RIVALS = tuple(_RIVALS)


@contextmanager
def _own_database(stage: Stage) -> Iterator[str]:
    """A new database beside Engage's, gone afterwards."""
    name = f"rival_{uuid4().hex[:8]}"
    with stage.engage.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
        yield urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


def _jobs(stage: Stage, wanted: Sequence[tuple[str, str, str]]) -> str:
    return _written(stage.folder / f"jobs-{len(wanted)}.json", [[*each, str(uuid4())] for each in wanted])


def _written(file: Path, what: object) -> str:
    file.write_text(json.dumps(what))
    return str(file)
