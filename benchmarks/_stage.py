"""Where `delivery` is played: a migrated database, the platforms' process, and whoever sends."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import redis
from cryptography.fernet import Fernet

from benchmarks import _campaign as campaign
from benchmarks._load import Meter
from engage.posts.clock import utc_now
from engage.posts.kinds import Platform
from engage.settings import read_settings
from engage.wiring import Engage, migrate
from tests.processes import Processes

ROOT = Path(__file__).resolve().parents[1]
QUIET = 1.5
"""Seconds for PostgreSQL's own counters to be written down."""
PATIENCE = 120.0
"""Seconds to wait for the last post of anybody."""

Wanted = Mapping[tuple[str, str, str], datetime]
"""Platform, handle and words, with the time they are due (UTC)."""


@dataclass(frozen=True, slots=True)
class Came:
    """One post as a platform has it; the first request for it came, and the last was answered (Unix time)."""

    platform: str
    handle: str
    text: str
    came: float
    answered: float

    @property
    def key(self) -> tuple[str, str, str]:
        """What it is."""
        return self.platform, self.handle, self.text


@dataclass(frozen=True, slots=True)
class Report:
    """What the platforms have: posts, what they refused, how many were over a window; their CPU seconds."""

    posts: Sequence[Came]
    refused: Sequence[str]
    over: int
    cpu: float


@dataclass(frozen=True, slots=True)
class Stage:
    """The parts of one run."""

    folder: Path
    engage: Engage
    processes: Processes
    urls: Mapping[str, str]
    meter: Meter
    rivals_python: str | None

    def set(self, **settings: float) -> None:
        """Change how the platforms answer."""
        httpx.post(f"{self._control}/_settings", json=settings).raise_for_status()

    def forget(self) -> None:
        """Have the platforms forget what came."""
        httpx.post(f"{self._control}/_forget").raise_for_status()

    def report(self) -> Report:
        """What the platforms have now."""
        told = httpx.get(f"{self._control}/_report", timeout=30).json()
        posts = [Came(*each) for each in told["posts"]]
        return Report(posts, told["refused"], told["over"], told["cpu"])

    def wait_for(self, count: int, *, seconds: float = PATIENCE) -> Report:
        """What came, once so many posts are public. Raises TimeoutError."""
        until = time.monotonic() + seconds
        while True:
            found = self.report()
            if len(found.posts) >= count and all(each.answered for each in found.posts):
                return found
            if time.monotonic() > until:
                came = f"{len(found.posts)} of {count} posts came; refused: {found.refused[:3]}"
                raise TimeoutError(f"{came}\n{self.last_words()}")
            time.sleep(0.5)

    def warm_up(self, teams: int) -> None:
        """A post to each platform for each of a few teams: connections are open, libraries are loaded."""
        self.forget()
        now = utc_now()
        posts = [(team, now) for team in range(teams)]
        warm = campaign.plan(self.engage, posts, by=campaign.PLATFORMS, first=0)
        self.wait_for(len(warm))
        time.sleep(QUIET)
        self.forget()

    def last_words(self) -> str:
        """The end of every process's log."""
        logs = [*self.folder.glob("*.log"), *self.processes.logs.glob("*.log")]
        return "\n".join(f"--- {each.name}\n{each.read_text(errors='replace')[-1500:]}" for each in logs)

    def all_settled(self) -> bool:
        """Whether nothing is due, leased or being sent."""
        with self.engage.transaction() as unit:
            counts = unit.deliveries.counts()
        return set(counts) <= {"sent"}

    @contextmanager
    def engage_running(self, *, concurrency: int) -> Iterator[Sequence[int]]:
        """A worker and a dispatcher as an operator starts them; their process ids."""
        started = [
            self.processes.start("worker", "engage", "worker", "--concurrency", str(concurrency)),
            self.processes.start("dispatcher", "engage", "dispatcher"),
        ]
        try:
            self.processes.wait_for(lambda: "ready." in self.processes.log("worker"), "the worker")
            yield [each.pid for each in started]
        finally:
            self.processes.stop("dispatcher")
            self.processes.stop("worker")

    @property
    def _control(self) -> str:
        return self.urls[Platform.X.value]


@contextmanager
def open_stage() -> Iterator[Stage]:
    """A stage with nothing on it, gone at the end."""
    with tempfile.TemporaryDirectory(prefix="engage-bench-") as name:
        folder = Path(name)
        migrate()
        with _platforms(folder / "platforms.json") as urls:
            env = {
                "ENGAGE_TOKEN_KEYS": Fernet.generate_key().decode(),
                "ENGAGE_SECRET_KEY": "for benchmarks",
                "ENGAGE_OFFICE_HOURS": "always",
                **{f"ENGAGE_{name.upper()}_BASE_URL": url for name, url in urls.items()},
            }
            os.environ.update(env)
            engage = Engage(read_settings())
            meter = Meter(engage.engine, redis.Redis.from_url(os.environ["REDIS_URL"]))
            with Processes(env, folder / "logs") as processes:
                yield Stage(folder, engage, processes, urls, meter, os.environ.get("RIVALS_PYTHON"))
            engage.close()


@contextmanager
def _platforms(ports: Path) -> Iterator[Mapping[str, str]]:
    process = subprocess.Popen([sys.executable, "-m", "benchmarks._edge", str(ports)], cwd=ROOT)
    try:
        until = time.monotonic() + 30
        while not ports.exists():
            if time.monotonic() > until or process.poll() is not None:
                raise TimeoutError("the platforms did not start")
            time.sleep(0.05)
        yield json.loads(ports.read_text())
    finally:
        process.terminate()
        process.wait(10)


def lateness_ms(posts: Sequence[Came], wanted: Wanted) -> list[float]:
    """How long after its time each post's first request came, in milliseconds, smallest first."""
    return sorted((each.came - wanted[each.key].timestamp()) * 1000 for each in posts)


def exactly_once(posts: Sequence[Came], wanted: Wanted) -> bool:
    """Whether everything wanted came, in exactly those words, and nothing else, and nothing twice."""
    return sorted(each.key for each in posts) == sorted(wanted)


def moment(seconds: float) -> datetime:
    """A Unix time as UTC."""
    return datetime.fromtimestamp(seconds, tz=UTC)


def to_json(figures: Any) -> Any:
    """Figures for a person: three places."""
    return round(figures, 3) if isinstance(figures, float) else figures
