"""How delivery is doing, read from the ledger at the moment of asking: right for every process, whoever did the work.

Open work is read through the indexes of what is open; the last day through the accounts' index by due
time. So asking costs what a day's posts cost, however long the ledger is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Float, cast, func, select
from sqlalchemy.orm import Session

from engage.posts.kinds import Platform
from engage.posts.states import DeliveryState
from engage.store.delivery_tables import AccountRow, DeliveryRow
from engage.store.takedowns import taken_down

D = DeliveryState
DAY = timedelta(days=1)
BUCKETS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0, 300.0)
"""Seconds after its time within which a post was known to be public."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lateness:
    """How late one platform's posts of the last day were known to be public.

    `within` counts those at most as late as each of `BUCKETS`; `seconds` is the sum of all lateness.
    """

    within: Sequence[int]
    count: int
    seconds: float
    median: float
    p99: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What is open now, and how the last day's posts ended. Times are UTC.

    `unknown` is without what was `handed_over` to a person. `outcomes` are by platform, state and whether it was taken down.
    """

    due: int
    oldest_due: datetime | None
    leased: int
    sending: int
    unknown: int
    needing_person: int
    handed_over: int
    outcomes: Mapping[tuple[Platform, DeliveryState, bool], int]
    lateness: Mapping[Platform, Lateness]


def work(session: Session, *, now: datetime) -> Work:
    """How delivery is doing at this moment."""
    due, oldest = session.execute(
        select(func.count(), func.min(DeliveryRow.due_at)).where(
            DeliveryRow.state == D.READY.value, DeliveryRow.due_at <= now
        )
    ).one()
    person = session.execute(select(func.count()).where(DeliveryRow.needs_person)).scalar_one()
    open_, by_hand = _open(session), _handed_over(session)
    unknown = open_.get(D.UNKNOWN, 0)
    return Work(
        due=due,
        oldest_due=oldest,
        leased=open_.get(D.LEASED, 0),
        sending=open_.get(D.SENDING, 0),
        unknown=unknown - by_hand,
        handed_over=by_hand,
        needing_person=person,
        outcomes=_outcomes(session, now),
        lateness=_lateness(session, now),
    )


def _open(session: Session) -> Mapping[DeliveryState, int]:
    states = [D.LEASED.value, D.SENDING.value, D.UNKNOWN.value]
    query = select(DeliveryRow.state, func.count()).where(DeliveryRow.state.in_(states))
    return {D(state): count for state, count in session.execute(query.group_by(DeliveryRow.state))}


def _handed_over(session: Session) -> int:
    by_hand = DeliveryRow.platform.in_([each.value for each in Platform if each.by_hand])
    query = select(func.count()).where(DeliveryRow.state == D.UNKNOWN.value, by_hand)
    return session.execute(query).scalar_one()


def _outcomes(session: Session, now: datetime) -> Mapping[tuple[Platform, DeliveryState, bool], int]:
    by = (DeliveryRow.platform, DeliveryRow.state, taken_down())
    query = (
        select(*by, func.count())
        .join(AccountRow, AccountRow.id == DeliveryRow.account_id)
        .where(DeliveryRow.due_at > now - DAY, DeliveryRow.due_at <= now)
    )
    rows = session.execute(query.group_by(*by))
    return {(Platform(platform), D(state), gone): count for platform, state, gone, count in rows}


def _lateness(session: Session, now: datetime) -> Mapping[Platform, Lateness]:
    late = cast(func.extract("epoch", DeliveryRow.sent_at - DeliveryRow.due_at), Float)
    query = (
        select(
            DeliveryRow.platform,
            func.count(),
            func.sum(late),
            func.percentile_cont(0.5).within_group(late),
            func.percentile_cont(0.99).within_group(late),
            *(func.count().filter(late <= bucket) for bucket in BUCKETS),
        )
        .join(AccountRow, AccountRow.id == DeliveryRow.account_id)
        .where(DeliveryRow.due_at > now - DAY, DeliveryRow.due_at <= now, DeliveryRow.state == D.SENT.value)
    )
    rows = session.execute(query.group_by(DeliveryRow.platform))
    return {
        Platform(platform): Lateness(
            within=within, count=count, seconds=float(total), median=float(median), p99=float(p99)
        )
        for platform, count, total, median, p99, *within in rows
    }
