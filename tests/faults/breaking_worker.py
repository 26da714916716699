"""A real Celery worker that breaks once, at a named step of one delivery: `celery -A tests.faults.breaking_worker worker`.

BREAK_AT names the step, BREAK_WITH the signal the process sends itself, BREAK_ONCE a file that appears
with its process id when it does. A worker that finds the file goes on unbroken.
"""

import os
import signal
import threading
from pathlib import Path

from celery import signals

from engage.tasks import app
from engage.wiring import open_engage
from tests.faults.steps import SteppingCounter

__all__ = ["app"]


def step(name: str) -> None:
    """Break here, if this is the step and nobody broke before."""
    if name != os.environ["BREAK_AT"]:
        return
    try:
        with Path(os.environ["BREAK_ONCE"]).open("x") as file:
            file.write(str(os.getpid()))
    except FileExistsError:
        return
    # To this thread, which so goes not one line further: sent to the process, any thread may take it, later.
    signal.pthread_kill(threading.get_ident(), signal.Signals[os.environ["BREAK_WITH"]])


@signals.worker_process_init.connect
def _break_here(**_: object) -> None:
    """In the child, so that no database connection crosses the fork."""
    engage = open_engage()
    engage.__dict__["counter"] = SteppingCounter(engage.counter, step)
