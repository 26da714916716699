"""Engage on the real database, with the demonstration's people and an account on X."""

from collections.abc import Iterator

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import Engine as Database

from engage.posts.kinds import Platform
from engage.settings import Settings
from engage.wiring import Engage
from tests.signed_in import add_people


@pytest.fixture(scope="module")
def started(database_url: str) -> Iterator[Engage]:
    """Engage with the force's policy and templates read once."""
    made = Engage(
        Settings(
            DATABASE_URL=database_url,  # type: ignore[call-arg]
            REDIS_URL=None,
            token_keys=Fernet.generate_key().decode(),
            office_hours="always",
        )
    )
    yield made
    made.engine.dispose()


@pytest.fixture
def engage(engine: Database, started: Engage) -> Engage:  # noqa: ARG001 - it empties the tables first
    """Engage with people and an account."""
    with started.transaction() as unit:
        add_people(unit)
        unit.accounts.add(Platform.X, "MPSCamden", credentials={"token": "none"})
    return started
