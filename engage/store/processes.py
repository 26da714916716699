"""Which dispatchers and workers were seen at work, and when: one row a process, forgotten after a day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from engage.store.delivery_tables import ProcessSeenRow

_FORGOTTEN_AFTER = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Seen:
    """One process, and when it was last seen at work (UTC)."""

    name: str
    role: str
    at: datetime


def seen(session: Session, name: str, *, role: str, now: datetime) -> None:
    """Write down that a process is at work, and forget those not seen for a day."""
    row = insert(ProcessSeenRow).values(name=name, role=role, seen_at=now)
    session.execute(row.on_conflict_do_update(index_elements=["name"], set_={"seen_at": now, "role": role}))
    session.execute(delete(ProcessSeenRow).where(ProcessSeenRow.seen_at < now - _FORGOTTEN_AFTER))


def last_seen(session: Session) -> Sequence[Seen]:
    """Every process seen within a day, by role, the latest first."""
    rows = session.scalars(
        select(ProcessSeenRow).order_by(ProcessSeenRow.role, ProcessSeenRow.seen_at.desc())
    )
    return [Seen(row.name, row.role, row.seen_at) for row in rows]
