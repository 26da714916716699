"""One transaction and everything that can be read or changed in it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from engage.posts.errors import Unavailable
from engage.store.audit import AuditStore
from engage.store.crime import CrimeStore
from engage.store.deliveries import DeliveryStore
from engage.store.people import PeopleStore
from engage.store.posts import PostStore, SignOffStore
from engage.store.regimes import RegimeStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """The rooms of the database, sharing one session: all is kept, or nothing."""

    session: Session
    people: PeopleStore
    posts: PostStore
    signoffs: SignOffStore
    regimes: RegimeStore
    audit: AuditStore
    crime: CrimeStore
    deliveries: DeliveryStore


def unit(session: Session) -> Unit:
    """The rooms over one session."""
    return Unit(
        session=session,
        people=PeopleStore(session),
        posts=PostStore(session),
        signoffs=SignOffStore(session),
        regimes=RegimeStore(session),
        audit=AuditStore(session),
        crime=CrimeStore(session),
        deliveries=DeliveryStore(session),
    )


@contextmanager
def transaction(engine: Engine) -> Iterator[Unit]:
    """A transaction that commits at the end, or leaves nothing behind when anything is raised.

    Raises Unavailable where the database does not answer.
    """
    try:
        with Session(engine, expire_on_commit=False) as session, session.begin():
            yield unit(session)
    except OperationalError as error:
        raise Unavailable(
            "The database did not answer; nothing was changed. Try again, and tell the operator if it stays away."
        ) from error
