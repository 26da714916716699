"""A database that cannot serve says why in one line, and nothing half-done stays."""

from collections.abc import Iterator
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import Engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ProgrammingError

from engage.posts.clock import utc_now
from engage.posts.errors import BadInput, Unavailable
from engage.store.base import open_database
from engage.store.unit import transaction

RAISE = "DO $$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '{}'; END $$"


@pytest.fixture
def empty_database(database_url: str) -> Iterator[Engine]:
    """A database that nobody has migrated."""
    server = make_url(database_url).set(drivername="postgresql")
    name = f"engage_empty_{uuid4().hex[:12]}"
    address = server.render_as_string(hide_password=False)
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
        engine = open_database(server.set(database=name).render_as_string(hide_password=False))
        yield engine
        engine.dispose()
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def test_a_database_nobody_migrated_says_what_to_run(empty_database: Engine) -> None:
    with pytest.raises(Unavailable, match="Run `engage migrate`"), transaction(empty_database) as unit:
        unit.people.all()


@pytest.mark.parametrize(
    ("code", "message"),
    [("53100", "disk is full"), ("25006", "takes no changes"), ("57P01", "did not answer")],
)
def test_a_server_in_trouble_is_one_clear_line(engine: Engine, code: str, message: str) -> None:
    with pytest.raises(Unavailable, match=message), transaction(engine) as unit:
        unit.session.execute(text(RAISE.format(code)))


def fill_the_disk_in_the_middle(engine: Engine) -> None:
    with transaction(engine) as unit:
        unit.session.execute(text("INSERT INTO scratch VALUES ('half')"))
        unit.session.execute(text(RAISE.format("53100")))


def test_a_disk_that_fills_in_the_middle_leaves_nothing_behind(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE IF NOT EXISTS scratch (word text)"))
    with pytest.raises(Unavailable, match="disk is full"):
        fill_the_disk_in_the_middle(engine)
    with engine.begin() as connection:
        assert connection.execute(text("SELECT count(*) FROM scratch")).scalar_one() == 0
        connection.execute(text("DROP TABLE scratch"))


def test_a_mistake_of_ours_is_not_blamed_on_the_server(engine: Engine) -> None:
    with pytest.raises(ProgrammingError), transaction(engine) as unit:
        unit.session.execute(text("SELEKT 1"))


@pytest.mark.parametrize(
    ("reason", "message"),
    [("a\0b", r"cannot be kept \(U\+0000"), ("a\udcffb", r"U\+DCFF\).*Give it in UTF-8")],
)
def test_a_text_that_no_database_keeps_is_bad_input_and_changes_nothing(
    engine: Engine, reason: str, message: str
) -> None:
    """From a file, or from a command line that is not UTF-8; in a text column and in JSON."""
    with pytest.raises(BadInput, match=message), transaction(engine) as unit:
        unit.regimes.set_case("1/03OCT", {}, by=reason, now=utc_now())
    with pytest.raises(BadInput, match="cannot be kept"), transaction(engine) as unit:
        unit.regimes.set_case("1/03OCT", {"status": reason}, by="pc.khan", now=utc_now())
    with transaction(engine) as unit:
        assert unit.regimes.case("1/03OCT") == {}
