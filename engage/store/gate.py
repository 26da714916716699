"""The gate between sending and holding: whoever sends keeps it open, whoever holds closes it and waits.

A sender takes a shared advisory lock from before its last check until its request has ended. A hold
takes the same lock exclusively before it commits, so when `hold add` returns no request for a held
post is under way, and the next sender sees the hold. PostgreSQL serves lock waiters in order, so a
stream of senders cannot starve a hold; a killed sender's lock goes with its connection.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from engage.posts.errors import Unavailable

_GATE = 0x454E4747  # "ENGG"
LONGEST_REQUEST_MS = 20_000
_LOCK_NOT_AVAILABLE = "55P03"


@contextmanager
def open_gate(engine: Engine) -> Iterator[Connection]:
    """A connection that keeps the gate open while it is used for sending."""
    with engine.connect() as connection:
        connection.execute(select(func.pg_advisory_lock_shared(_GATE)))
        connection.commit()
        try:
            yield connection
        finally:
            if not connection.invalidated:
                connection.rollback()
                connection.execute(select(func.pg_advisory_unlock_shared(_GATE)))
                connection.commit()


def close_gate(session: Session) -> None:
    """Wait until no request is under way, and let none begin before this transaction ends.

    Raises Unavailable, changing nothing, where a request does not end within twenty seconds.
    """
    session.execute(text(f"SET LOCAL lock_timeout = {LONGEST_REQUEST_MS}"))
    try:
        session.execute(select(func.pg_advisory_xact_lock(_GATE)))
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) != _LOCK_NOT_AVAILABLE:
            raise
        raise Unavailable(
            "A worker has been in the middle of a request for over twenty seconds, so the hold could not be "
            "put in force. Stop the workers, then try again."
        ) from error
    session.execute(text("SET LOCAL lock_timeout = 0"))
