"""A machine whose clock is wrong: `python -m tests.faults.another_clock SECONDS MODULE ARGUMENTS`.

Runs the module with the wall clock of this one process moved: Python's `time.time` (OAuth stamps, the
broker's client, the logs) and Engage's own `utc_now`, before anything has taken a copy of either.
"""

import runpy
import sys
import time
from datetime import datetime, timedelta

from engage.posts import clock


def move_the_clock(seconds: float) -> None:
    """From now on, this process is that many seconds ahead of the others (behind, where negative)."""
    right_time, right_now = time.time, clock.utc_now

    def wrong_now() -> datetime:
        return right_now() + timedelta(seconds=seconds)

    time.time = lambda: right_time() + seconds
    clock.utc_now = wrong_now


if __name__ == "__main__":
    move_the_clock(float(sys.argv[1]))
    sys.argv = sys.argv[2:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
