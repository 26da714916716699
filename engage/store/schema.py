"""Bringing a database to the schema this code expects: Alembic, under a lock, safe to run twice."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import func, select

from engage.store.base import open_database

_MIGRATIONS = Path(__file__).parent / "migrations"
_MIGRATION_LOCK = 0x454E474D  # "ENGM": two processes that start at once migrate one after the other


def migrate(url: str) -> None:
    """Bring the database at this URL to the newest migration.

    Raises BadInput for an address that is not PostgreSQL's, Unavailable when nobody answers there.
    """
    engine = open_database(url, pool_size=1)
    try:
        with engine.begin() as connection:
            connection.execute(select(func.pg_advisory_xact_lock(_MIGRATION_LOCK)))
            config = Config()
            config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    finally:
        engine.dispose()
