"""Bringing a database to the schema this code expects."""

from sqlalchemy import create_engine
from sqlalchemy.engine import make_url

from engage.store.base import Base


def migrate(url: str) -> None:
    """Create what is missing. Safe to run twice, and by two processes at once."""
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"))
    Base.metadata.create_all(engine)
    engine.dispose()
