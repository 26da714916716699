"""Engage's own processes for tests: a real Celery worker, a dispatcher, the web, each with its log.

with Processes(env, logs) as running:
    running.start("worker", "engage", "worker")
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

ROOT = Path(__file__).resolve().parents[1]
STOP_SECONDS = 15


@dataclass
class Processes:
    """Processes with one environment, all stopped at the end."""

    env: Mapping[str, str]
    logs: Path
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def __enter__(self) -> Self:
        self.logs.mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in self.running.values():  # all at once: each takes its time to stop in order
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
        for name in list(self.running):
            self.stop(name)

    def start(self, name: str, module: str, *arguments: str, **more: str) -> subprocess.Popen[bytes]:
        """Run `python -m MODULE ARGUMENTS` in a process group of its own."""
        with (self.logs / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", module, *arguments],
                cwd=ROOT,
                env={**os.environ, **self.env, **more},
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.running[name] = process
        return process

    def log(self, name: str) -> str:
        """All that a process has said."""
        return (self.logs / f"{name}.log").read_text(errors="replace")

    def send(self, name: str, number: signal.Signals) -> None:
        """Send a signal to a process and all its children."""
        os.killpg(self.running[name].pid, number)

    def stop(self, name: str, number: signal.Signals = signal.SIGTERM) -> None:
        """End a process and its children and wait for it."""
        process = self.running.pop(name)
        if process.poll() is None:
            os.killpg(process.pid, number)
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait(STOP_SECONDS)

    def wait_for(self, holds: Callable[[], bool], what: str, *, seconds: float = 60) -> None:
        """Wait until something holds; fails with the logs' last lines where it does not."""
        deadline = time.monotonic() + seconds
        while not holds():
            if time.monotonic() > deadline:
                last = "\n".join(f"--- {name}\n{self.log(name)[-1500:]}" for name in self.running)
                raise AssertionError(f"waited {seconds:.0f} s in vain for {what}\n{last}")
            time.sleep(0.05)
