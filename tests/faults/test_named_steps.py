"""A worker killed or stopped at each step of a delivery: the post is public once, and has its receipt."""

import os
import signal
import time
from pathlib import Path

import pytest

from engage.posts.states import DeliveryState
from tests.faults.breaking_worker import STEPS
from tests.faults.press_office import WORDS, Office

ASLEEP_FOR = 6.0
CELERY = ("-A", "tests.faults.breaking_worker", "worker", "--concurrency", "1", "--loglevel", "INFO")


def broken_at(office: Office, step: str, how: signal.Signals, once: Path) -> int:
    """Sign a post off, wait until the worker broke at this step, start another; the broken one's id."""
    office.processes.start(
        "breaking", "celery", *CELERY, BREAK_AT=step, BREAK_WITH=how.name, BREAK_ONCE=str(once)
    )
    office.processes.start("dispatcher", "engage", "dispatcher")
    office.signed_off("Camden")
    office.processes.wait_for(lambda: once.exists() and bool(once.read_text()), f"the break {step}")
    office.processes.start("worker", "engage", "worker")
    office.processes.wait_for(lambda: "ready." in office.processes.log("worker"), "the second worker")
    return int(once.read_text())


def sent_in_the_end(office: Office) -> bool:
    """Let the leases and look-ups run out, and see."""
    office.forget_leases()
    time.sleep(0.5)
    return office.all_sent()


@pytest.mark.parametrize("step", STEPS)
def test_a_worker_killed_at_any_step_neither_doubles_nor_loses_the_post(
    office: Office, step: str, tmp_path: Path
) -> None:
    broken_at(office, step, signal.SIGKILL, tmp_path / "broken")
    office.processes.wait_for(lambda: sent_in_the_end(office), "the receipt")
    assert office.public() == [WORDS.format("Camden")]


@pytest.mark.parametrize("step", STEPS)
def test_a_worker_that_sleeps_at_any_step_and_wakes_late_never_doubles_the_post(
    office: Office, step: str, tmp_path: Path
) -> None:
    asleep = broken_at(office, step, signal.SIGSTOP, tmp_path / "broken")
    until = time.monotonic() + ASLEEP_FOR
    while time.monotonic() < until:
        sent_in_the_end(office)
    assert len(office.public()) <= 1
    os.kill(asleep, signal.SIGCONT)
    office.processes.wait_for(lambda: sent_in_the_end(office), "the receipt")
    time.sleep(1)
    assert office.public() == [WORDS.format("Camden")]
    assert office.states() == [DeliveryState.SENT]
