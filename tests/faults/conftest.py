"""One press office for each fault test, over the shared servers."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.faults.press_office import Office, open_office, own_broker_database


@pytest.fixture
def office(engine: Engine, database_url: str, redis_url: str, tmp_path: Path) -> Iterator[Office]:
    """An office whose tables and queue are empty."""
    assert engine is not None
    with open_office(database_url, own_broker_database(redis_url), tmp_path) as office:
        yield office
