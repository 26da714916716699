"""The migrations make exactly the tables the code expects, and can be run by two processes at once."""

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine
from sqlalchemy.engine import make_url

from engage.posts.errors import BadInput, Unavailable
from engage.store.base import Base
from engage.store.schema import migrate


def test_the_migrations_and_the_tables_in_code_do_not_differ(shared_engine: Engine) -> None:
    with shared_engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_two_processes_that_start_at_once_migrate_once(database_url: str) -> None:
    server, name = make_url(database_url), f"engage_test_{uuid4().hex[:12]}"
    with psycopg.connect(server.render_as_string(hide_password=False), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
        try:
            url = server.set(database=name).render_as_string(hide_password=False)
            with ThreadPoolExecutor(3) as pool:
                list(pool.map(migrate, [url] * 3))
        finally:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def test_no_database_is_one_clear_message() -> None:
    with pytest.raises(Unavailable, match="No database answers at postgresql"):
        migrate("postgresql://nobody@127.0.0.1:9/none")


@pytest.mark.parametrize("url", ["sqlite:///engage.db", "not an address"])
def test_what_is_no_postgresql_address_is_refused_by_name(url: str) -> None:
    with pytest.raises(BadInput, match="DATABASE_URL"):
        migrate(url)
