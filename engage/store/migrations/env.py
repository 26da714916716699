"""How Alembic reaches the database: on the connection `schema.migrate` holds its lock with."""

from alembic import context

from engage.store import (
    asides,
    audit,
    campaigns,
    crime,
    deliveries,
    people,
    policies,
    posts,
    regimes,
    takedowns,
)
from engage.store.base import Base

TABLES = (asides, audit, campaigns, crime, deliveries, people, policies, posts, regimes, takedowns)
"""Imported so that every table is known to the metadata."""

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
