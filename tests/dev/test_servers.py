"""The servers under the demo and the tests: private, on no fixed port, and never left behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from tests.servers import NotStarted, Postgres, Valkey, servers, throwaway_home

ROOT = Path(__file__).parents[2]
START_AND_WAIT = """
import sys, time
from pathlib import Path
from tests.servers import servers
with servers(Path(sys.argv[1]), durable=True) as addresses:
    print(addresses["DATABASE_URL"], addresses["REDIS_URL"], flush=True)
    time.sleep(60)
"""


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder with a space in its name that PostgreSQL's own user can reach."""
    with throwaway_home() as parent:
        here = parent / "a folder"
        here.mkdir()
        yield here


def without_addresses() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}


def wait_until_gone(*, database: str, broker: str) -> None:
    deadline = time.monotonic() + 15
    while answers(database, broker):
        assert time.monotonic() < deadline, "a server outlived the process that started it"
        time.sleep(0.05)


def answers(database: str, broker: str) -> bool:
    try:
        psycopg.connect(database).close()
    except psycopg.OperationalError:
        try:
            return bool(redis.Redis.from_url(broker, retry=None).ping())
        except redis.ConnectionError:
            return False
    return True


def test_postgres_keeps_its_data_over_a_restart_in_a_path_with_a_space(home: Path) -> None:
    first = Postgres(home / "pg")
    first.start()
    with psycopg.connect(first.url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 'Camden' AS borough")
    first.stop()
    second = Postgres(home / "pg")
    second.start()
    try:
        with psycopg.connect(second.url) as connection:
            assert connection.execute("SELECT borough FROM kept").fetchall() == [("Camden",)]
    finally:
        second.stop()


def test_postgres_listens_on_no_port_and_its_folder_is_closed_to_others(home: Path) -> None:
    server = Postgres(home / "pg", durable=False)
    server.start()
    try:
        with psycopg.connect(server.url) as connection:
            assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
        assert (home / "pg").stat().st_mode & 0o077 == 0
    finally:
        server.stop()


def test_a_path_too_long_for_a_socket_still_works(home: Path) -> None:
    deep = home / ("a long name " * 9)
    deep.mkdir()
    server = Postgres(deep / "pg", durable=False)
    server.start()
    try:
        with psycopg.connect(server.url) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
    finally:
        server.stop()


def test_two_redis_servers_at_once_share_no_port_and_want_their_own_password(home: Path) -> None:
    pair = [Valkey(home / name) for name in ("one", "two")]
    try:
        for server in pair:
            server.start()
            assert redis.Redis.from_url(server.url).ping()
        assert pair[0].port != pair[1].port
        with pytest.raises(redis.AuthenticationError):
            redis.Redis(port=pair[0].port).ping()
    finally:
        for server in pair:
            server.stop()


def test_redis_keeps_what_it_was_told_over_a_restart(home: Path) -> None:
    first = Valkey(home / "kv")
    first.start()
    redis.Redis.from_url(first.url).set("woken", "7")
    first.stop()
    second = Valkey(home / "kv")
    second.start()
    try:
        assert redis.Redis.from_url(second.url).get("woken") == b"7"
    finally:
        second.stop()


def test_addresses_given_from_outside_are_used_and_nothing_is_started(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://elsewhere/engage")
    monkeypatch.setenv("REDIS_URL", "redis://elsewhere/0")
    with servers(home, durable=False) as addresses:
        assert addresses == {
            "DATABASE_URL": "postgresql://elsewhere/engage",
            "REDIS_URL": "redis://elsewhere/0",
        }
    assert list(home.iterdir()) == []


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends children with their parent")
def test_servers_end_with_the_process_that_started_them_even_when_it_is_killed(home: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", START_AND_WAIT, str(home)],
        cwd=ROOT,
        env=without_addresses(),
        stdout=subprocess.PIPE,
        text=True,
    ) as parent:
        assert parent.stdout is not None
        database, broker = parent.stdout.readline().split()
        assert answers(database, broker)
        parent.send_signal(signal.SIGKILL)
    wait_until_gone(database=database, broker=broker)


def test_a_server_that_cannot_start_says_its_last_words(home: Path) -> None:
    (home / "pg" / "data").mkdir(parents=True)
    with pytest.raises(NotStarted, match=r"(?s)PostgreSQL did not start.*server configuration file"):
        Postgres(home / "pg", durable=False).start()


def test_a_first_start_that_was_cut_short_is_begun_again(home: Path) -> None:
    half = home / "pg" / "new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    server = Postgres(home / "pg", durable=False)
    server.start()
    try:
        with psycopg.connect(server.url) as connection:
            assert connection.execute("SELECT current_database()").fetchone() == ("engage",)
    finally:
        server.stop()
