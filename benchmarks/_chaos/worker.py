"""Engage's own Celery worker, which takes orders to break: `celery -A benchmarks._chaos.worker worker`.

Each of its processes also writes down when the last check of a delivery was over, so that the time
from there to the platform can be measured.
"""

import json
import os
import time
from pathlib import Path

from celery import signals

from benchmarks._chaos.count import number_in
from benchmarks._chaos.orders import FOLDER, NAME, Orders
from engage.delivery.ports import Outcome, Outgoing
from engage.tasks import app
from engage.wiring import open_engage
from tests.faults.steps import SteppingAdapter, SteppingCounter

__all__ = ["app"]


class TimedAdapter(SteppingAdapter):
    """Writes down the moment after the last check, which is also the one before the call."""

    def publish(self, outgoing: Outgoing) -> Outcome:
        """One line a request: the post's number, and when it was let go (Unix time)."""
        checked = Path(os.environ[FOLDER]) / f"checked-{os.getpid()}.jsonl"
        with checked.open("a") as file:
            file.write(
                json.dumps(
                    {"number": number_in(outgoing.text), "at": time.clock_gettime(time.CLOCK_REALTIME)}
                )
                + "\n"
            )
        return super().publish(outgoing)


@signals.worker_process_init.connect
def _take_orders(**_: object) -> None:
    """In the child, so that no database connection crosses the fork."""
    orders = Orders(Path(os.environ[FOLDER]))
    engage = open_engage()
    counter = SteppingCounter(engage.counter, orders.reached)
    counter.adapters = {
        name: TimedAdapter(adapter, orders.reached) for name, adapter in engage.counter.adapters.items()
    }
    engage.__dict__["counter"] = counter
    orders.arrive(os.environ[NAME])
