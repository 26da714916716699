"""Engage's web application on a real database, with a handful of people, an account on each platform."""

from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher
from cryptography.fernet import Fernet
from sqlalchemy import Engine as Database

from engage.posts.clock import utc_now
from engage.posts.kinds import DRAFTED_FOR
from engage.posts.people import Role
from engage.settings import Settings
from engage.store.people import PersonRow
from engage.store.unit import Unit
from engage.web import create_app
from engage.wiring import Engage
from tests.web.visitor import PASSWORD, Visitor

STAFF = (
    ("pc.okafor", "PC Amara Okafor", Role.OFFICER, ("Camden", "Lambeth")),
    ("pc.byrne", "PC Tom Byrne", Role.OFFICER, ("Brent",)),
    ("press.sharma", "Priya Sharma", Role.PRESS_OFFICER, ()),
    ("press.ward", "Helen Ward", Role.HEAD_OF_COMMS, ()),
    ("insp.reid", "Inspector Sam Reid", Role.DUTY_INSPECTOR, ()),
    ("audit.lin", "Ada Lin", Role.AUDITOR, ()),
    ("admin.roy", "Roy Admin", Role.ADMINISTRATOR, ()),
)


CHEAP_HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


def settings(database_url: str, *, demo: bool = True) -> Settings:
    """The settings of a web process that counts sign-in tries in its own memory."""
    return Settings(
        DATABASE_URL=database_url,  # type: ignore[call-arg]
        REDIS_URL=None,
        secret_key="a secret of the tests, 32 bytes long",
        token_keys=Fernet.generate_key().decode(),
        demo=demo,
        office_hours="always",
    )


def _person(username: str, name: str, role: Role, boroughs: tuple[str, ...]) -> PersonRow:
    """A row with a cheap hash of the demonstration password: the real cost would be paid in every test."""
    return PersonRow(
        id=username,
        name=name,
        password_hash=CHEAP_HASH,
        roles=[role.value],
        boroughs=list(boroughs),
        active=True,
        created_at=utc_now(),
    )


def add_staff(unit: Unit) -> None:
    """The staff of these tests, in the caller's transaction."""
    unit.session.add_all(_person(*each) for each in STAFF)
    unit.session.flush()


@pytest.fixture(scope="session")
def started(database_url: str) -> Iterator[Engage]:
    """Engage with the force's policy and templates read once."""
    made = Engage(settings(database_url))
    yield made
    made.engine.dispose()


@pytest.fixture
def engage(engine: Database, started: Engage) -> Engage:  # noqa: ARG001 - it empties the tables first
    """Engage with the staff of these tests and an account on each platform."""
    with started.transaction() as unit:
        add_staff(unit)
        for platform in DRAFTED_FOR:
            unit.accounts.add(platform, f"met_{platform.value}", credentials={"token": "none"})
    return started


@pytest.fixture
def visitor(engage: Engage) -> Visitor:
    """Somebody at a browser, not signed in."""
    return Visitor(create_app(engage).test_client())


@pytest.fixture
def officer(engage: Engage) -> Visitor:
    return Visitor(create_app(engage).test_client()).signed_in("pc.okafor")


@pytest.fixture
def press(engage: Engage) -> Visitor:
    return Visitor(create_app(engage).test_client()).signed_in("press.sharma")
