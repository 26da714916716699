"""A worker that sleeps between its last check and its request: what the world decides meanwhile holds when it wakes."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from sqlalchemy import text

from engage.posts.clock import utc_now
from engage.posts.states import DeliveryState
from engage.signoff.regimes import HoldScope, place_hold
from tests.faults.press_office import Office

CELERY = ("-A", "tests.faults.breaking_worker", "worker", "--concurrency", "1", "--loglevel", "INFO")
D = DeliveryState


@contextmanager
def asleep_before_its_request(office: Office, folder: Path, name: str, *, lives: timedelta) -> Iterator[None]:
    """A worker has written its intent and sleeps; it wakes at the end."""
    once = folder / "asleep"
    told = {"BREAK_AT": "before the call", "BREAK_WITH": "SIGSTOP", "BREAK_ONCE": str(once)}
    office.processes.start("sleeper", "celery", *CELERY, **told)
    office.processes.start("dispatcher", "engage", "dispatcher")
    office.processes.wait_for(lambda: "account_checked" in office.processes.log("sleeper"), "both at work")
    with office.engage.transaction() as unit:
        office.engage.policy_in(unit)  # read now, which takes its time, and not while the post grows late
    office.signed_off(name, lives=lives)
    office.processes.wait_for(lambda: once.exists() and bool(once.read_text()), "the worker to fall asleep")
    assert office.states() == [D.SENDING]
    yield
    os.kill(int(once.read_text()), signal.SIGCONT)


def test_a_worker_that_wakes_after_the_latest_time_makes_no_request(office: Office, tmp_path: Path) -> None:
    lives = timedelta(seconds=20)
    with asleep_before_its_request(office, tmp_path, "a pause", lives=lives):
        late_from = utc_now() + lives
        office.processes.wait_for(lambda: utc_now() > late_from, "its latest time")
    office.processes.wait_for(lambda: office.states() == [D.LAPSED], "the post to go back to a person")
    assert not office.asked_for("a pause")


def test_a_worker_that_lost_its_place_at_the_gate_while_it_slept_makes_no_request_after_a_hold(
    office: Office, tmp_path: Path
) -> None:
    with asleep_before_its_request(office, tmp_path, "a pause", lives=timedelta(hours=1)):
        with office.engage.engine.begin() as connection:
            connection.execute(
                text("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted")
            )
        with office.engage.transaction() as unit:
            desk = office.engage.desk(unit)
            place_hold(desk, unit.regimes, HoldScope.FORCE, "", reason="tension", by=office.bailey)
    office.processes.wait_for(lambda: "raised unexpected" in office.processes.log("sleeper"), "it to wake")
    assert not office.asked_for("a pause")
