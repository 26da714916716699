"""The regimes decisions depend on: holds, windows and what is known of a case."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Identity, Text, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from engage.posts.clock import show
from engage.posts.errors import BadInput
from engage.posts.kinds import Kind, Platform
from engage.posts.places import borough as find_borough
from engage.signoff.refusals import NoSuchHold, NotNeeded
from engage.signoff.regimes import Hold, HoldScope, Window
from engage.store.base import Base
from engage.store.gate import close_gate
from engage.store.people import PersonRow


class HoldRow(Base):
    """A hold; lifted, never deleted."""

    __tablename__ = "hold"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    scope: Mapped[str]
    value: Mapped[str]
    reason: Mapped[str]
    placed_by: Mapped[str]
    placed_at: Mapped[datetime]
    lifted_by: Mapped[str | None]
    lifted_at: Mapped[datetime | None]

    def hold(self) -> Hold:
        """The row as the core knows it."""
        return Hold(
            id=self.id,
            scope=HoldScope(self.scope),
            value=self.value,
            reason=self.reason,
            placed_by=self.placed_by,
            placed_at=self.placed_at,
            lifted_by=self.lifted_by,
            lifted_at=self.lifted_at,
        )


class WindowRow(Base):
    """A dated regime."""

    __tablename__ = "regime_window"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    kind: Mapped[str]
    borough: Mapped[str | None]
    starts: Mapped[date]
    ends: Mapped[date]
    poll: Mapped[date | None]
    note: Mapped[str]

    def window(self) -> Window:
        """The row as the core knows it."""
        return Window(
            id=self.id,
            kind=self.kind,
            borough=self.borough,
            starts=self.starts,
            ends=self.ends,
            poll=self.poll,
            note=self.note,
        )


class CaseRow(Base):
    """What is known now of a case, by its reference; every change is in the record."""

    __tablename__ = "case_status"

    reference: Mapped[str] = mapped_column(Text, primary_key=True)
    facts: Mapped[dict[str, Any]]
    changed_by: Mapped[str]
    changed_at: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class Case:
    """What is known of one case, who last said so, and when (UTC)."""

    reference: str
    facts: Mapping[str, Any]
    changed_by: str
    changed_at: datetime


class RegimeStore:
    """Reads and changes the regimes in the caller's transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def holds(self, *, lifted: bool = False) -> list[Hold]:
        """The holds in force, oldest first; with `lifted`, all there ever were."""
        query = select(HoldRow) if lifted else select(HoldRow).where(HoldRow.lifted_at.is_(None))
        return [row.hold() for row in self._session.scalars(query.order_by(HoldRow.id))]

    def holds_on(self, *, borough: str, kind: str, topic: str | None, platform: str) -> list[Hold]:
        """The holds in force that stop this delivery."""
        return [
            each
            for each in self.holds()
            if each.reaches(borough=borough, kind=kind, topic=topic, platform=platform)
        ]

    def add_hold(self, scope: HoldScope, value: str, *, reason: str, by: str, now: datetime) -> Hold:
        """Put a hold in force, once no request is under way.

        Raises BadInput for a place, kind or platform there is not, Unavailable where a request does not end.
        """
        if not reason.strip():
            raise BadInput("say why: everyone who is stopped by it will read it.", where="reason")
        row = HoldRow(
            scope=scope.value,
            value=_hold_value(scope, value),
            reason=reason.strip(),
            placed_by=by,
            placed_at=now,
        )
        self._session.add(row)
        self._session.flush()
        close_gate(self._session)
        return row.hold()

    def lift_hold(self, hold_id: int, *, by: str, now: datetime) -> Hold:
        """Lift a hold. NoSuchHold where there is none, NotNeeded where it was lifted already."""
        row = self._session.get(HoldRow, hold_id, with_for_update=True)
        if row is None:
            raise NoSuchHold(f"There is no hold {hold_id}.")
        if row.lifted_at is not None:
            who = self._session.get(PersonRow, row.lifted_by)
            by_whom = who.name if who else row.lifted_by
            raise NotNeeded(f"This hold is not in force: {by_whom} lifted it {show(row.lifted_at)}.")
        row.lifted_by, row.lifted_at = by, now
        self._session.flush()
        return row.hold()

    def windows(self, *, on: date | None = None, borough: str | None = None) -> list[Window]:
        """Windows, earliest first; only those open on a day, or that reach a borough, where asked."""
        query = select(WindowRow).order_by(WindowRow.starts)
        if on is not None:
            query = query.where(WindowRow.starts <= on, WindowRow.ends >= on)
        if borough is not None:
            query = query.where(or_(WindowRow.borough.is_(None), WindowRow.borough == borough))
        return [row.window() for row in self._session.scalars(query)]

    def add_window(self, window: Window) -> Window:
        """Add a dated regime and give it with its number. BadInput where it ends before it starts."""
        if window.ends < window.starts:
            raise BadInput(f"ends {window.ends}, before it starts {window.starts}.", where="window")
        row = WindowRow(
            kind=window.kind,
            borough=find_borough(window.borough).name if window.borough else None,
            starts=window.starts,
            ends=window.ends,
            poll=window.poll,
            note=window.note,
        )
        self._session.add(row)
        self._session.flush()
        return row.window()

    def case(self, reference: str) -> dict[str, Any]:
        """What is known of a case; empty where nothing is."""
        row = self._session.get(CaseRow, reference)
        return dict(row.facts) if row else {}

    def cases(self) -> list[Case]:
        """Every case something is known of, the latest change first."""
        rows = self._session.scalars(select(CaseRow).order_by(CaseRow.changed_at.desc()))
        return [Case(row.reference, dict(row.facts), row.changed_by, row.changed_at) for row in rows]

    def set_case(self, reference: str, facts: Mapping[str, Any], *, by: str, now: datetime) -> dict[str, Any]:
        """Record what changed about a case and return all that is known of it now."""
        row = self._session.get(CaseRow, reference, with_for_update=True)
        if row is None:
            row = CaseRow(reference=reference, facts={}, changed_by=by, changed_at=now)
            self._session.add(row)
        row.facts = {**row.facts, **facts}
        row.changed_by, row.changed_at = by, now
        self._session.flush()
        return dict(row.facts)


def _hold_value(scope: HoldScope, value: str) -> str:
    try:
        match scope:
            case HoldScope.FORCE:
                return ""
            case HoldScope.BOROUGH:
                return find_borough(value).name
            case HoldScope.KIND:
                return Kind(value).value
            case HoldScope.PLATFORM:
                return Platform(value).value
            case HoldScope.TOPIC:
                return value.strip()
    except ValueError as error:
        raise BadInput(f"“{value}” is not a {scope.value}.", where="hold") from error
