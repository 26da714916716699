"""The gate between sending and holding: whoever sends keeps it open, whoever holds closes it and waits.

A sender takes a shared advisory lock from before its last check until its request has ended. A hold
takes the same lock exclusively before it commits, so when `hold add` returns no request for a held
post is under way, and the next sender sees the hold. PostgreSQL serves lock waiters in order, so a
stream of senders cannot starve a hold; a killed sender's lock goes with its connection.

The same connection carries a mark for each delivery it took. While a sender sleeps the mark stays, so
nobody takes the post's absence for its end and sends it a second time.

A sender whose connection was cut has lost its place at the gate, and may be about to make its request all
the same: it cannot know. Its delivery stands on `sending`, and its request leaves within seconds of that or not
at all (`engage.delivery.leaving`). So whoever closes the gate waits those seconds where there is such a row.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from uuid import UUID

from sqlalchemy import BigInteger, Connection, Engine, func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from engage.delivery.leaving import HANDING_OVER, may_take
from engage.delivery.ledger import LEASE
from engage.posts.errors import Unavailable
from engage.posts.states import DeliveryState
from engage.store.base import listed
from engage.store.delivery_tables import DeliveryRow

_GATE = 0x454E4747  # "ENGG"
LONGEST_REQUEST_MS = 20_000
_LOCK_NOT_AVAILABLE = "55P03"
_SECONDS_OF_SILENCE = {
    "tcp_keepalives_idle": "5",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
}
"""How soon PostgreSQL gives up a machine that lost its power, and frees its locks."""

_ASKED = func.unnest(listed("marks", BigInteger)).column_valued("mark")
_MARKED = select(_ASKED, func.pg_try_advisory_lock(_ASKED))
_OPEN = select(func.pg_advisory_lock_shared(_GATE))
_LEAVE = select(func.pg_advisory_unlock_all())


@contextmanager
def open_gate(engine: Engine) -> Iterator[Connection]:
    """A connection that keeps the gate open while it is used for sending."""
    with engine.connect() as connection:
        _drop_soon_when_silent(connection)
        connection.execute(_OPEN)
        connection.commit()
        try:
            yield connection
        finally:
            if not connection.invalidated:
                connection.rollback()
                connection.execute(_LEAVE)
                connection.commit()


def close_gate(session: Session, *, longest_ms: int = LONGEST_REQUEST_MS) -> None:
    """Wait until no request is under way, and let none begin before this transaction ends.

    Raises Unavailable, changing nothing, where a request does not end in `longest_ms` milliseconds.
    """
    session.execute(text(f"SET LOCAL lock_timeout = {longest_ms}"))
    try:
        session.execute(select(func.pg_advisory_xact_lock(_GATE)))
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) != _LOCK_NOT_AVAILABLE:
            raise
        raise Unavailable(
            f"A worker has been in the middle of a request for over {longest_ms / 1000:g} seconds, so this "
            "could not be put in force. Stop the workers, then try again."
        ) from error
    session.execute(text("SET LOCAL lock_timeout = 0"))
    seconds = _until_no_lost_sender_can_begin(session)
    if seconds > 0:
        session.execute(select(func.pg_sleep(seconds)))


def _until_no_lost_sender_can_begin(session: Session) -> float:
    """Seconds until the last request of a sender that lost its connection has left, or never will.

    With the gate closed no other sender is at work, so every delivery on `sending` is such a one.
    """
    each_picture = (may_take(1) - may_take(0)).total_seconds()
    ends = (
        func.extract("epoch", DeliveryRow.leased_until)
        + func.jsonb_array_length(DeliveryRow.media) * each_picture
    )
    last = select(func.max(ends) - func.extract("epoch", func.clock_timestamp()))
    left = session.execute(last.where(DeliveryRow.state == DeliveryState.SENDING.value)).scalar()
    return 0.0 if left is None else float(left) + (may_take(0) + HANDING_OVER - LEASE).total_seconds()


def mark_sender(session: Session, delivery_ids: Collection[UUID]) -> Collection[UUID]:
    """Mark deliveries as this connection's until its turn at the gate ends; those with another's mark are left out."""
    marks = {_mark(each): each for each in delivery_ids}
    free = session.execute(_MARKED, {"marks": list(marks)}).all()
    return [marks[mark] for mark, marked in free if marked]


def sender_has_ended(session: Session, delivery_id: UUID) -> bool:
    """Whether no connection has its mark on a delivery."""
    free: bool = session.execute(select(func.pg_try_advisory_xact_lock(_mark(delivery_id)))).scalar_one()
    return free


def _mark(delivery_id: UUID) -> int:
    return int.from_bytes(delivery_id.bytes[:8], signed=True)


def _drop_soon_when_silent(connection: Connection) -> None:
    if connection.info.get("dropped_soon"):
        return
    settings = [func.set_config(name, value, False) for name, value in _SECONDS_OF_SILENCE.items()]
    connection.execute(select(*settings))
    connection.info["dropped_soon"] = True
