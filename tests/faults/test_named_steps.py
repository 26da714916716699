"""Workers killed or stopped at each step of a delivery: every post is public once, and has its receipt."""

import os
import signal
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from engage.posts.states import DeliveryState
from tests.faults.press_office import WORDS, Office
from tests.faults.steps import STEPS

ASLEEP_FOR = 6.0
PATIENCE = 8.0
CELERY = ("-A", "tests.faults.breaking_worker", "worker", "--concurrency", "1", "--loglevel", "INFO")
MOST_POSTS = 15


def name_of(step: str) -> str:
    """The name of the worker that breaks at a step."""
    return step.replace(" ", "-")


def is_ready(office: Office, step: str) -> bool:
    """Whether the worker that breaks at a step takes work."""
    return "ready." in office.processes.log(name_of(step))


@dataclass
class Broken:
    """The workers that broke, by process id, and where the posts they were given are from."""

    processes: list[int] = field(default_factory=list)
    places: list[str] = field(default_factory=list)

    def all_public_once(self, office: Office) -> bool:
        """Whether the platform shows each post, and shows it once."""
        return sorted(office.public()) == sorted(WORDS.format(place) for place in self.places)


def broken_at_each_step(office: Office, how: signal.Signals, folder: Path) -> Broken:
    """One worker for each step; one post after the other, until each worker has broken once."""
    waiting = {step: folder / name_of(step) for step in STEPS}
    for step, once in waiting.items():
        office.processes.start(
            name_of(step), "celery", *CELERY, BREAK_AT=step, BREAK_WITH=how.name, BREAK_ONCE=str(once)
        )
    for step in STEPS:
        office.processes.wait_for(partial(is_ready, office, step), step)
    office.processes.start("dispatcher", "engage", "dispatcher")
    broken = Broken()
    while waiting and len(broken.places) < MOST_POSTS:
        broken.places.append(f"Camden, post {len(broken.places) + 1}")
        office.signed_off(broken.places[-1])
        step = next_to_break(waiting)  # None: a worker asleep already was handed the post
        if step is None:
            continue
        broken.processes.append(int(waiting.pop(step).read_text()))
        if how is signal.SIGKILL:  # or it would go on with a new child, and take the next post whole
            office.processes.stop(name_of(step), signal.SIGKILL)
    assert waiting == {}
    office.processes.start("worker", "engage", "worker")
    office.processes.wait_for(lambda: "ready." in office.processes.log("worker"), "a worker that is whole")
    return broken


def next_to_break(waiting: Mapping[str, Path]) -> str | None:
    """The step at which a worker breaks within a few seconds."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        for step, once in waiting.items():
            if once.exists() and once.read_text():
                return step
        time.sleep(0.05)
    return None


def sent_in_the_end(office: Office) -> bool:
    """Let the leases and look-ups run out, and see."""
    office.forget_leases()
    time.sleep(0.5)
    return office.all_sent()


def test_workers_killed_at_any_step_neither_double_nor_lose_a_post(office: Office, tmp_path: Path) -> None:
    broken = broken_at_each_step(office, signal.SIGKILL, tmp_path)
    office.processes.wait_for(lambda: sent_in_the_end(office), "the receipts")
    assert broken.all_public_once(office)


def test_workers_that_sleep_at_any_step_and_wake_late_never_double_a_post(
    office: Office, tmp_path: Path
) -> None:
    broken = broken_at_each_step(office, signal.SIGSTOP, tmp_path)
    until = time.monotonic() + ASLEEP_FOR
    while time.monotonic() < until:
        sent_in_the_end(office)
    assert len(office.public()) == len(set(office.public()))
    for process in broken.processes:
        os.kill(process, signal.SIGCONT)
    office.processes.wait_for(lambda: sent_in_the_end(office), "the receipts")
    time.sleep(1)
    assert broken.all_public_once(office)
    assert set(office.states()) == {DeliveryState.SENT}
