"""Servers killed, emptied and cut off under running processes, which are never restarted: nothing doubles or is lost.

One office for all of these tests: what each of them breaks, the same worker and dispatchers live through.
"""

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from engage.posts.clock import utc_now
from engage.signoff.regimes import HoldScope, lift_hold, place_hold
from engage.store.base import open_database
from engage.store.delivery_tables import DUE_CHANNEL
from engage.store.schema import migrate
from engage.wiring.waking import Waker
from tests.faults.press_office import WORDS, Office, open_office
from tests.faults.rough_servers import RoughServers, rough_servers

POSTS = 4
WRONG_BY = 100  # seconds; X itself refuses a stamp that is five minutes off
CELERY = ("celery", "-A", "engage.tasks", "worker", "--concurrency", "1", "--loglevel", "INFO")


@pytest.fixture(scope="module")
def servers() -> Iterator[RoughServers]:
    """Servers of our own, reached over lines that can be cut."""
    with rough_servers() as servers:
        migrate(servers.postgres.url)
        yield servers


@pytest.fixture(scope="module")
def office(servers: RoughServers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """An office with a worker whose clock is slow and two dispatchers, one of which has a fast one."""
    folder: Path = tmp_path_factory.mktemp("office")
    with open_office(
        servers.postgres.url, servers.valkey.url, folder, processes_reach=servers.over_the_lines
    ) as office:
        clock = "tests.faults.another_clock"
        office.processes.start("worker", clock, str(-WRONG_BY), *CELERY)
        office.processes.start("dispatcher", "engage", "dispatcher")
        office.processes.start("fast dispatcher", clock, str(WRONG_BY), "engage", "dispatcher")
        office.processes.wait_for(lambda: "ready." in office.processes.log("worker"), "the worker")
        yield office


def due_meanwhile(office: Office, what: str) -> list[str]:
    """Sign off posts that fall due over the next two seconds; gives their words."""
    names = [f"{what}, post {number + 1}" for number in range(POSTS)]
    for number, name in enumerate(names):
        office.signed_off(name, due_in=timedelta(seconds=1 + number / 3))
    return [WORDS.format(name) for name in names]


def lives_through(
    office: Office, what: str, *, breaks: Callable[[], None], mends: Callable[[], None]
) -> None:
    """Posts fall due while something is broken; once it is mended each is public once, with its receipt."""
    words = due_meanwhile(office, what)
    time.sleep(1)
    breaks()
    time.sleep(1.5)
    mends()
    office.processes.wait_for(lambda: settled(office), f"the receipts after {what}")
    assert sorted(text for text in office.public() if text in words) == sorted(words)
    assert all(process.poll() is None for process in office.processes.running.values())


def settled(office: Office) -> bool:
    """Let leases and look-ups run out, and see whether all that may leave has its receipt."""
    office.forget_leases()
    time.sleep(0.3)
    return office.all_sent()


def test_a_broker_killed_and_restarted_loses_no_post(office: Office, servers: RoughServers) -> None:
    lives_through(office, "a kill", breaks=servers.valkey.kill, mends=servers.valkey.start)


def test_a_broker_that_comes_back_without_its_file_loses_no_post(
    office: Office, servers: RoughServers
) -> None:
    def emptied() -> None:
        servers.valkey.forget()
        servers.valkey.start()

    lives_through(office, "a lost file", breaks=servers.valkey.kill, mends=emptied)


def test_a_database_stopped_at_once_and_restarted_loses_no_post(
    office: Office, servers: RoughServers
) -> None:
    lives_through(
        office, "an immediate stop", breaks=servers.postgres.stop_at_once, mends=servers.postgres.start
    )


@pytest.mark.parametrize("server", ["broker", "database"])
def test_a_server_that_falls_silent_and_then_drops_its_connections_loses_no_post(
    office: Office, servers: RoughServers, server: str
) -> None:
    line = servers.lines[server]

    def silent_and_then_cut() -> None:
        line.silence()
        time.sleep(1)
        line.cut()

    lives_through(office, f"a partition of the {server}", breaks=silent_and_then_cut, mends=line.mend)


def test_what_became_due_while_a_dispatcher_could_not_hear_is_looked_for_once_it_can(
    servers: RoughServers,
) -> None:
    database = open_database(servers.over_the_lines["DATABASE_URL"])
    with Waker(database) as waker, ThreadPoolExecutor(1) as pool:
        began = time.monotonic()
        asleep = pool.submit(waker.wait, timedelta(seconds=20), threading.Event())
        time.sleep(0.2)
        servers.lines["database"].cut()
        with psycopg.connect(servers.postgres.url, autocommit=True) as connection:
            connection.execute(f"NOTIFY {DUE_CHANNEL}")
        servers.lines["database"].mend()
        asleep.result()
        assert time.monotonic() - began < 10
    database.dispose()


def test_a_database_machine_that_vanishes_without_a_word_is_given_up_within_seconds(
    servers: RoughServers,
) -> None:
    database = open_database(servers.over_the_lines["DATABASE_URL"])
    with database.connect() as connection:
        assert connection.connection.dbapi_connection is not None
        with socket.socket(fileno=os.dup(connection.connection.dbapi_connection.fileno())) as line:
            options = [
                line.getsockopt(socket.IPPROTO_TCP, option)
                for option in (socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT)
            ]
    database.dispose()
    assert options[0] + options[1] * options[2] <= 20


def test_a_post_leaves_at_its_time_whatever_the_clocks_of_workers_and_dispatchers_say(
    office: Office,
) -> None:
    post = office.signed_off("a wrong clock", due_in=timedelta(seconds=2))
    office.processes.wait_for(office.all_sent, "the post")
    assert post.publish_at is not None
    [left] = [each.created for each in office.edge.edge.book.posts.values() if "a wrong clock" in each.text]
    assert 0 <= left - post.publish_at.timestamp() < 10


def test_no_request_reaches_the_platform_after_a_hold_is_in_force(office: Office) -> None:
    """By the platform's own receipt times, with requests under way while the hold is placed."""
    office.edge.edge.settings["answer_seconds"] = 0.3
    for number in range(30):
        office.signed_off(f"a hold, post {number + 1}", due_in=timedelta(seconds=3))
    office.processes.wait_for(lambda: any("a hold" in each for each in office.public()), "the first of them")
    with office.engage.transaction() as unit:
        hold = place_hold(
            office.engage.desk(unit), unit.regimes, HoldScope.FORCE, "", reason="tension", by=office.bailey
        )
    in_force = utc_now().timestamp()
    time.sleep(2)
    arrived = [each.at for each in office.edge.edge.arrivals if "a hold" in each.body]
    assert max(arrived) < in_force
    assert len(arrived) < 30
    with office.engage.transaction() as unit:
        signed_off = office.engage.signed_off(unit)
        lift_hold(office.engage.desk(unit), unit.regimes, hold.id, by=office.bailey, signed_off=signed_off)
