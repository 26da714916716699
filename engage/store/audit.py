"""The record: append-only, each entry chained to the one before by SHA-256.

The database itself refuses UPDATE and DELETE (a trigger of the first migration), and `verify`
finds any entry that was changed, removed or inserted behind its back.
"""

import hashlib
import json
from collections.abc import Collection, Iterable
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, Identity, ScalarResult, Text, cast, event, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from engage.signoff.record import Entry
from engage.store.base import Base
from engage.store.posts import PostRow, SignOffRow

_GENESIS = "0" * 64
_CHAIN_LOCK = 0x454E4741  # "ENGA": one writer of the chain at a time, until its transaction ends


class AuditRow(Base):
    """One entry of the record."""

    __tablename__ = "audit_entry"

    seq: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    at: Mapped[datetime]
    actor: Mapped[str]
    action: Mapped[str]
    subject: Mapped[str] = mapped_column(Text, index=True)
    details: Mapped[dict[str, Any]]
    previous: Mapped[str]
    hash: Mapped[str]

    def entry(self) -> Entry:
        """The row as the core knows it."""
        return Entry(
            at=self.at, actor=self.actor, action=self.action, subject=self.subject, details=self.details
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """What `verify` found: how many entries, the last hash, and the first broken entry if any."""

    entries: int
    head: str
    broken_at: int | None = None
    problem: str | None = None

    @property
    def whole(self) -> bool:
        """Whether nothing was changed, removed or inserted."""
        return self.broken_at is None

    def to_json(self) -> dict[str, Any]:
        """The finding as JSON types."""
        return {"whole": self.whole, **asdict(self)}


class AuditStore:
    """Appends to the record and reads it, in the caller's transaction.

    Entries are written at the transaction's end, or before the record is read in it: the chain's lock, which
    lasts as long as the transaction, is then the last that anybody takes. Taken at the first of many posts of
    one act, it would be waited for by whoever holds the next of them: a circle.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._unwritten: list[Entry] = []

    def append(self, entry: Entry) -> None:
        """Chain one entry behind the last, once everything else of the transaction is done."""
        if not event.contains(self._session, "before_commit", self._write):
            event.listen(self._session, "before_commit", self._write)
        self._unwritten.append(entry)

    def _write(self, _session: Session | None = None) -> None:
        if not self._unwritten:
            return
        self._session.flush()
        self._session.execute(select(func.pg_advisory_xact_lock(_CHAIN_LOCK)))
        last = self._session.scalar(select(AuditRow.hash).order_by(AuditRow.seq.desc()).limit(1))
        previous = last or _GENESIS
        for entry in self._unwritten:
            following = chained(previous, entry)
            self._session.add(_row(entry, previous, following))
            self._session.flush()
            previous = following
        self._unwritten.clear()

    def about(self, subject: str) -> list[Entry]:
        """Everything on record about one subject (a post id, a hold, a case), oldest first."""
        self._write()
        rows = self._session.scalars(
            select(AuditRow).where(AuditRow.subject == subject).order_by(AuditRow.seq)
        )
        return [row.entry() for row in rows]

    def news_for(self, person_id: str, *, actions: Collection[str], since: datetime) -> list[Entry]:
        """What others did since then to the posts this person wrote any of or signed, newest first."""
        self._write()
        written = select(cast(PostRow.id, Text)).where(PostRow.writers.contains([person_id]))
        signed = select(cast(SignOffRow.post_id, Text)).where(SignOffRow.by == person_id)
        rows = self._session.scalars(
            select(AuditRow)
            .where(
                AuditRow.subject.in_(written.union(signed)),
                AuditRow.at >= since,
                AuditRow.actor != person_id,
                AuditRow.action.in_(actions),
            )
            .order_by(AuditRow.seq.desc())
        )
        return [row.entry() for row in rows]

    def chain_of(self, subject: str) -> list[dict[str, Any]]:
        """The entries about one subject with their place in the chain, for a disclosure pack."""
        self._write()
        rows = self._session.scalars(
            select(AuditRow).where(AuditRow.subject == subject).order_by(AuditRow.seq)
        )
        return [
            {"seq": row.seq, "previous": row.previous, "hash": row.hash, **row.entry().to_json()}
            for row in rows
        ]

    def verify(self) -> Chain:
        """Walk the whole chain and say whether it is whole."""
        self._write()
        with closing(self._rows()) as rows:
            return _walked(rows)

    def _rows(self) -> ScalarResult[AuditRow]:
        query = select(AuditRow).order_by(AuditRow.seq).execution_options(yield_per=1000)
        return self._session.scalars(query)


def _row(entry: Entry, previous: str, following: str) -> AuditRow:
    return AuditRow(
        at=entry.at,
        actor=entry.actor,
        action=entry.action,
        subject=entry.subject,
        details=entry.details,
        previous=previous,
        hash=following,
    )


def _walked(rows: Iterable[AuditRow]) -> Chain:
    previous, seq, count = _GENESIS, 0, 0
    for row in rows:
        problem = None
        if row.previous != previous:
            problem = f"entry {row.seq} does not follow entry {seq}: something was removed or inserted"
        elif row.hash != chained(previous, row.entry()):
            problem = f"entry {row.seq} is not what was written: it was changed"
        if problem:
            return Chain(entries=count, head=previous, broken_at=row.seq, problem=problem)
        previous, seq, count = row.hash, row.seq, count + 1
    return Chain(entries=count, head=previous)


def chained(previous: str, entry: Entry) -> str:
    """The hash of an entry behind the one with hash `previous`: SHA-256 of both as canonical JSON."""
    content = json.dumps(
        [
            previous,
            entry.at.astimezone(UTC).isoformat(),
            entry.actor,
            entry.action,
            entry.subject,
            entry.details,
        ],
        sort_keys=True,
        ensure_ascii=False,
        separators=(",", ":"),
    )
    return hashlib.sha256(content.encode()).hexdigest()
