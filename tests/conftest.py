"""Real parts for tests: a fresh PostgreSQL database, a Redis-protocol server, the real data files.

`python3 dev.py test` starts both servers and names them in DATABASE_URL and REDIS_URL.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from hypothesis import settings
from sqlalchemy import Engine, text
from sqlalchemy.engine import make_url

from engage.store.base import Base, open_database
from engage.store.schema import migrate

REAL_DATA = Path(os.environ.get("ENGAGE_REAL_DATA", Path(__file__).parents[2] / "shared" / "data"))

settings.register_profile("engage", deadline=None)  # A busy machine is no reason to fail.
settings.load_profile("engage")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--real-servers", action="store_true", help="also run the tests that need slow real servers"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        if item.get_closest_marker("real_servers") and not config.getoption("--real-servers"):
            item.add_marker(pytest.mark.skip(reason="slow real server: run with --real-servers"))
        if item.get_closest_marker("real_data") and not REAL_DATA.is_dir():
            item.add_marker(pytest.mark.skip(reason="ENGAGE_REAL_DATA names no folder of real files"))


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real open data (mark the test `real_data`)."""
    return REAL_DATA


@pytest.fixture(scope="session")
def redis_url() -> str:
    """The Redis-protocol server that dev.py started."""
    if "REDIS_URL" not in os.environ:
        pytest.fail("REDIS_URL is not set: run the tests with `python3 dev.py test`")
    return os.environ["REDIS_URL"]


@pytest.fixture(scope="session")
def database_url() -> Iterator[str]:
    """A new migrated database on the real server, dropped at the end."""
    if "DATABASE_URL" not in os.environ:
        pytest.fail("DATABASE_URL is not set: run the tests with `python3 dev.py test`")
    server = make_url(os.environ["DATABASE_URL"]).set(drivername="postgresql")
    name = f"engage_test_{uuid4().hex[:12]}"
    with psycopg.connect(server.render_as_string(hide_password=False), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
        url = server.set(database=name).render_as_string(hide_password=False)
        migrate(url)
        yield url
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def shared_engine(database_url: str) -> Iterator[Engine]:
    """One engine on the test database; tests use `engine`, which starts empty."""
    engine = open_database(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def engine(shared_engine: Engine) -> Engine:
    """The test database with every table empty."""
    tables = ", ".join(f'"{table.name}"' for table in Base.metadata.sorted_tables)
    with shared_engine.begin() as connection:
        # The record's triggers refuse this, as they should; a replica's session does not fire them.
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text(f"TRUNCATE {tables} RESTART IDENTITY CASCADE"))
    return shared_engine
